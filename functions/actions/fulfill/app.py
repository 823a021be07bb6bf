"""Hands orders to the warehouse that ships them."""

from functools import partial

from orderhub.actions.hand_over import hand_over
from orderhub.actions.worker import queue_handler
from orderhub.platforms.targets import Target
from orderhub.runtime import settings

handler = queue_handler(partial(hand_over, target=Target.WAREHOUSE), lambda: settings().fulfill_queue_url, attempts=12)

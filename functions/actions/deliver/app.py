"""Hands orders to whoever brings them."""

from functools import partial

from orderhub.actions.hand_over import hand_over
from orderhub.actions.worker import queue_handler
from orderhub.platforms.targets import Target
from orderhub.runtime import settings

handler = queue_handler(partial(hand_over, target=Target.DELIVERY), lambda: settings().deliver_queue_url, attempts=12)

"""Fetches the orders that platforms only named."""

from orderhub.actions.fetch_order import fetch_order
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(fetch_order, lambda: settings().fetch_order_queue_url, attempts=12)

"""Tells platforms how many of an item a store has."""

from orderhub.actions.push_stock import push_stock
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(push_stock, lambda: settings().push_stock_queue_url, attempts=12)

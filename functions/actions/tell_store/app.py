"""Tells platforms how staff want a store and its items to be."""

from orderhub.actions.tell_store import tell_store
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(tell_store, lambda: settings().tell_store_queue_url, attempts=12)

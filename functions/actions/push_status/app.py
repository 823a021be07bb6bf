"""Tells platforms what became of their orders."""

from orderhub.actions.push_status import push_status
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(push_status, lambda: settings().push_status_queue_url, attempts=12)

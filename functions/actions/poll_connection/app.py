"""Polls one connection for orders whose webhooks never came."""

from orderhub.actions.poll_connection import poll_connection
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(poll_connection, lambda: settings().poll_queue_url, attempts=3)

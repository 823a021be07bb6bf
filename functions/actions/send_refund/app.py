"""Gives money back on the platforms."""

from orderhub.actions.send_refund import send_refund
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(send_refund, lambda: settings().send_refund_queue_url, attempts=12)

"""Sends one report to one receiver."""

from orderhub.actions.send_report import send_report
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(send_report, lambda: settings().send_report_queue_url, attempts=12)

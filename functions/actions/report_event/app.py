"""Writes what subscriptions are to hear of an event."""

from orderhub.actions.report_event import report_event
from orderhub.actions.worker import queue_handler
from orderhub.runtime import settings

handler = queue_handler(report_event, lambda: settings().report_event_queue_url, attempts=12)

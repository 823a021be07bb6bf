"""Records webhooks that could not be recorded when they came."""

from orderhub.actions.worker import queue_handler
from orderhub.intake.late import record_kept
from orderhub.runtime import settings

handler = queue_handler(lambda task: record_kept(task.body), lambda: settings().record_late_queue_url, attempts=12)

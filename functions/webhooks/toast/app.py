"""The webhook of Toast: ANY /webhooks/toast/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.toast import PLATFORM

handler = webhook_handler(PLATFORM)

"""The webhook of Shipday: ANY /webhooks/shipday/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.shipday import PLATFORM

handler = webhook_handler(PLATFORM)

"""The webhook of DoorDash: ANY /webhooks/doordash/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.doordash import PLATFORM

handler = webhook_handler(PLATFORM)

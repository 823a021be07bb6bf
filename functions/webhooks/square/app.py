"""The webhook of Square: ANY /webhooks/square/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.square import PLATFORM

handler = webhook_handler(PLATFORM)

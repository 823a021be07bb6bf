"""The webhook of GloriaFood: ANY /webhooks/gloriafood/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.gloriafood import PLATFORM

handler = webhook_handler(PLATFORM)

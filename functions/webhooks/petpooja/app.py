"""The webhook of Petpooja: ANY /webhooks/petpooja/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.petpooja import PLATFORM

handler = webhook_handler(PLATFORM)

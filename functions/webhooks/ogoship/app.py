"""The webhook of OGOship: ANY /webhooks/ogoship/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.ogoship import PLATFORM

handler = webhook_handler(PLATFORM)

"""The webhook of OpenTable: ANY /webhooks/opentable/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.opentable import PLATFORM

handler = webhook_handler(PLATFORM)

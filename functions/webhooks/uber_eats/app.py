"""The webhook of Uber Eats: ANY /webhooks/uber_eats/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.uber_eats import PLATFORM

handler = webhook_handler(PLATFORM)

"""The webhook of Jira: ANY /webhooks/jira/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.jira import PLATFORM

handler = webhook_handler(PLATFORM)

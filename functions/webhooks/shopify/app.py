"""The webhook of Shopify: ANY /webhooks/shopify/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.shopify import PLATFORM

handler = webhook_handler(PLATFORM)

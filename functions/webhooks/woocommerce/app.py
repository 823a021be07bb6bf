"""The webhook of WooCommerce: ANY /webhooks/woocommerce/{connection_id}."""

import orderhub.quickstart  # noqa: F401  (first)
from orderhub.intake.webhook import webhook_handler
from orderhub.platforms.woocommerce import PLATFORM

handler = webhook_handler(PLATFORM)

"""Names and environment of the hub that is measured. Loads nothing, so that it can be set before anything does."""

from __future__ import annotations

import os

REGION = "us-east-1"
ORDERS, CONFIG, BUCKET = "bench-orders", "bench-config", "bench-blobs"
QUEUES = {
    "FetchOrderSource": ("FetchOrder", "FETCH_ORDER_QUEUE_URL", "bench-fetch-order"),
    "PushStatusSource": ("PushStatus", "PUSH_STATUS_QUEUE_URL", "bench-push-status"),
    "PollSource": ("PollConnection", "POLL_QUEUE_URL", "bench-poll"),
}
PLATFORMS_URL = "https://platforms.example.com"

ENVIRONMENT = {
    "STAGE": "dev",
    "ORDERS_TABLE": ORDERS,
    "CONFIG_TABLE": CONFIG,
    "BLOBS_BUCKET": BUCKET,
    "SECRETS_PREFIX": "/orderhub/dev",
    "PUBLIC_URL": "",
    "ALLOW_PRIVATE_ADDRESSES": "true",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "orderhub",
    "POWERTOOLS_METRICS_NAMESPACE": "Orderhub",
    **{variable: f"https://sqs.{REGION}.amazonaws.com/123456789012/{name}" for _, variable, name in QUEUES.values()},
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""The environment of the functions, here and in the processes that are started for a measurement."""

"""Made once per process: the settings of the stack, the logger, the metrics and the clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from types import TracebackType

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit
from pydantic import BaseModel, ConfigDict

# Names the stage as well: stages of one account share the metrics' namespace, and must not add up.
SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "orderhub")
NAMESPACE = "Orderhub"


class Settings(BaseModel):
    """What template.yaml gives each function; a field is the environment variable of the same name in capitals.

    secrets_prefix: SSM path under which secrets lie; public_url: where platforms and staff reach the API;
    api_requests_per_minute: of one key, 0 for any number; allow_private_addresses: let calls reach loopback and
    private networks (the local engine only).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = "dev"
    orders_table: str = "orderhub-orders"
    config_table: str = "orderhub-config"
    blobs_bucket: str = "orderhub-blobs"
    secrets_prefix: str = "/orderhub/dev"
    fetch_order_queue_url: str = ""
    push_status_queue_url: str = ""
    poll_queue_url: str = ""
    record_late_queue_url: str = ""
    push_stock_queue_url: str = ""
    deliver_queue_url: str = ""
    fulfill_queue_url: str = ""
    tell_store_queue_url: str = ""
    send_cart_queue_url: str = ""
    send_refund_queue_url: str = ""
    report_event_queue_url: str = ""
    send_report_queue_url: str = ""
    public_url: str = ""
    oidc_issuer: str = ""
    oidc_audience: str = ""
    api_requests_per_minute: int = 600
    allow_private_addresses: bool = False


@cache
def settings() -> Settings:
    """The settings of this process, read from the environment once."""
    known = {name: os.environ[name.upper()] for name in Settings.model_fields if name.upper() in os.environ}
    return Settings.model_validate(known)


class Metric(StrEnum):
    """Every metric the code emits."""

    ORDERS_RECEIVED = "OrdersReceived"
    ORDER_LATENCY_MS = "OrderLatencyMs"
    DUPLICATE_MESSAGES = "DuplicateMessages"
    STALE_MESSAGES = "StaleMessages"
    REJECTED_SIGNATURES = "RejectedSignatures"
    QUARANTINED = "Quarantined"
    ACTION_SUCCEEDED = "ActionSucceeded"
    ACTION_FAILED = "ActionFailed"
    ACTION_RETRIED = "ActionRetried"
    POLL_LAG_SECONDS = "PollLagSeconds"
    POLL_ROWS = "PollRows"
    UNACCEPTED_ORDERS = "UnacceptedOrders"
    OVERDUE_ORDERS = "OverdueOrders"
    ACCEPTANCE_SECONDS = "AcceptanceSeconds"
    REPORTS_DELIVERED = "ReportsDelivered"
    REPORTS_FAILED = "ReportsFailed"
    SUBSCRIPTIONS_DISABLED = "SubscriptionsDisabled"


_UNITS = {
    Metric.ORDER_LATENCY_MS: MetricUnit.Milliseconds,
    Metric.POLL_LAG_SECONDS: MetricUnit.Seconds,
    Metric.ACCEPTANCE_SECONDS: MetricUnit.Seconds,
}

logger = Logger(service=SERVICE)
_metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


def count(metric: Metric, value: float = 1) -> None:
    """Adds to a metric of the current `measured` block."""
    _metrics.add_metric(name=metric, unit=_UNITS.get(metric, MetricUnit.Count), value=value)


class measured:  # noqa: N801  (reads as a statement: `with measured("square"):`)
    """A stretch of work whose metrics go out together at its end, under `service` and, if given, `platform` too."""

    def __init__(self, platform: str | None = None) -> None:
        self.platform = platform

    def __enter__(self) -> None:
        _metrics.clear_metrics()
        if self.platform:
            _metrics.add_dimensions(service=SERVICE, platform=self.platform)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if _metrics.provider.metric_set:
            _metrics.flush_metrics()
        _metrics.clear_metrics()


def now() -> datetime:
    """The time, in UTC. The one clock of the hub."""
    return datetime.now(UTC)

"""From an order's counted life to what a million of them cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import blueprint, costs
from benchmarks.costs import Call, PriceList, Usage
from benchmarks.hub import Invocation
from benchmarks.life import Life, Trail
from benchmarks.settings import ORDERS
from benchmarks.wire import Exchange
from orderhub.runtime import Metric

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
_METRICS_OF_A_ROUTE = 5


def usage_of(trail: Trail, cpu_ms: Sequence[float], cold_cpu_ms: Mapping[str, float], prices: PriceList) -> Usage:
    """What the invocations took. cpu_ms: of each of them; cold_cpu_ms: of a cold start, by function."""
    calls = [
        _call(invocation, cpu, cold_cpu_ms.get(invocation.function, 0.0), prices)
        for invocation, cpu in zip(trail.invocations, cpu_ms, strict=True)
    ]
    return Usage(
        http_requests=sum(_is_http(invocation) for invocation in trail.invocations),
        calls=calls,
        write_units=trail.write_units.total(),
        read_units=trail.read_units,
        stream_records=sum(write.table == ORDERS and write.before != write.after for write in trail.writes),
        stored_bytes=trail.stored,
        queue_requests=sum(_queue_requests(exchange) for exchange in trail.exchanges),
        log_bytes=trail.log,
        data_out_bytes=sum(_bytes_out(invocation) for invocation in trail.invocations),
        large_bodies=sum(exchange.call.service == "s3" for exchange in trail.exchanges),
    )


def idle(lives: Sequence[Life], prices: PriceList) -> dict[str, float]:
    """What the stack takes in a month by being there."""
    resources = [resource["Properties"] for resource in blueprint.template()["Resources"].values()]
    events = [event for one in resources for event in one.get("Events", {}).values()]
    sources = [json.dumps(one["EventSourceArn"]) for one in resources if "EventSourceArn" in one]
    return costs.idle_counts(
        alarms=blueprint.count_of("AWS::CloudWatch::Alarm"),
        dashboards=blueprint.count_of("AWS::CloudWatch::Dashboard"),
        keys=blueprint.count_of("AWS::KMS::Key"),
        metrics=_metrics(lives) + _route_metrics(events),
        queues=sum("Queue" in source for source in sources),
        scheduled=sum(event["Type"].startswith("Schedule") for event in events),
        known=prices.assumptions,
    )


def _metrics(lives: Sequence[Life]) -> int:
    """Every metric that the code can emit, for each platform; and once more for each further set of dimensions."""
    logs = [invocation.log for life in lives for invocation in life.trail.invocations]
    emitted = [json.loads(line) for log in logs for line in log.splitlines() if line.startswith('{"_aws"')]
    sets = max(len(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]) for line in emitted)
    return len(Metric) * (len(lives) + sets - 1)


def _route_metrics(events: Sequence[Mapping[str, Any]]) -> int:
    """Detailed metrics of the HTTP API: five for each route, if they are on."""
    api = blueprint.template()["Resources"]["HttpApi"]["Properties"]
    if not api.get("DefaultRouteSettings", {}).get("DetailedMetricsEnabled", False):
        return 0
    routes = [event for event in events if event["Type"] == "HttpApi"]
    return _METRICS_OF_A_ROUTE * len(routes)


def _call(invocation: Invocation, cpu_ms: float, cold_cpu_ms: float, prices: PriceList) -> Call:
    function = blueprint.functions()[invocation.function]
    waits = sum(prices.assumptions[_wait_of(exchange)] for exchange in invocation.exchanges)
    return Call(invocation.function, function.memory, cpu_ms, cold_cpu_ms, waits, function.tracing, function.reported)


def _wait_of(exchange: Exchange) -> str:
    transaction = exchange.call.operation.startswith("Transact")
    return f"{exchange.call.service}_{'transaction_' if transaction else ''}ms"


def _is_http(invocation: Invocation) -> bool:
    return isinstance(invocation.result, Mapping) and "statusCode" in invocation.result


def _queue_requests(exchange: Exchange) -> int:
    """Sending a batch is one request; Lambda receives and deletes each of its messages."""
    if exchange.call.service != "sqs":
        return 0
    entries = json.loads(exchange.call.body).get("Entries", [])
    return 1 + 2 * len(entries)


def _bytes_out(invocation: Invocation) -> int:
    """Bytes that leave AWS: our answers, and our calls to platforms."""
    answered = len(str(invocation.result.get("body", "")).encode()) if _is_http(invocation) else 0
    calls = (exchange.call for exchange in invocation.exchanges if exchange.call.service == "http")
    return answered + sum(len(call.body) + len(call.path) + _header_bytes(call.headers) for call in calls)


def _header_bytes(headers: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())

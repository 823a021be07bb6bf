"""``python -m local.status``: queues, metrics and alarms of the running hub, which the local engine does not show.

Depths come from the queues, metrics from what the functions wrote to their logs (CloudWatch's embedded metric format),
errors and throttles from the engine. Each alarm of the template is compared with those. ``--json`` is for programs.
Ends with 1 when no hub runs from this folder.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import boto3
from rich.console import Console
from rich.table import Table

from local.settings import STACK_NAME, LaunchError, Settings, point_at_engine

WINDOW_SECONDS = 3600
# A metric: namespace, name, and its dimensions as sorted pairs. A point: seconds since the epoch, value.
Metric = tuple[str, str, tuple[tuple[str, str], ...]]
Point = tuple[float, float]

DEPTHS = {
    "waiting": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
    "Average": fmean,
    "SampleCount": len,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
ENGINE_METRICS = ("Errors", "Throttles", "Invocations", "Duration")


def queues() -> list[dict[str, Any]]:
    """Each queue of the stack by its name in the template, with its depths."""
    sqs, formation = boto3.client("sqs"), boto3.client("cloudformation")
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=STACK_NAME)
    found = []
    for resource in (resource for page in pages for resource in page["StackResourceSummaries"]):
        if resource["ResourceType"] == "AWS::SQS::Queue":
            url = resource["PhysicalResourceId"]
            answer: dict[str, Any] = {**sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])}
            counts = {name: int(answer["Attributes"][attribute]) for name, attribute in DEPTHS.items()}
            found.append({"queue": resource["LogicalResourceId"], "name": url.rsplit("/", 1)[-1], **counts})
    return sorted(found, key=lambda row: str(row["queue"]))


def logged_metrics(since: float) -> dict[Metric, list[Point]]:
    """The points of every metric in the functions' logs since then (seconds), oldest first."""
    logs = boto3.client("logs")
    points: dict[Metric, list[Point]] = defaultdict(list)
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/lambda/"):
        for group in page["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"], startTime=int(since * 1000)
            )
            for message in (event["message"] for events in pages for event in events["events"]):
                for metric, point in metrics_of_line(message):
                    points[metric].append(point)
    return {metric: sorted(series) for metric, series in points.items()}


def metrics_of_line(line: str) -> Iterator[tuple[Metric, Point]]:
    """The metrics a log line carries, one point for each value; none if it is any other line."""
    if '"CloudWatchMetrics"' not in line:
        return
    try:
        entry = json.loads(line)
        directives, stamp = entry["_aws"]["CloudWatchMetrics"], entry["_aws"]["Timestamp"] / 1000
    except (ValueError, KeyError, TypeError):
        return
    for directive in directives:
        for names in directive["Dimensions"]:
            dimensions = tuple(sorted((name, str(entry[name])) for name in names))
            for metric in directive["Metrics"]:
                values = entry[metric["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield (directive["Namespace"], metric["Name"], dimensions), (stamp, float(value))


def engine_metric(alarm: dict[str, Any], since: float) -> list[Point]:
    """The points of a metric the engine keeps of each function."""
    answer = boto3.client("cloudwatch").get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        StartTime=since,
        EndTime=time.time(),
        Period=60,
        Statistics=[alarm["Statistic"]],
    )
    return [(point["Timestamp"].timestamp(), point[alarm["Statistic"]]) for point in answer["Datapoints"]]


def alarms(depths: list[dict[str, Any]], logged: dict[Metric, list[Point]], now: float) -> list[dict[str, Any]]:
    """Each alarm with its state as these measurements give it: ``alarm``, ``ok``, or ``not measured`` here."""
    waiting = {row["name"]: float(row["waiting"]) for row in depths}
    found = []
    for page in boto3.client("cloudwatch").get_paginator("describe_alarms").paginate():
        for alarm in page["MetricAlarms"]:
            points = points_of(alarm, waiting, logged, now)
            if points is None or alarm.get("Statistic") not in STATISTICS:
                state = "not measured"
            else:
                state = "alarm" if breached(alarm, points, now) else "ok"
            about = alarm.get("AlarmDescription", "")
            found.append({"alarm": alarm["AlarmName"], "state": state, "description": about})
    return found


def points_of(
    alarm: dict[str, Any], waiting: dict[str, float], logged: dict[Metric, list[Point]], now: float
) -> list[Point] | None:
    """The points an alarm looks at, or None where nothing here measures them."""
    namespace, name = alarm.get("Namespace", ""), alarm.get("MetricName", "")
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm.get("Dimensions", [])}
    if namespace == "AWS/SQS" and name == "ApproximateNumberOfMessagesVisible":
        return [(now, waiting.get(dimensions["QueueName"], 0.0))]
    if namespace == "AWS/Lambda" and name in ENGINE_METRICS:
        return engine_metric(alarm, now - alarm["Period"] * alarm["EvaluationPeriods"])
    if not namespace or namespace.startswith("AWS/"):
        return None
    return logged.get((namespace, name, tuple(sorted(dimensions.items()))), [])


def breached(alarm: dict[str, Any], points: list[Point], now: float) -> bool:
    """Whether each of the alarm's last periods breaches its threshold; a period without points does not."""
    compare, threshold = COMPARISONS[alarm["ComparisonOperator"]], alarm["Threshold"]
    period = alarm["Period"]
    for index in range(alarm["EvaluationPeriods"]):
        values = [value for stamp, value in points if now - (index + 1) * period < stamp <= now - index * period]
        if not values or not compare(STATISTICS[alarm["Statistic"]](values), threshold):
            return False
    return True


def collect(now: float) -> dict[str, Any]:
    """The whole status; metrics and alarms look back over the last hour."""
    depths, logged = queues(), logged_metrics(now - WINDOW_SECONDS)
    metrics = [
        {
            "metric": f"{namespace}/{name}",
            "dimensions": dict(dimensions),
            "last": points[-1][1],
            "sum": sum(value for _, value in points),
            "count": len(points),
        }
        for (namespace, name, dimensions), points in sorted(logged.items())
    ]
    return {"queues": depths, "metrics": metrics, "alarms": alarms(depths, logged, now)}


def show(status: dict[str, Any]) -> None:
    """Print the status as tables; of the alarms those that would be firing."""
    console = Console()
    tables = {"queues": "Queues", "metrics": f"Metrics of the last {WINDOW_SECONDS // 60} minutes"}
    for kind, title in tables.items():
        columns = [name for name in (status[kind] or [{}])[0] if name != "name"]
        table = Table(*columns, title=title, title_justify="left")
        for row in status[kind]:
            table.add_row(*(as_text(row[name]) for name in columns))
        console.print(table)
    firing = [alarm for alarm in status["alarms"] if alarm["state"] == "alarm"]
    unmeasured = sum(alarm["state"] == "not measured" for alarm in status["alarms"])
    for alarm in firing:
        console.print(f"[bold red]ALARM[/] {alarm['alarm']}: {alarm['description']}")
    console.print(f"{len(firing)} of {len(status['alarms'])} alarms firing, {unmeasured} not measured here")


def as_text(value: object) -> str:
    """One cell of a table."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={inner}" for name, inner in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def main() -> int:
    """Show the status of the hub that runs from this folder."""
    parser = argparse.ArgumentParser(prog="python -m local.status", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()
    try:
        settings = running(Path.cwd())
    except LaunchError as error:
        print(error, file=sys.stderr)
        return 1
    point_at_engine(os.environ, settings.endpoint)
    status = collect(time.time())
    if arguments.json:
        print(json.dumps(status, indent=2))
    else:
        show(status)
    return 0


def running(project: Path) -> Settings:
    """The settings of the hub running from this folder. Raises LaunchError when none does."""
    settings = Settings(project)
    text = settings.lock_file.read_text(encoding="utf-8") if settings.lock_file.exists() else ""
    if not text:
        raise LaunchError("No hub runs from this folder: start it with make run.")
    return Settings(project, port=json.loads(text)["port"])


if __name__ == "__main__":
    sys.exit(main())

"""The local status view reads metrics from log lines and compares alarms as CloudWatch would."""

import json
from typing import Any

import pytest

from local import status

NOW = 1_800_000_000.0
METRIC = ("Orderhub", "Quarantined", (("service", "orderhub"),))


def log_line(**values: Any) -> str:
    directive = {
        "Namespace": "Orderhub",
        "Dimensions": [["service"], ["platform", "service"]],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in values],
    }
    envelope = {"_aws": {"Timestamp": int(NOW * 1000), "CloudWatchMetrics": [directive]}}
    return json.dumps({**envelope, "service": "orderhub", "platform": "square", **values})


def test_each_value_of_a_metric_line_is_a_point_under_each_set_of_dimensions() -> None:
    both = (("platform", "square"), ("service", "orderhub"))
    assert list(status.metrics_of_line(log_line(Quarantined=[1.0, 2.0], PollRows=5))) == [
        (METRIC, (NOW, 1.0)),
        (METRIC, (NOW, 2.0)),
        (("Orderhub", "PollRows", (("service", "orderhub"),)), (NOW, 5.0)),
        (("Orderhub", "Quarantined", both), (NOW, 1.0)),
        (("Orderhub", "Quarantined", both), (NOW, 2.0)),
        (("Orderhub", "PollRows", both), (NOW, 5.0)),
    ]


@pytest.mark.parametrize("line", ["START RequestId: 1", '{"message": "CloudWatchMetrics"}', '"CloudWatchMetrics" {'])
def test_other_lines_hold_no_metric(line: str) -> None:
    assert list(status.metrics_of_line(line)) == []


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "AlarmName": "quarantined",
        "Namespace": "Orderhub",
        "MetricName": "Quarantined",
        "Dimensions": [{"Name": "service", "Value": "orderhub"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 3.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        **more,
    }


@pytest.mark.parametrize(
    ("changes", "points", "expected"),
    [
        ({}, [(NOW - 10, 1.0), (NOW - 5, 2.0)], True),
        ({}, [(NOW - 10, 1.0), (NOW - 65, 2.0)], False),
        ({}, [], False),
        ({"Statistic": "Maximum"}, [(NOW - 10, 1.0), (NOW - 5, 2.0)], False),
        ({"EvaluationPeriods": 2}, [(NOW - 10, 3.0)], False),
        ({"EvaluationPeriods": 2}, [(NOW - 10, 3.0), (NOW - 70, 4.0)], True),
        ({"ComparisonOperator": "GreaterThanThreshold"}, [(NOW, 3.0)], False),
    ],
)
def test_an_alarm_fires_when_each_of_its_periods_breaches(
    changes: dict[str, Any], points: list[tuple[float, float]], expected: bool
) -> None:
    assert status.breached(alarm(**changes), points, NOW) is expected


def test_an_alarm_looks_at_the_points_of_its_own_dimensions() -> None:
    other = (METRIC[0], METRIC[1], (("platform", "square"), ("service", "orderhub")))
    logged = {METRIC: [(NOW, 1.0)], other: [(NOW, 9.0)]}
    assert status.points_of(alarm(), {}, logged, NOW) == [(NOW, 1.0)]


def test_a_queue_alarm_looks_at_the_queue_as_it_is() -> None:
    depth = alarm(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "poll-dlq"}],
    )
    assert status.points_of(depth, {"poll-dlq": 4.0}, {}, NOW) == [(NOW, 4.0)]


def test_what_nothing_here_measures_is_said_so() -> None:
    age = alarm(Namespace="AWS/SQS", MetricName="ApproximateAgeOfOldestMessage")
    assert status.points_of(age, {}, {}, NOW) is None

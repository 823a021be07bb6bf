"""Alarms and dashboard watch what the code emits, all of it."""

import pytest

from orderhub.runtime import NAMESPACE, Metric
from tests.template.cloudformation import Template, load, names, properties, text
from tests.template.rules import metrics

TEMPLATE = load()
SERVICE = "orderhub-${Stage}"
EMITTED = {metric.value for metric in Metric}
# Counted by the dashboard's viewers and by nobody's pager: figures that are neither good nor bad by themselves.
WITHOUT_ALARM = {
    "AcceptanceSeconds",
    "ActionRetried",
    "ActionSucceeded",
    "DuplicateMessages",
    "OrderLatencyMs",
    "OrdersReceived",
    "PollRows",
    "ReportsDelivered",
    "ReportsFailed",
    "StaleMessages",
}
DASHBOARD_COLUMNS = 24

every_alarm = pytest.mark.parametrize("alarm", names(TEMPLATE, metrics.ALARM))


@every_alarm
def test_an_alarm_tells_someone_what_it_means(stack: Template, alarm: str) -> None:
    assert metrics.alarm_speaks_to_someone(stack, alarm) == []


@every_alarm
def test_an_alarm_watches_a_series_that_the_code_emits(stack: Template, alarm: str) -> None:
    assert metrics.alarm_watches_what_the_code_emits(stack, alarm, EMITTED, SERVICE) == []


def test_every_bad_figure_has_an_alarm(stack: Template) -> None:
    assert metrics.alarm_metrics(stack) == EMITTED - WITHOUT_ALARM


def test_the_dashboard_shows_what_the_code_emits_all_of_it_and_nothing_else(stack: Template) -> None:
    assert metrics.dashboard_shows_what_the_code_emits(stack, "Dashboard", EMITTED) == []


def test_the_dashboard_searches_in_a_way_that_cloudwatch_understands(stack: Template) -> None:
    assert metrics.dashboard_searches_for_one_metric_of_this_stack(stack, "Dashboard") == []


def test_the_dashboards_widgets_fit_side_by_side(stack: Template) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in metrics.dashboard_widgets(stack, "Dashboard"):
        cells = {
            (column, row)
            for column in range(widget["x"], widget["x"] + widget["width"])
            for row in range(widget["y"], widget["y"] + widget["height"])
        }
        assert widget["x"] + widget["width"] <= DASHBOARD_COLUMNS, widget["properties"]["title"]
        assert not cells & taken, widget["properties"]["title"]
        taken |= cells


def test_the_dashboard_shows_every_queue(stack: Template) -> None:
    shown = {
        row[3]
        for widget in metrics.dashboard_widgets(stack, "Dashboard")
        for row in widget["properties"]["metrics"]
        if row[0] == "AWS/SQS"
    }
    assert shown == {f"${{{queue}.QueueName}}" for queue in names(TEMPLATE, "AWS::SQS::Queue")}


def test_the_functions_name_their_metrics_as_the_alarms_do(stack: Template) -> None:
    for function in names(stack, "AWS::Lambda::Function"):
        variables = properties(stack, function)["Environment"]["Variables"]
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == NAMESPACE
        assert text(variables["POWERTOOLS_SERVICE_NAME"]) == SERVICE


def test_alarms_may_use_the_key_of_their_topic(stack: Template) -> None:
    """With the account's own key CloudWatch is refused, and the alarm reaches nobody."""
    assert properties(stack, "AlarmTopic")["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    allowed = [
        statement["Action"]
        for statement in properties(stack, "AlarmKey")["KeyPolicy"]["Statement"]
        if statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]
    assert allowed == [["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]]


def test_no_log_level_drops_the_metrics(template: Template) -> None:
    """Metrics are log lines without a level, which Lambda counts as INFO."""
    assert template["Parameters"]["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]

"""Rules of the dashboard and of every alarm."""

import json
import re
from typing import Any

from tests.template.cloudformation import Template, names, properties, text

ALARM = "AWS::CloudWatch::Alarm"
SEARCH = re.compile(
    r"SEARCH\('\{[\w/]+(,\w+)+\} "
    r'MetricName="\w+" (service="orderhub-\$\{Stage\}"|orderhub \$\{Stage\})'
    r"', '(Sum|Maximum|p\d\d)', \d+\)"
)


def alarms_on(stack: Template, namespace: str, metric: str, dimension: tuple[str, str]) -> list[str]:
    """The alarms that watch one metric of one thing."""
    wanted = [{"Name": dimension[0], "Value": dimension[1]}]
    return [
        name
        for name in names(stack, ALARM)
        if (alarm := properties(stack, name))["Namespace"] == namespace
        and alarm["MetricName"] == metric
        and [{"Name": d["Name"], "Value": text(d["Value"])} for d in alarm.get("Dimensions", [])] == wanted
    ]


def dashboard_widgets(stack: Template, name: str) -> list[dict[str, Any]]:
    """The widgets of a dashboard. Placeholders stand in JSON strings, so the body is JSON before they are filled in."""
    body: dict[str, list[dict[str, Any]]] = json.loads(text(properties(stack, name)["DashboardBody"]))
    return body["widgets"]


def _metric_rows(stack: Template, name: str) -> list[list[Any]]:
    """The rows of every widget: a metric's names, or an expression."""
    return [row for widget in dashboard_widgets(stack, name) for row in widget["properties"]["metrics"]]


def _searches(stack: Template, name: str) -> list[str]:
    """The search expressions of a dashboard."""
    return [row[0]["expression"] for row in _metric_rows(stack, name) if isinstance(row[0], dict)]


def dashboard_searches_for_one_metric_of_this_stack(stack: Template, name: str) -> list[str]:
    """CloudWatch takes any text for a dashboard, and shows a search that it cannot read as an empty graph."""
    return [f"{name} searches for {search}" for search in _searches(stack, name) if not SEARCH.fullmatch(search)]


def dashboard_metrics(stack: Template, name: str) -> set[str]:
    """Our own metrics that a dashboard shows, listed or searched for."""
    listed = {row[1] for row in _metric_rows(stack, name) if row[0] == "Orderhub"}
    return listed | {
        found
        for search in _searches(stack, name)
        if "{Orderhub," in search
        for found in re.findall(r'MetricName="(\w+)"', search)
    }


def alarm_metrics(stack: Template) -> set[str]:
    """Our own metrics that alarms watch."""
    alarms = [properties(stack, name) for name in names(stack, ALARM)]
    return {alarm["MetricName"] for alarm in alarms if alarm["Namespace"] == "Orderhub"}


def dashboard_shows_what_the_code_emits(stack: Template, name: str, emitted: set[str]) -> list[str]:
    shown = dashboard_metrics(stack, name)
    return [f"{name} shows {metric}, which nothing emits" for metric in sorted(shown - emitted)] + [
        f"{name} does not show {metric}" for metric in sorted(emitted - shown)
    ]


def alarm_speaks_to_someone(stack: Template, name: str) -> list[str]:
    alarm = properties(stack, name)
    topic = [{"Ref": "AlarmTopic"}]
    problems = [f"{name} has no {key}" for key in ("AlarmActions", "OKActions") if alarm.get(key) != topic]
    if not alarm.get("AlarmDescription"):
        problems.append(f"{name} does not say what it means")
    if alarm.get("TreatMissingData") != "notBreaching":
        problems.append(f"{name} goes off, or stays on, when nothing happens")
    return problems


def alarm_watches_what_the_code_emits(stack: Template, name: str, emitted: set[str], service: str) -> list[str]:
    """An alarm on a metric or dimension that does not exist is for ever silent."""
    alarm = properties(stack, name)
    if alarm["Namespace"] != "Orderhub":
        return []
    problems = [] if alarm["MetricName"] in emitted else [f"{name} watches {alarm['MetricName']}, which nothing emits"]
    if [{"Name": d["Name"], "Value": text(d["Value"])} for d in alarm["Dimensions"]] != [
        {"Name": "service", "Value": service}
    ]:
        problems.append(f"{name} watches dimensions that nothing emits")
    return problems

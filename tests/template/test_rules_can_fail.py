"""Each rule finds the mistake it is there for: a template is spoiled in one place, and the rule must say so."""

import inspect
from collections.abc import Callable
from copy import deepcopy
from types import ModuleType
from typing import Any

import pytest

from orderhub.runtime import Metric, Settings
from tests.template.cloudformation import Template
from tests.template.rules import api, functions, metrics, permissions, queues, storage

Rule = Callable[..., list[str]]

REMOVED = object()
MODULES: tuple[ModuleType, ...] = (api, functions, metrics, permissions, queues, storage)
EMITTED = {metric.value for metric in Metric}

# What a rule compares the template with.
COMPARED_WITH: dict[Rule, tuple[object, ...]] = {
    functions.function_gets_known_variables: ({field.upper() for field in Settings.model_fields},),
    metrics.dashboard_shows_what_the_code_emits: (EMITTED,),
    metrics.alarm_watches_what_the_code_emits: (EMITTED, "orderhub-${Stage}"),
}

ANY_ORIGIN = {"allowOrigins": ["*"], "allowCredentials": True}
EVERY_INDEX = [{"Fn::Sub": "${OrdersTable.Arn}/index/*"}]
EVERY_QUEUE = ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]
INVENTED = '{"widgets": [{"properties": {"metrics": [["Orderhub", "Invented", "service", "orderhub"]]}}]}'
UNREADABLE = '{"widgets": [{"properties": {"metrics": [[{"expression": "SEARCH({Orderhub,service} x)"}]]}}]}'
PRIVATE_ROUTE = {"ApiId": "x", "Method": "ANY", "Path": "/webhooks/square/{connection_id}", "Auth": {"Authorizer": "x"}}
DEAD_LETTERS = {"Fn::GetAtt": ["PollDLQ", "Arn"]}

# A rule, the resource it looks at, the place that is spoiled (Resource.property...; . stands for its Properties), and
# what is put there.
MISTAKES: list[tuple[Rule, str, str, object]] = [
    (functions.function_keeps_logs_for_a_set_time, "Api", "ApiLogs", REMOVED),
    (functions.function_keeps_logs_for_a_set_time, "Api", "ApiLogs.RetentionInDays", REMOVED),
    (functions.function_keeps_logs_for_a_set_time, "Api", "ApiLogs.LogGroupName", "/aws/lambda/other"),
    (functions.function_has_limits, "Api", "Api.Timeout", REMOVED),
    (functions.function_has_limits, "Api", "Api.MemorySize", REMOVED),
    (functions.function_has_an_error_alarm, "Api", "ApiErrors", REMOVED),
    (functions.function_has_an_error_alarm, "Api", "ApiErrors.MetricName", "Duration"),
    (functions.function_gets_known_variables, "Api", "Api.Environment.Variables.UNKNOWN", "x"),
    (functions.function_gets_known_variables, "Api", "Api.Environment.Variables.ORDERS_TABLE", REMOVED),
    (functions.function_runs_the_one_runtime, "Api", "Api.Runtime", "python3.11"),
    (functions.function_runs_the_one_runtime, "Api", "Api.TracingConfig", REMOVED),
    (functions.api_function_answers_before_the_gateway_gives_up, "Api", "Api.Timeout", 30),
    (queues.queue_gives_up_into_a_dead_letter_queue, "PollQueue", "PollQueue.RedrivePolicy", REMOVED),
    (queues.queue_gives_up_into_a_dead_letter_queue, "PollQueue", "PollDLQ.MessageRetentionPeriod", 345_600),
    (queues.queue_gives_up_into_a_dead_letter_queue, "PollQueue", "PollDLQ.RedriveAllowPolicy", REMOVED),
    (queues.queue_has_an_alarm, "PollQueue", "PollQueueAge", REMOVED),
    (queues.queue_has_an_alarm, "PollDLQ", "PollDLQDepth", REMOVED),
    (queues.queue_has_an_alarm, "PollDLQ", "PollDLQDepth.Threshold", 10),
    (queues.queue_is_encrypted, "PollQueue", "PollQueue.SqsManagedSseEnabled", False),
    (queues.queue_has_one_consumer, "PollQueue", "PollConnectionSource", REMOVED),
    (queues.queue_has_one_consumer, "PollDLQ", "PollConnectionSource.EventSourceArn", DEAD_LETTERS),
    (queues.queue_consumer_works_one_message_at_a_time, "PollConnectionSource", "PollConnectionSource.BatchSize", 10),
    (
        queues.queue_consumer_works_one_message_at_a_time,
        "PollConnectionSource",
        "PollConnectionSource.FunctionResponseTypes",
        REMOVED,
    ),
    (
        queues.queue_consumer_works_one_message_at_a_time,
        "PollConnectionSource",
        "PollConnectionSource.ScalingConfig",
        REMOVED,
    ),
    (queues.queue_hides_a_message_while_it_is_worked_on, "PollConnectionSource", "PollConnection.Timeout", 121),
    (queues.queue_hides_a_message_while_it_is_worked_on, "PollConnectionSource", "PollQueue.VisibilityTimeout", 30),
    (queues.stream_consumer_loses_nothing, "DispatchSource", "DispatchSource.StartingPosition", "LATEST"),
    (queues.stream_consumer_loses_nothing, "DispatchSource", "DispatchSource.DestinationConfig", REMOVED),
    (queues.stream_consumer_loses_nothing, "DispatchSource", "DispatchSource.MaximumRecordAgeInSeconds", REMOVED),
    (queues.stream_consumer_loses_nothing, "DispatchSource", "DispatchSource.BisectBatchOnFunctionError", False),
    (permissions.role_names_what_it_may_touch, "ApiRole", "ApiRole.Policies.0.PolicyDocument.Statement.0.Action", "*"),
    (
        permissions.role_names_what_it_may_touch,
        "ApiRole",
        "ApiRole.Policies.0.PolicyDocument.Statement.0.Action",
        ["dynamodb:GetItem", "dynamodb:Put*"],
    ),
    (
        permissions.role_names_what_it_may_touch,
        "ApiRole",
        "ApiRole.Policies.0.PolicyDocument.Statement.0.Resource",
        "*",
    ),
    (
        permissions.role_names_what_it_may_touch,
        "ApiRole",
        "ApiRole.Policies.0.PolicyDocument.Statement.0.Resource",
        EVERY_INDEX,
    ),
    (
        permissions.role_names_what_it_may_touch,
        "ApiRole",
        "ApiRole.Policies.0.PolicyDocument.Statement.0.NotAction",
        "iam:PassRole",
    ),
    (permissions.role_has_no_broad_managed_policy, "ApiRole", "ApiRole.ManagedPolicyArns", EVERY_QUEUE),
    (
        permissions.resource_policy_lets_in_only_aws_services_and_the_account,
        "AlarmTopicPolicy",
        "AlarmTopicPolicy.PolicyDocument.Statement.0.Principal",
        "*",
    ),
    (
        permissions.resource_policy_lets_in_only_aws_services_and_the_account,
        "AlarmKey",
        "AlarmKey.KeyPolicy.Statement.1.Condition",
        REMOVED,
    ),
    (storage.table_is_safe, "OrdersTable", "OrdersTable.PointInTimeRecoverySpecification", REMOVED),
    (storage.table_is_safe, "OrdersTable", "OrdersTable.SSESpecification", REMOVED),
    (storage.table_is_safe, "OrdersTable", "OrdersTable.DeletionProtectionEnabled", False),
    (storage.bucket_is_private, "BlobsBucket", "BlobsBucket.PublicAccessBlockConfiguration.BlockPublicPolicy", False),
    (storage.bucket_is_private, "BlobsBucket", "BlobsBucket.BucketEncryption", REMOVED),
    (storage.bucket_is_private, "BlobsBucket", "BlobsBucketPolicy", REMOVED),
    (storage.data_outlives_the_stack, "OrdersTable", "OrdersTable/DeletionPolicy", "Delete"),
    (storage.data_outlives_the_stack, "OrdersTable", "OrdersTable/UpdateReplacePolicy", REMOVED),
    (api.api_admits_no_strange_origin, "HttpApi", "HttpApi.Body.x-amazon-apigateway-cors", ANY_ORIGIN),
    (metrics.dashboard_shows_what_the_code_emits, "Dashboard", "Dashboard.DashboardBody", INVENTED),
    (metrics.dashboard_searches_for_one_metric_of_this_stack, "Dashboard", "Dashboard.DashboardBody", UNREADABLE),
    (metrics.alarm_speaks_to_someone, "ApiErrors", "ApiErrors.AlarmActions", REMOVED),
    (metrics.alarm_speaks_to_someone, "ApiErrors", "ApiErrors.AlarmDescription", REMOVED),
    (metrics.alarm_speaks_to_someone, "ApiErrors", "ApiErrors.TreatMissingData", "missing"),
    (metrics.alarm_watches_what_the_code_emits, "PollBehind", "PollBehind.MetricName", "Invented"),
    (metrics.alarm_watches_what_the_code_emits, "PollBehind", "PollBehind.Dimensions", []),
]
# The same on the template as it is written, where routes stand.
ROUTE_MISTAKES: list[tuple[Rule, str, str, object]] = [
    (
        api.webhook_route_matches_its_slug,
        "WebhookSquare",
        "WebhookSquare.Events.Webhook.Properties.Path",
        "/webhooks/shopify/{connection_id}",
    ),
    (api.webhook_route_matches_its_slug, "WebhookSquare", "WebhookSquare.Events.Webhook.Properties", PRIVATE_ROUTE),
]


def spoil(template: Template, where: str, value: object) -> Template:
    """A copy with another value at a place under Resources, or with nothing there."""
    copy = deepcopy(template)
    steps = where.replace(".", "/Properties/", 1).replace(".", "/").split("/")
    place: Any = copy["Resources"]
    for step in steps[:-1]:
        place = place[int(step) if step.isdigit() else step]
    if value is REMOVED:
        del place[steps[-1]]
    else:
        place[steps[-1]] = value
    return copy


def described(part: object) -> str | None:
    """A readable part of a test id; None leaves it to pytest."""
    if part is REMOVED:
        return "removed"
    return part.__name__ if inspect.isfunction(part) else None


def finds(rule: Rule, template: Template, name: str) -> bool:
    """Whether a rule has something to say."""
    return rule(template, name, *COMPARED_WITH.get(rule, ())) != []


@pytest.mark.parametrize(("rule", "name", "where", "value"), MISTAKES, ids=described)
def test_a_rule_finds_its_mistake(stack: Template, rule: Rule, name: str, where: str, value: object) -> None:
    assert not finds(rule, stack, name)
    assert finds(rule, spoil(stack, where, value), name)


@pytest.mark.parametrize(("rule", "name", "where", "value"), ROUTE_MISTAKES, ids=described)
def test_a_rule_of_routes_finds_its_mistake(
    template: Template, rule: Rule, name: str, where: str, value: object
) -> None:
    assert not finds(rule, template, name)
    assert finds(rule, spoil(template, where, value), name)


def test_every_rule_is_tried_here() -> None:
    """A new rule comes with a mistake that it finds."""
    written = {
        thing
        for module in MODULES
        for _, thing in inspect.getmembers(module, inspect.isfunction)
        if thing.__module__ == module.__name__
        and not thing.__name__.startswith("_")
        and list(inspect.signature(thing).parameters)[1:2] == ["name"]
    }
    readers = {metrics.dashboard_widgets, metrics.dashboard_metrics}
    assert written - readers == {rule for rule, *_ in MISTAKES + ROUTE_MISTAKES}

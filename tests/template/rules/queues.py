"""Rules of every queue, and of what reads queues and streams."""

from tests.template.cloudformation import Template, names, properties, text
from tests.template.rules.metrics import alarms_on

QUEUE = "AWS::SQS::Queue"
MAPPING = "AWS::Lambda::EventSourceMapping"

VISIBILITY_PER_TIMEOUT = 6  # AWS's advice for a queue that Lambda reads
DEFAULT_RETENTION = 345_600  # seconds a message stays in a queue that does not say
STREAM_RETENTION = 86_400  # seconds a record stays in a table's stream


def dead_letter_queues(stack: Template) -> set[str]:
    """Queues that another queue or an event source gives up into."""
    redrives = (properties(stack, queue).get("RedrivePolicy", {}) for queue in names(stack, QUEUE))
    failures = (
        properties(stack, mapping).get("DestinationConfig", {}).get("OnFailure", {})
        for mapping in names(stack, MAPPING)
    )
    arns = [redrive.get("deadLetterTargetArn") for redrive in redrives] + [f.get("Destination") for f in failures]
    return {text(arn).removeprefix("${").removesuffix(".Arn}") for arn in arns if arn}


def queue_gives_up_into_a_dead_letter_queue(stack: Template, name: str) -> list[str]:
    if name in dead_letter_queues(stack):
        return []
    queue = properties(stack, name)
    redrive = queue.get("RedrivePolicy")
    if not redrive:
        return [f"{name} tries a message that cannot succeed until it expires, and then loses it"]
    target = properties(stack, text(redrive["deadLetterTargetArn"]).removeprefix("${").removesuffix(".Arn}"))
    if not target:
        return [f"{name} gives up into a queue outside the template"]
    problems = []
    if target.get("MessageRetentionPeriod", DEFAULT_RETENTION) <= queue.get(
        "MessageRetentionPeriod", DEFAULT_RETENTION
    ):
        problems.append(f"{name} keeps messages as long as its dead-letter queue, which counts from the first arrival")
    allowed = [text(arn).rpartition(":")[2] for arn in target.get("RedriveAllowPolicy", {}).get("sourceQueueArns", [])]
    if allowed != [text(queue["QueueName"])]:
        problems.append(f"the dead-letter queue of {name} is open to other queues")
    return problems


def queue_has_an_alarm(stack: Template, name: str) -> list[str]:
    dead = name in dead_letter_queues(stack)
    metric = "ApproximateNumberOfMessagesVisible" if dead else "ApproximateAgeOfOldestMessage"
    alarms = alarms_on(stack, "AWS/SQS", metric, ("QueueName", f"${{{name}.QueueName}}"))
    if not alarms:
        return [f"{name} has no alarm on {metric}"]
    if dead and any(properties(stack, alarm)["Threshold"] > 1 for alarm in alarms):
        return [f"{name} may hold a message without an alarm"]
    return []


def queue_is_encrypted(stack: Template, name: str) -> list[str]:
    return [] if properties(stack, name).get("SqsManagedSseEnabled") is True else [f"{name} is not encrypted"]


def queue_has_one_consumer(stack: Template, name: str) -> list[str]:
    wanted = 0 if name in dead_letter_queues(stack) else 1
    found = [m for m in names(stack, MAPPING) if text(properties(stack, m)["EventSourceArn"]) == f"${{{name}.Arn}}"]
    return [] if len(found) == wanted else [f"{name} has {len(found)} consumers, not {wanted}"]


def queue_consumer_works_one_message_at_a_time(stack: Template, name: str) -> list[str]:
    mapping = properties(stack, name)
    problems = []
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        problems.append(f"{name} does not report which message failed")
    if mapping.get("BatchSize") != 1:
        problems.append(f"{name} lets a slow message delay others")
    if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
        problems.append(f"{name} may take every worker of the account")
    return problems


def queue_hides_a_message_while_it_is_worked_on(stack: Template, name: str) -> list[str]:
    mapping = properties(stack, name)
    timeout = properties(stack, text(mapping["FunctionName"]).strip("${}"))["Timeout"]
    queue = text(mapping["EventSourceArn"]).removeprefix("${").removesuffix(".Arn}")
    visibility = properties(stack, queue).get("VisibilityTimeout", 30)
    if visibility < VISIBILITY_PER_TIMEOUT * timeout:
        return [f"{queue} shows a message again after {visibility} s; its function may take {timeout} s"]
    return []


def stream_consumer_loses_nothing(stack: Template, name: str) -> list[str]:
    mapping = properties(stack, name)
    problems = []
    if mapping.get("StartingPosition") != "TRIM_HORIZON":
        problems.append(f"{name} misses what is written before it is ready")
    if not mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
        problems.append(f"{name} drops what it cannot deliver")
    if not 0 < mapping.get("MaximumRecordAgeInSeconds", -1) < STREAM_RETENTION:
        problems.append(f"{name} lets one record hold up the stream for as long as the stream keeps it")
    if not mapping.get("BisectBatchOnFunctionError"):
        problems.append(f"{name} sets aside good records with a bad one")
    return problems

"""Rules of every function. Each takes a template and a resource's name and answers with what is wrong."""

from tests.template.cloudformation import Template, properties, text
from tests.template.rules.metrics import alarms_on

# Read by Powertools itself, not by our settings.
POWERTOOLS_VARIABLES = {"LOG_LEVEL", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}

API_GATEWAY_TIMEOUT = 30  # seconds


def function_keeps_logs_for_a_set_time(stack: Template, name: str) -> list[str]:
    function = properties(stack, name)
    group = properties(stack, text(function.get("LoggingConfig", {}).get("LogGroup")).strip("${}"))
    if not group:
        return [f"{name} writes to no log group of the template"]
    problems = []
    if "RetentionInDays" not in group:
        problems.append(f"{name} keeps its logs for ever")
    if text(group["LogGroupName"]) != "/aws/lambda/" + text(function["FunctionName"]):
        problems.append(f"{name} writes to a log group that is not named after it")
    return problems


def function_has_limits(stack: Template, name: str) -> list[str]:
    function = properties(stack, name)
    return [f"{name} has no {limit}" for limit in ("Timeout", "MemorySize") if not isinstance(function.get(limit), int)]


def function_has_an_error_alarm(stack: Template, name: str) -> list[str]:
    if alarms_on(stack, "AWS/Lambda", "Errors", ("FunctionName", f"${{{name}}}")):
        return []
    return [f"{name} can fail without an alarm"]


def function_gets_known_variables(stack: Template, name: str, settings: set[str]) -> list[str]:
    """Settings are the environment variables that the code reads."""
    given = set(properties(stack, name)["Environment"]["Variables"]) - POWERTOOLS_VARIABLES
    return [f"{name} is given {variable}, which nothing reads" for variable in sorted(given - settings)] + [
        f"{name} is not given {variable}" for variable in sorted(settings - given)
    ]


def function_runs_the_one_runtime(stack: Template, name: str) -> list[str]:
    wanted = {
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Architectures": [{"Ref": "Architecture"}],
        "TracingConfig": {"Mode": {"Ref": "Tracing"}},
    }
    function = properties(stack, name)
    return [f"{name} has another {key}" for key, value in wanted.items() if function.get(key) != value]


def api_function_answers_before_the_gateway_gives_up(stack: Template, name: str) -> list[str]:
    timeout = properties(stack, name)["Timeout"]
    return [f"{name} may take {timeout} s"] if timeout >= API_GATEWAY_TIMEOUT else []

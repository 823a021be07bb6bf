"""Rules for every test: no network, no real AWS account, the same examples on every machine."""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

# Set before anything loads botocore: a test that forgets its mock reaches nobody's account.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_REGION="us-east-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
)

# quick: every run tries the same examples, so a red run is red for everyone. thorough: new ones each time.
settings.register_profile("quick", max_examples=60, deadline=None, derandomize=True, database=None)
settings.register_profile(
    "thorough",
    max_examples=2_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_FIGURE = "figure"


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Shows a figure in the closing lines, whichever process measured it."""
    return lambda text: record_property(_FIGURE, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    figures = [(one.nodeid, value) for one in reports for name, value in one.user_properties if name == _FIGURE]
    if figures:
        terminalreporter.section("figures")
    for test, text in sorted(figures):
        terminalreporter.write_line(f"{test.rpartition('::')[2]}: {text}")

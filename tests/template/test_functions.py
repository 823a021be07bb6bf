"""What holds for every function, and between the template and the folders it names."""

import re

import pytest

from orderhub.runtime import Settings
from tests.template.cloudformation import ROOT, Template, load, names, properties
from tests.template.rules import functions

FUNCTIONS = names(load(), "AWS::Serverless::Function")
SETTINGS = {field.upper() for field in Settings.model_fields}

every_function = pytest.mark.parametrize("function", FUNCTIONS)


def test_nothing_is_declared_twice() -> None:
    """YAML would take the last of two, and nobody would see the first."""
    declared = re.findall(r"^  ([A-Za-z0-9]+):$", (ROOT / "template.yaml").read_text(), re.MULTILINE)
    assert sorted(declared) == sorted(set(declared))


@every_function
def test_a_function_keeps_its_logs_for_a_set_time(stack: Template, function: str) -> None:
    assert functions.function_keeps_logs_for_a_set_time(stack, function) == []


@every_function
def test_a_function_has_timeout_and_memory(stack: Template, function: str) -> None:
    assert functions.function_has_limits(stack, function) == []


@every_function
def test_a_function_that_fails_raises_an_alarm(stack: Template, function: str) -> None:
    assert functions.function_has_an_error_alarm(stack, function) == []


@every_function
def test_a_function_is_given_the_variables_that_the_settings_read(stack: Template, function: str) -> None:
    assert functions.function_gets_known_variables(stack, function, SETTINGS) == []


@every_function
def test_a_function_runs_the_one_runtime_traced(stack: Template, function: str) -> None:
    assert functions.function_runs_the_one_runtime(stack, function) == []


def test_every_folder_of_a_function_is_in_the_template_and_the_other_way_round(template: Template) -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "functions").rglob("app.py")}
    assert {properties(template, name)["CodeUri"] for name in FUNCTIONS} == folders


def test_no_function_brings_packages_of_its_own() -> None:
    """Packages come from the layer; with a requirements file `sam build` would want Python 3.13 on the machine."""
    assert list((ROOT / "functions").rglob("requirements*.txt")) == []


def test_the_layer_can_be_built() -> None:
    makefile = (ROOT / "layers" / "common" / "Makefile").read_text()
    assert "\nbuild-CommonLayer:" in makefile
    assert "ARCHITECTURE ?= arm64" in makefile, "the layer's default is the template's"


def test_the_default_architecture_is_the_layers(template: Template) -> None:
    assert template["Parameters"]["Architecture"]["Default"] == "arm64"

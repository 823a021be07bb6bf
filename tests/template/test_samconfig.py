"""The profiles of samconfig.toml fit the template."""

import tomllib
from typing import Any

import pytest

from tests.template.cloudformation import ROOT, Template

CONFIG = tomllib.loads((ROOT / "samconfig.toml").read_text())
STAGES = [name for name in CONFIG if name != "version"]

every_stage = pytest.mark.parametrize("stage", STAGES)


def deployment(stage: str) -> dict[str, Any]:
    """What a profile gives to `sam deploy`."""
    found: dict[str, Any] = CONFIG[stage]["deploy"]["parameters"]
    return found


def overrides(stage: str) -> dict[str, str]:
    """The parameters that a profile sets."""
    return dict(line.split("=", 1) for line in deployment(stage)["parameter_overrides"])


def test_there_is_a_profile_for_every_stage(template: Template) -> None:
    assert template["Parameters"]["Stage"]["AllowedValues"] == STAGES


@every_stage
def test_a_profile_deploys_its_own_stage(stage: str) -> None:
    assert (deployment(stage)["stack_name"], overrides(stage)["Stage"]) == (f"orderhub-{stage}", stage)


@every_stage
def test_a_profile_names_the_architecture_that_the_layer_is_built_for(stage: str) -> None:
    assert overrides(stage)["Architecture"] in {"arm64", "x86_64"}


@every_stage
def test_a_profile_sets_parameters_that_exist_to_values_they_allow(template: Template, stage: str) -> None:
    known = template["Parameters"]
    wrong = {
        name: value
        for name, value in overrides(stage).items()
        if name not in known or value not in {str(allowed) for allowed in known[name].get("AllowedValues", [value])}
    }
    assert wrong == {}


def test_production_asks_before_it_changes() -> None:
    assert deployment("prod")["confirm_changeset"] is True


@every_stage
def test_a_profile_keeps_internal_addresses_closed(stage: str) -> None:
    assert "AllowPrivateAddresses" not in overrides(stage)

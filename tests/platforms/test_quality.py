"""Every platform there is is tested, and says of itself what there is to say."""

from __future__ import annotations

from importlib import import_module

import pytest

from orderhub.errors import Reject
from orderhub.platforms.base import Operation
from orderhub.platforms.registry import SLUGS, TARGETS, load
from tests.platforms.conformance import Conformance
from tests.platforms.rules.quality import PROVEN_BY, RULES
from tests.platforms.samples import ROOT

ADAPTERS = ROOT / "layers" / "common" / "orderhub" / "platforms"
platforms = pytest.mark.parametrize("slug", SLUGS)


def test_every_adapter_is_registered() -> None:
    folders = {path.parent.name for path in ADAPTERS.glob("*/__init__.py")}

    assert {*SLUGS, *TARGETS} == folders
    assert (list(SLUGS), list(TARGETS)) == (sorted(SLUGS), sorted(TARGETS))


@platforms
def test_every_platform_runs_the_conformance_suite(slug: str) -> None:
    module = import_module(f"tests.platforms.test_{slug}")

    suites = [one for name, one in vars(module).items() if name.startswith("Test") and issubclass(one, Conformance)]

    assert [suite.slug for suite in suites] == [slug]


@platforms
def test_no_suite_leaves_out_a_rule(slug: str) -> None:
    module = import_module(f"tests.platforms.test_{slug}")
    rules = [name for name in dir(Conformance) if name.startswith("test_")]

    for suite in (one for name, one in vars(module).items() if name.startswith("Test")):
        assert [name for name in rules if getattr(suite, name) is not getattr(Conformance, name)] == []


@platforms
def test_a_platform_is_found_by_its_slug(slug: str) -> None:
    assert load(slug).slug == slug


@pytest.mark.parametrize("slug", ["", "nowhere", "base", "../errors", "Shopify"])
def test_there_is_no_other_platform(slug: str) -> None:
    with pytest.raises(Reject) as refused:
        load(slug)

    assert refused.value.code == "UNKNOWN_PLATFORM"


def test_rules_that_operations_prove_are_rules() -> None:
    assert set(PROVEN_BY) <= RULES
    assert set(PROVEN_BY.values()) <= set(Operation)

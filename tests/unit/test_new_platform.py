"""A new platform runs as it is made, and nothing at all is made where something stands in the way."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from samtranslator.yaml_helper import yaml_parse

from local import new_platform as command
from local.new_platform import FUNCTIONS, PLATFORMS, PROJECT, REGISTRY, TEMPLATE, Refused, new_platform
from orderhub.platforms.registry import SLUGS
from orderhub.runtime import Settings
from tests.template.cloudformation import Template, names, properties, translate
from tests.template.rules import api, functions, metrics, permissions

SLUG = "corner_shop"
# What a project needs for a platform to be made in it, and for that to be tested.
TO_MAKE = ("pyproject.toml", "template.yaml", "functions/webhooks", str(PLATFORMS))
TO_TEST = ("pyproject.toml", "template.yaml", "functions", "layers/common", "tests/conftest.py", "tests/platforms")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "exchanges", "fixtures", "test_*")


def copy_project(folder: Path, parts: tuple[str, ...]) -> Path:
    for name in parts:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copy(PROJECT / name, folder / name)
    return folder


def files_in(project: Path) -> dict[Path, bytes]:
    return {path.relative_to(project): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def template_of(project: Path) -> Template:
    template: Template = yaml_parse((project / TEMPLATE).read_text())
    return template


@dataclass(frozen=True)
class Made:
    """A project with a new platform in it. before: its files as they were."""

    project: Path
    before: dict[Path, bytes]
    new: list[Path]
    changed: list[Path]

    @property
    def code(self) -> list[str]:
        return [str(path) for path in self.new if path.suffix == ".py"]

    def run(self, *module: str) -> str:
        """What a tool says in this project, whose own code it finds first. Fails with the tool."""
        done = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=self.project,
            env={"PATH": os.environ["PATH"], "HYPOTHESIS_PROFILE": "quick", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path, TO_MAKE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Read only."""
    project = copy_project(tmp_path_factory.mktemp("project"), TO_TEST)
    before = files_in(project)
    return Made(project, before, *new_platform(project, SLUG))


def test_it_writes_what_it_says_and_nothing_else(made: Made) -> None:
    after = files_in(made.project)

    assert sorted(set(after) - set(made.before)) == made.new
    assert sorted(path for path in made.before if after[path] != made.before[path]) == made.changed
    assert made.changed == sorted([REGISTRY, TEMPLATE])


def test_it_makes_adapter_function_guide_samples_exchanges_and_test(made: Made) -> None:
    folders = {path.parent.as_posix() for path in made.new}

    assert folders == {
        "docs/platforms",
        f"events/{SLUG}",
        f"functions/webhooks/{SLUG}",
        f"layers/common/orderhub/platforms/{SLUG}",
        "tests/platforms",
        f"tests/platforms/exchanges/{SLUG}",
    }


def test_every_file_is_of_its_format(made: Made) -> None:
    readers: dict[str, Callable[[str], object]] = {
        ".py": ast.parse,
        ".json": json.loads,
        ".yaml": yaml.safe_load,
        ".md": str.strip,
    }

    empty = [path for path in made.new if not readers[path.suffix]((made.project / path).read_text())]

    assert empty == []


def test_nothing_of_the_model_or_of_the_scaffold_is_left_in_it(made: Made) -> None:
    left = [word for word in ("uber", "$", "SLUG") for path in made.new if word in (made.project / path).read_text()]

    assert left == []


def test_the_registry_lists_it_in_order(made: Made) -> None:
    listed = next(
        ast.literal_eval(node.value)
        for node in ast.parse((made.project / REGISTRY).read_text()).body
        if isinstance(node, ast.AnnAssign) and node.value is not None
    )

    assert listed == tuple(sorted({*SLUGS, SLUG}))


def test_the_template_has_one_function_more_and_is_else_as_it_was(made: Made) -> None:
    before, after = template_of(PROJECT), template_of(made.project)

    added = {name: after["Resources"].pop(name) for name in set(after["Resources"]) - set(before["Resources"])}

    assert after == before
    assert sorted(name for name, one in added.items() if one["Type"] == "AWS::Serverless::Function") == [
        "WebhookCornerShop"
    ]
    assert {one["Type"] for one in added.values()} == {
        "AWS::Serverless::Function",
        "AWS::Logs::LogGroup",
        "AWS::CloudWatch::Alarm",
    }


def test_the_new_block_keeps_the_rules_of_the_template(made: Made) -> None:
    template = template_of(made.project)
    stack, name = translate(template), "WebhookCornerShop"

    alarms = [one for one in names(stack, "AWS::CloudWatch::Alarm") if one.startswith(name)]
    faults = [
        *functions.function_keeps_logs_for_a_set_time(stack, name),
        *functions.function_has_limits(stack, name),
        *functions.function_has_an_error_alarm(stack, name),
        *functions.function_gets_known_variables(stack, name, {field.upper() for field in Settings.model_fields}),
        *functions.function_runs_the_one_runtime(stack, name),
        *permissions.role_names_what_it_may_touch(stack, f"{name}Role"),
        *api.webhook_route_matches_its_slug(template, name),
        *(fault for alarm in alarms for fault in metrics.alarm_speaks_to_someone(stack, alarm)),
    ]

    assert faults == []
    assert properties(template, name)["CodeUri"] == (FUNCTIONS / SLUG).as_posix()


def test_it_says_that_it_is_assumed(made: Made) -> None:
    quality = (made.project / PLATFORMS / SLUG / "quality.yaml").read_text()

    assert "evidence: assumed" in quality.splitlines()


def test_it_passes_lint(made: Made) -> None:
    made.run("ruff", "check", "--no-cache", *made.code, str(REGISTRY))
    said = made.run("ruff", "format", "--check", "--no-cache", *made.code, str(REGISTRY))

    assert said.strip() == f"{len(made.code) + 1} files already formatted"


def test_it_passes_the_type_checker(made: Made) -> None:
    said = made.run("mypy", "--cache-dir", os.devnull, *made.code)

    assert said.strip() == f"Success: no issues found in {len(made.code)} source files"


def test_it_passes_the_conformance_suite_and_its_own_tests(made: Made) -> None:
    said = made.run("pytest", "-q", "-p", "no:cacheprovider", f"tests/platforms/test_{SLUG}.py")

    assert " passed" in said
    assert "skipped" not in said


@pytest.mark.parametrize("slug", ["a", "z9", "abcdefghijklmnopqrstuvwxyzabcd", "a_b_c_d_e_f_g_h_i_j_k_l_m_n_oo"])
def test_a_name_of_any_length_makes_lines_that_pass_lint(project: Path, slug: str) -> None:
    new, changed = new_platform(project, slug)

    code = [str(path) for path in new + changed if path.suffix == ".py"]
    Made(project, {}, new, changed).run("ruff", "check", "--no-cache", *code)


@pytest.mark.parametrize(
    ("slug", "why"),
    [
        *((slug, "is no slug") for slug in ("", "Demo", "1st", "a-b", "a__b", "_a", "a_", "../a", "a b", "a" * 31)),
        *((slug, "must be free in Python") for slug in ("class", "none", "exception")),
        *((slug, "every adapter imports") for slug in ("order", "platform", "event")),
        *((slug, "already") for slug in ("shopify", "uber_eats", "base", "registry", "platforms")),
    ],
)
def test_a_slug_that_will_not_do_is_refused_before_anything_is_written(project: Path, slug: str, why: str) -> None:
    before = files_in(project)

    with pytest.raises(Refused, match=why):
        new_platform(project, slug)

    assert files_in(project) == before


def test_a_second_time_is_refused_and_changes_nothing(project: Path) -> None:
    new_platform(project, SLUG)
    before = files_in(project)

    with pytest.raises(Refused, match=f"something called {SLUG} already"):
        new_platform(project, SLUG)

    assert files_in(project) == before


@pytest.mark.parametrize(
    "left",
    [
        f"docs/platforms/{SLUG}.md",
        f"events/{SLUG}/old.json",
        f"functions/webhooks/{SLUG}/requirements.txt",
        f"{PLATFORMS}/{SLUG}.py",
        f"tests/platforms/exchanges/{SLUG}/poll__old.json",
        f"tests/platforms/test_{SLUG}.py",
    ],
)
def test_what_is_left_of_an_older_platform_is_not_written_over(project: Path, left: str) -> None:
    (project / left).parent.mkdir(parents=True, exist_ok=True)
    (project / left).write_text("old")
    before = files_in(project)

    with pytest.raises(Refused, match="already"):
        new_platform(project, SLUG)

    assert files_in(project) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (TEMPLATE, "# end of webhooks", "# the end", "no line `# end of webhooks`"),
        (TEMPLATE, "# webhook: ", "# a webhook: ", "no block `# webhook: <slug>`"),
        (TEMPLATE, "WebhookSquareLogs", "WebhookCornerShopLogs", "WebhookCornerShopLogs already"),
        (REGISTRY, "SLUGS: tuple", "ALL: tuple", "no SLUGS"),
        (REGISTRY, '"shopify"', f'"{SLUG}"', f"lists {SLUG} already"),
    ],
)
def test_a_project_of_another_form_is_left_alone(project: Path, file: Path, old: str, new: str, why: str) -> None:
    (project / file).write_text((project / file).read_text().replace(old, new))
    before = files_in(project)

    with pytest.raises(Refused, match=why):
        new_platform(project, SLUG)

    assert files_in(project) == before


def test_the_command_says_what_it_made_and_what_comes_next(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PROJECT", project)

    code = command.main([SLUG])

    said = capsys.readouterr().out
    assert code == 0
    assert f"new      layers/common/orderhub/platforms/{SLUG}/mapper.py" in said
    assert "changed  template.yaml" in said
    assert "docs/adding-a-platform.md" in said


def test_the_command_says_in_one_sentence_what_stands_in_the_way(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PROJECT", project)

    codes = [command.main(["shopify"]), command.main([])]

    said = capsys.readouterr()
    assert (codes, said.out) == ([1, 2], "")
    assert [line.split()[0] for line in said.err.splitlines()] == ["There", "Say"]

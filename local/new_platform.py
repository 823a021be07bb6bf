"""``python -m local.new_platform SLUG``: the beginnings of a new platform, which run as they are.

The files come from ``local/scaffold``, a tree like the project's own. The function and its block of template.yaml are
derived from those of a platform that exists, so that they are what such a block is today. All of it is worked out
before anything is written. Ends with 0, else with 1 and one sentence that says what stands in the way.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

PROJECT = Path(__file__).parents[1]
SCAFFOLD = Path(__file__).parent / "scaffold"
SUFFIX = ".tmpl"
SLUG_IN_PATHS = "SLUG"

TEMPLATE = Path("template.yaml")
PLATFORMS = Path("layers/common/orderhub/platforms")
REGISTRY = PLATFORMS / "registry.py"
FUNCTIONS = Path("functions/webhooks")

# With a longer one, lines of the new files pass 120 characters, and then the function's name the 64 that AWS allows.
LONGEST = 30

_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_BLOCK = re.compile(r"^  # webhook: (?P<slug>\w+)\n(?:(?!  # (?:webhook: |end of webhooks)).*\n)*", re.MULTILINE)
_END_OF_BLOCKS = re.compile(r"^  # end of webhooks.*\n", re.MULTILINE)
_LOGICAL_ID = re.compile(r"^  (\w+):$", re.MULTILINE)


class Refused(Exception):
    """The platform cannot be made; the message is a sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Names:
    """A platform's slug (`uber_eats`), and what is made of it."""

    slug: str

    @property
    def name(self) -> str:
        """For people: `Uber Eats`."""
        return self.slug.replace("_", " ").title()

    @property
    def pascal(self) -> str:
        """For classes and logical ids: `UberEats`."""
        return self.name.replace(" ", "")

    @property
    def kebab(self) -> str:
        """For names of AWS and HTTP: `uber-eats`."""
        return self.slug.replace("_", "-")

    @property
    def spellings(self) -> dict[str, str]:
        """All of them, by what they are called in the scaffold."""
        return {"slug": self.slug, "name": self.name, "pascal": self.pascal, "kebab": self.kebab}


def main(arguments: list[str]) -> int:
    """Make the platform and say what comes next; the exit code."""
    if len(arguments) != 1:
        print("Say which one: make new-platform SLUG=name", file=sys.stderr)
        return 2
    try:
        made, changed = new_platform(PROJECT, arguments[0])
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    _report(Names(arguments[0]), made, changed)
    return 0


def new_platform(project: Path, slug: str) -> tuple[list[Path], list[Path]]:
    """Write a new platform into a project; the files made, and the files changed. Raises Refused before any of it."""
    names = Names(slug)
    _check_slug(names)
    template, registry = _read(project / TEMPLATE), _read(project / REGISTRY)
    model, block = _model(template)
    app = _respelled(_read(project / FUNCTIONS / model.slug / "app.py"), model, names)
    new = {**dict(_scaffolded(names)), FUNCTIONS / slug / "app.py": app}
    _check_places(project, names, new)
    changed = {
        TEMPLATE: _with_block(template, _respelled(block, model, names)),
        REGISTRY: _with_slug(registry, slug),
    }
    # Last what makes it known: a write that fails before leaves files that nothing looks at.
    for path, text in {**_tidied(project, new), **changed}.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    return sorted(new), sorted(changed)


# --- what stands in the way ------------------------------------------------------------------------------------------


def _check_slug(names: Names) -> None:
    if not _SLUG.fullmatch(names.slug) or len(names.slug) > LONGEST:
        raise Refused(
            f"{names.slug!r} is no slug: lower-case letters and digits in words joined by single underscores, a letter "
            f"first, at most {LONGEST} characters (uber_eats)."
        )
    if keyword.iskeyword(names.slug) or keyword.iskeyword(names.pascal) or hasattr(builtins, names.pascal):
        raise Refused(
            f"{names.slug!r} cannot be used: the words {names.slug} and {names.pascal} must be free in Python."
        )


def _check_places(project: Path, names: Names, new: Mapping[Path, str]) -> None:
    """Nothing may be where something is to go: no file, and none of the folders that are the platform's own."""
    own = {path for file in new for path in (file, *file.parents) if path.stem in (names.slug, f"test_{names.slug}")}
    taken = sorted(path.as_posix() for path in own | {PLATFORMS / f"{names.slug}.py"} if (project / path).exists())
    if taken:
        raise Refused(f"There is something called {names.slug} already: {', '.join(taken)}.")
    adapter = ast.parse(new[PLATFORMS / names.slug / "__init__.py"])
    used = {name.name for node in adapter.body if isinstance(node, ast.ImportFrom) for name in node.names}
    if names.pascal in used:
        raise Refused(f"{names.slug!r} cannot be used: every adapter imports something that is called {names.pascal}.")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None


# --- what is new -----------------------------------------------------------------------------------------------------


def _scaffolded(names: Names) -> Iterator[tuple[Path, str]]:
    for file in sorted(SCAFFOLD.rglob(f"*{SUFFIX}")):
        inside = file.relative_to(SCAFFOLD).as_posix().removesuffix(SUFFIX)
        path = Path(inside.replace(SLUG_IN_PATHS, names.slug))
        yield path, Template(file.read_text(encoding="utf-8")).substitute(names.spellings)


def _tidied(project: Path, files: Mapping[Path, str]) -> dict[Path, str]:
    """Order of imports and line breaks depend on the slug: ruff sees to them."""
    return {path: _by_ruff(project, path, text) if path.suffix == ".py" else text for path, text in files.items()}


def _by_ruff(project: Path, path: Path, text: str) -> str:
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        settings = ["--config", str(project / "pyproject.toml"), "--stdin-filename", str(project / path)]
        done = subprocess.run(  # noqa: S603  (our own words)
            [sys.executable, "-m", "ruff", *command, "--quiet", "--no-cache", *settings, "-"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Refused(f"ruff does not take {path}: {done.stderr.strip() or done.stdout.strip()}")
        text = done.stdout
    return text


# --- what is derived from what is there ------------------------------------------------------------------------------


def _model(template: str) -> tuple[Names, str]:
    """The platform to derive from, and its block: its spellings all differ, so that each is told from the others."""
    for block in _BLOCK.finditer(template):
        names = Names(block["slug"])
        spellings = set(names.spellings.values())
        if len(spellings) == len(names.spellings) and all(spelling in block[0] for spelling in spellings):
            return names, block[0]
    raise Refused(f"{TEMPLATE} has no block `# webhook: <slug>` of a platform whose name has two words to derive from.")


def _respelled(text: str, old: Names, new: Names) -> str:
    spelled = {getattr(old, kind): spelling for kind, spelling in new.spellings.items()}
    return re.sub("|".join(map(re.escape, spelled)), lambda found: spelled[found[0]], text)


def _with_block(template: str, block: str) -> str:
    end = _END_OF_BLOCKS.search(template)
    if end is None:
        raise Refused(f"{TEMPLATE} has no line `# end of webhooks` to put the new block above.")
    if twice := set(_LOGICAL_ID.findall(block)) & set(_LOGICAL_ID.findall(template)):
        raise Refused(f"{TEMPLATE} has {', '.join(sorted(twice))} already.")
    return template[: end.start()] + block + template[end.start() :]


def _with_slug(registry: str, slug: str) -> str:
    """The registry with one slug more, sorted."""
    for node in ast.parse(registry).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "SLUGS" and node.value:
            slugs = ast.literal_eval(node.value)
            if slug in slugs:
                raise Refused(f"{REGISTRY} lists {slug} already.")
            lines = registry.splitlines(keepends=True)
            listed = [f'    "{one}",\n' for one in sorted({*slugs, slug})]
            head = f"SLUGS: {ast.unparse(node.annotation)} = (\n"
            return "".join([*lines[: node.lineno - 1], head, *listed, ")\n", *lines[node.end_lineno :]])
    raise Refused(f"{REGISTRY} has no SLUGS.")


# --- what comes next -------------------------------------------------------------------------------------------------


def _report(names: Names, made: list[Path], changed: list[Path]) -> None:
    print(f"Made the platform {names.slug}, which runs on a payload of the scaffold's own:\n")
    for path in made:
        print(f"  new      {path}")
    for path in changed:
        print(f"  changed  {path}")
    print(f"\nSee it pass:   .venv/bin/pytest tests/platforms/test_{names.slug}.py tests/template")
    print("Make it yours: docs/adding-a-platform.md, from step 3")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

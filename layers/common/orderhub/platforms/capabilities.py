"""What each platform can do, read off its class and its quality.yaml, so that the table cannot lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from orderhub.platforms.base import NO_SUCH_CALL, Operation, Platform
from orderhub.platforms.registry import SLUGS, load

READS = (Operation.FETCH, Operation.POLL, Operation.VERIFY_CONNECTION)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One row of the table. inbound: how orders come; outbound: what can be told; missing: what cannot.

    evidence: documented, observed or assumed.
    """

    slug: str
    name: str
    docs_url: str
    inbound: Sequence[str]
    outbound: Sequence[str]
    missing: Sequence[str]
    evidence: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def slugs() -> tuple[str, ...]:
    """The platforms there are."""
    return SLUGS


def of(slug: str) -> Capabilities:
    """The row of one platform."""
    platform = load(slug)
    able = platform.capabilities
    ways = (
        ("webhook", type(platform).read is not Platform.read),
        ("fetch", Operation.FETCH in able),
        ("poll", Operation.POLL in able),
    )
    told = [op for op in Operation if op not in READS]
    return Capabilities(
        slug=slug,
        name=platform.name,
        docs_url=platform.docs_url,
        inbound=[name for name, there in ways if there],
        outbound=[op.value for op in told if op in able],
        missing=[op.value for op in told if op not in able],
        evidence=evidence(slug),
    )


def evidence(slug: str) -> str:
    """How well a platform's adapter is founded: documented, observed or assumed."""
    return evidence_of(slug).get("", "unknown")


def evidence_of(slug: str) -> dict[str, str]:
    """The evidence of each capability that has its own, and of all others under the empty name, by quality.yaml."""
    return evidence_in((files("orderhub.platforms") / slug / "quality.yaml").read_text(encoding="utf-8"))


def evidence_in(text: str) -> dict[str, str]:
    """As `evidence_of`, in the text of a quality.yaml.

    The lines have a known form (`evidence: documented`, and below `evidence_of:` lines such as `  refund: observed`),
    so no YAML reader is needed here.
    """
    whole = re.search(r"^evidence: (\w+)", text, re.MULTILINE)
    own = re.search(r"^evidence_of:\n((?:  \w+: \w+\n)+)", text, re.MULTILINE)
    found = dict(line.split(": ") for line in own[1].replace(" ", "").replace(":", ": ").splitlines()) if own else {}
    return {"": whole[1], **found} if whole else found


def markdown() -> str:
    """The table for the README: a row a platform."""
    head = "| platform | orders come by | told of | cannot be told of | evidence |\n| --- | --- | --- | --- | --- |\n"
    return head + "".join(
        f"| [{row.name}](docs/platforms/{row.slug}.md) | {', '.join(row.inbound)} | {_words(row.outbound)} "
        f"| {_words(row.missing)} | {row.evidence} |\n"
        for row in map(of, slugs())
    )


def _words(operations: Sequence[str]) -> str:
    return ", ".join(op.replace("_", " ") for op in operations)


def guide() -> str:
    """docs/platforms/README.md: each platform and capability with its evidence, and why there is none."""
    columns = ["webhook", *(operation.value for operation in Operation)]
    rows = [_matrix_row(slug, columns) for slug in slugs()]
    names = " | ".join(column.replace("_", " ") for column in columns)
    reasons = "\n".join(_reasons(load(slug)) for slug in slugs())
    return _GUIDE.format(names=names, rule=" | ".join("---" for _ in columns), rows="".join(rows), reasons=reasons)


_GUIDE = """# What each platform can do

Made by `orderhub platforms --guide` from the code, and checked against it by the tests. What a cell says is how well it
is founded: **D** documented by the vendor, **O** observed in others' integrations, **A** assumed and configurable (the
platform's own page says where). An empty cell: there is no such thing, and below is why.

| platform | {names} |
| --- | {rule} |
{rows}
## What cannot be told, and what else happens

Staff see these sentences before they act (`advice` of an order), and on the order when they did.

{reasons}"""


def _matrix_row(slug: str, columns: Sequence[str]) -> str:
    platform, known = load(slug), evidence_of(slug)
    able = {operation.value for operation in platform.capabilities}
    able |= {"webhook"} if type(platform).read is not Platform.read else set()
    cells = [known.get(column, known.get("", "?"))[:1].upper() if column in able else "" for column in columns]
    return f"| [{platform.name}]({slug}.md) | {' | '.join(cells)} |\n"


def _reasons(platform: Platform[Any, Any]) -> str:
    lines = [
        f"- {operation.replace('_', ' ')}: {platform.why.get(operation, NO_SUCH_CALL)}"
        for operation in Operation
        if operation not in platform.capabilities
    ]
    lines += [
        f"- {operation.replace('_', ' ')} for {reason}: **{effect}**"
        for operation, effects in platform.side_effects.items()
        for reason, effect in effects.items()
    ]
    return f"### {platform.name}\n\n" + "\n".join(lines) + "\n"

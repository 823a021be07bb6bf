"""What each platform can do, read off its class and its quality.yaml, so that the table cannot lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from orderhub.platforms.base import Operation, Platform
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
    """The evidence line of a platform's quality.yaml; one line of a known form, so no YAML reader is needed here."""
    text = (files("orderhub.platforms") / slug / "quality.yaml").read_text(encoding="utf-8")
    return next(
        (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("evidence:")), "unknown"
    )


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

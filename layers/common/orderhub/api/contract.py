"""What a route takes and answers besides its own models, told by the route's own code: headers and statuses."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

_OURS = "orderhub.api."
_MEANINGS: dict[int, str] = {
    201: "Made",
    202: "Taken, and worked on after this answer",
    204: "Done; there is nothing to show",
    304: "Not modified: If-None-Match names what it still is",
}


@dataclass(frozen=True)
class Traits:
    """What is known of one operation.

    calls: names of the functions that its code calls, itself or through others of the API; statuses: of its answers
    when it works; parameters: names of those in path and query.
    """

    method: str
    calls: frozenset[str]
    statuses: frozenset[int]
    parameters: frozenset[str]
    has_body: bool


def traits(function: Callable[..., Any], method: str, operation: Mapping[str, Any], usual: int = 200) -> Traits:
    """What a route is like. operation: its description so far; usual: its status when its code names none."""
    steps = list(_steps(function))
    # LOAD_SMALL_INT has the small numbers from Python 3.14 on.
    numbers = {one.argval for one in steps if one.opname.startswith("LOAD") and type(one.argval) is int}
    statuses = numbers & {usual, *_MEANINGS}
    return Traits(
        method=method.upper(),
        calls=frozenset(one.argval for one in steps if one.opname == "LOAD_GLOBAL"),
        statuses=frozenset(statuses if statuses - {304} else {usual, *statuses}),
        parameters=frozenset(one["name"] for one in operation.get("parameters", [])),
        has_body="requestBody" in operation,
    )


def _steps(function: Callable[..., Any]) -> Iterator[dis.Instruction]:
    """The instructions of a function and of the functions of this package that it calls."""
    seen: set[CodeType] = set()
    left: list[Any] = [function]
    while left:
        one = left.pop()
        code = one.__code__ if isinstance(one, FunctionType) and one.__module__.startswith(_OURS) else None
        if code is None or code in seen:
            continue
        seen.add(code)
        for step in dis.get_instructions(code):
            yield step
            if step.opname == "LOAD_GLOBAL":
                left.append(one.__globals__.get(step.argval))


# --- headers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Header:
    """A header of requests, taken by the routes whose code calls `reader`."""

    name: str
    reader: str
    meaning: str
    example: str
    schema: Mapping[str, Any]


_TAG = r'(W/)?"?[0-9]{1,18}(-[0-9]{1,18})?"?'
HEADERS = (
    Header(
        "If-Match",
        "expected_version",
        "the ETag of an earlier answer: the change is made only if nobody was faster; `*` for whatever it is now",
        '"3"',
        {"type": "string", "pattern": rf"^(|\*|{_TAG})$"},
    ),
    Header(
        "If-None-Match",
        "is_known",
        "the ETag of an earlier answer: 304 without a body if it is still that",
        '"3"',
        {"type": "string"},
    ),
    Header(
        "Idempotency-Key",
        "idempotency_key",
        "makes it count once however often it is sent: any text of yours that is new for each change, as a UUID",
        "5f0c9a52-0d5e-4c8c-9a5f-3b1f6f1f7a10",
        {"type": "string", "maxLength": 255},
    ),
)


def header_parameters(known: Traits) -> list[dict[str, Any]]:
    """The headers that an operation takes."""
    return [
        {
            "name": header.name,
            "in": "header",
            "required": False,
            "description": header.meaning,
            "schema": dict(header.schema),
            "example": header.example,
        }
        for header in HEADERS
        if header.reader in known.calls
    ]


ANSWER_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": "names this version of what is shown, for If-Match and If-None-Match",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+(-[0-9]+)?"$'},
        "example": '"3"',
    },
    "Retry-After": {
        "description": "seconds to wait before the next try; missing when API Gateway itself answers",
        "schema": {"type": "integer", "minimum": 1},
        "example": 2,
    },
}


# --- answers ----------------------------------------------------------------------------------------------------------


def successes(known: Traits, shown: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers of an operation that works. shown: the one that the framework derived from the function's type."""
    has_etag = bool(known.calls & {"versioned", "is_known"})
    tagged = {"headers": {"ETag": {"$ref": "#/components/headers/ETag"}}} if has_etag else {}
    return {str(status): _success(status, shown, tagged, known) for status in sorted(known.statuses)}


def _success(status: int, shown: Mapping[str, Any], tagged: Mapping[str, Any], known: Traits) -> dict[str, Any]:
    if status in (204, 304):
        return {"description": _MEANINGS[status], **(tagged if status == 304 else {})}
    answer = {**shown, **tagged}
    if status in _MEANINGS:
        answer["description"] = _MEANINGS[status]
    for media in answer.get("content", {}).values():
        if 304 in known.statuses:
            media["schema"] = without_null(media.get("schema", {}))
    return answer


def without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema whose value is there."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    match choices:
        case []:
            return dict(schema)
        case [only]:
            return dict(only)
        case _:
            return {**schema, "anyOf": choices}

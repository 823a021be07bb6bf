"""JSON that no platform should send: real samples spoiled place by place, and JSON of any shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Literal:
    """A number written as it is, for those that Python has no value for or would write differently."""

    text: str


def decode(body: bytes) -> Any:
    """JSON with fractions as they are written, so that encoding it again changes nothing."""
    return json.loads(body, parse_float=Literal)


def encode(value: Any) -> bytes:
    """The value as JSON, lone surrogates as escapes and literals as they are."""
    return _written(value).encode()


def _written(value: Any) -> str:
    match value:
        case Literal(text=text):
            return text
        case dict():
            return "{" + ",".join(f"{json.dumps(str(name))}:{_written(one)}" for name, one in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case _:
            return json.dumps(value)


def _deep(levels: int) -> Any:
    value: Any = []
    for level in range(levels):
        value = {"items": value} if level % 2 else [value]
    return value


# What breaks readers: absent or of another shape, numbers out of range, text that is not what it looks like.
SHAPES: tuple[Any, ...] = (None, True, -1, "", "\ud800", [], {}, [None], {"id": None}, _deep(100))
NUMBERS: tuple[Any, ...] = (
    *(10**30, "NaN", "1e999999999", "0" * 5_000, "\u0661\u0662"),
    *(Literal(text) for text in ("0.1", "1e99", "1e-99", "1e999999999", "1e-999999999", "9" * 4_000)),
)
TEXTS: tuple[Any, ...] = ("2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00", "PT" + "9" * 400 + "H")
MORE: tuple[Any, ...] = (
    *(0, [[]], " ", "x", "\x00", "Infinity", "-0", "1_000", "12,50", "ZZZ", "null", "\U0001f355" * 3),
    *("9999-12-31T23:59:59-14:00", "0999-01-01", "2026-02-30", "P1Y", "America/New_York", "../../etc/passwd"),
    *(Literal(text) for text in ("-1e99", "-0.0", "1.5")),
)


def places(value: Any, here: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value, from the outside in."""
    yield here
    if isinstance(value, dict):
        for name, one in value.items():
            yield from places(one, (*here, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from places(one, (*here, index))


def dotted(place: Path) -> str:
    """The place without its indices: `line_items.price`."""
    return ".".join(step for step in place if isinstance(step, str))


def at(value: Any, place: Path) -> Any:
    for step in place:
        value = value[step]
    return value


def put(value: Any, place: Path, new: Any) -> Any:
    """A copy with something else in one place."""
    if not place:
        return new
    step, *rest = place
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[step] = put(copy[step], tuple(rest), new)
    return copy


def without(value: Any, place: Path) -> Any:
    """A copy that lacks one place."""
    copy = deepcopy(value)
    del at(copy, place[:-1])[place[-1]]
    return copy


def spoiled(value: Any, seen: set[str], within: str = "") -> Iterator[tuple[str, bytes]]:
    """The value as JSON with each field gone or replaced by what may break it, and a word on what was done.

    seen: names of fields that were spoiled before, in samples alike, and are not again; within: what sets the outermost
    fields of this sample apart from those of others.
    """
    for place in places(value):
        name = (within if len(place) < 2 else "") + f" {dotted(place)}" + ("[]" if _is_index(place) else "")
        if name in seen:
            continue
        seen.add(name)
        if place:
            yield f"{name} left out", encode(without(value, place))
        before, after = encode(put(value, place, Literal(_HERE))).split(_HERE.encode())
        for junk, written in _junk_for(at(value, place)):
            yield f"{name} = {junk}", before + written + after


_HERE = "<here>"


def _written_out(junk: Sequence[Any]) -> list[tuple[str, bytes]]:
    return [(repr(one)[:40], encode(one)) for one in junk]


_SHAPES, _NUMBERS, _TEXTS = map(_written_out, (SHAPES, NUMBERS, TEXTS))


def _junk_for(value: Any) -> list[tuple[str, bytes]]:
    """What may break the reader of such a value."""
    match value:
        case dict() | list() | bool():
            return _SHAPES
        case int() | Literal():
            return _SHAPES + _NUMBERS
        case _:
            return _SHAPES + _NUMBERS + _TEXTS


def _is_index(place: Path) -> bool:
    return bool(place) and isinstance(place[-1], int)


def with_new_fields(value: Any, field: str, closed: frozenset[str], here: Path = ()) -> Any:
    """A copy in which every object has a field more, but those whose keys are data (closed: dotted places)."""
    if isinstance(value, list):
        return [with_new_fields(one, field, closed, (*here, index)) for index, one in enumerate(value)]
    if not isinstance(value, dict) or dotted(here) in closed:
        return value
    copy = {name: with_new_fields(one, field, closed, (*here, name)) for name, one in value.items()}
    return {field: {"at": 1}, **copy}


_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(SHAPES + NUMBERS + TEXTS + MORE)
)
anything = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(), max_size=12), inner, max_size=4)
    ),
    max_leaves=20,
)


@st.composite
def spoiled_often(draw: st.DrawFn, values: Sequence[Any]) -> Any:
    """A sample with one to four places spoiled: replaced, left out, doubled, swapped, or nested in itself."""
    value = draw(st.sampled_from(values))
    for _ in range(draw(st.integers(1, 4))):
        found = list(places(value))
        if len(found) > 2_000 or max(map(len, found)) > 60:
            break  # large and deep enough: more would only be slow
        place = draw(st.sampled_from(found))
        value = draw(st.sampled_from(_WAYS))(draw, value, place)
    return value


def _replace(draw: st.DrawFn, value: Any, place: Path) -> Any:
    return put(value, place, draw(anything))


def _leave_out(draw: st.DrawFn, value: Any, place: Path) -> Any:
    return without(value, place) if place else value


def _repeat(draw: st.DrawFn, value: Any, place: Path) -> Any:
    return put(value, place, [at(value, place)] * draw(st.integers(0, 30)))


def _swap(draw: st.DrawFn, value: Any, place: Path) -> Any:
    return put(value, place, at(value, draw(st.sampled_from(list(places(value))))))


def _nest(draw: st.DrawFn, value: Any, place: Path) -> Any:
    """What is around a place put into that place, again and again: groups within groups."""
    outer = place[: draw(st.integers(0, len(place)))]
    around, inner = at(value, outer), place[len(outer) :]
    nested = around
    for _ in range(draw(st.integers(1, 1 + 100 // (1 + len(inner))))):
        nested = put(around, inner, nested)
    return put(value, outer, nested)


_WAYS = (_replace, _leave_out, _repeat, _swap, _nest)

"""Field types for the payloads of platforms: tolerant in form, strict in meaning; unknown fields are kept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _text(value: Any) -> Any:
    """Numbers as their text, blank text as nothing."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return value.strip() or None
    return value


def _no_null(value: Any) -> Any:
    return [] if value is None else value


def _degrees(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= 180 else None


class Payload(BaseModel):
    """Base of payload models. Unknown fields are kept and can be listed; nothing is built before it is needed."""

    # Any bound on the length makes pydantic refuse text that is not Unicode (lone surrogates), which JSON can spell.
    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True, str_max_length=1_000_000)


Text = Annotated[str | None, BeforeValidator(_text)]
"""Text or a number; blank or null is None."""

Id = Annotated[str, BeforeValidator(_text)]
"""Text or a whole number that must be there. Large numbers keep all their digits."""

Degrees = Annotated[float | None, BeforeValidator(_degrees)]
"""A coordinate, as a number or text; None when it is not one."""

NullAsEmpty = BeforeValidator(_no_null)
"""For lists that may be null: `Annotated[list[X], NullAsEmpty] = []`."""


def unknown_fields(payload: BaseModel, *, at_most: int = 20) -> list[str]:
    """Dotted names of the fields that the models do not know, the first few in order of meeting."""
    found = dict.fromkeys(name for name, _ in zip(_walk(payload, ""), range(10 * at_most), strict=False))
    return list(found)[:at_most]


def _walk(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from (f"{place}{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), f"{place}{name}.")
    elif isinstance(value, list):
        for one in value:
            yield from _walk(one, place)

"""Kinds of fields: numbers come as text, nothing as "", ids as numbers at times, empty objects as empty lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field

from orderhub.platforms.payload import Payload

_LONGEST_COUNT = 6  # digits
_LARGEST = 10**15
_YES = frozenset({"1", "y", "yes", "true"})
_NO = frozenset({"0", "n", "no", "false"})


def _something(value: Any) -> Any:
    """Blank text as nothing."""
    return value.strip() or None if isinstance(value, str) else value


def _words(value: Any) -> str | None:
    """Text; a number as its text; nothing for anything else."""
    match value:
        case str():
            return value.strip() or None
        case bool():
            return None
        case int() | Decimal():
            return str(value) if -_LARGEST < value < _LARGEST else None
        case _:
            return None


def _count(value: Any) -> int | None:
    """A whole number that is not negative, in digits; nothing for anything else."""
    text = _words(value)
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > _LONGEST_COUNT:
        return None
    return int(text)


def _flag(value: Any) -> bool | None:
    """Yes or no, however it is spelled; nothing for anything else."""
    word = str(value).strip().lower() if isinstance(value, (bool, int, str)) else ""
    return True if word in _YES else False if word in _NO else None


def _rounded(value: Decimal) -> Decimal:
    """To a millionth: fractions made by floats have more digits than a quantity has."""
    return round(value, 6)


def _object(value: Any) -> Any:
    """An object, or nothing in its place: an empty one may come as a list or as text."""
    return value if isinstance(value, dict) else None


def _list(value: Any) -> Any:
    """A list; an empty one may come as text, as an object or as null."""
    return value or []


# Bounds keep a number such as 1E+999999999 from being written out.
_Money = Annotated[Decimal, Field(ge=-(10**12), le=10**12, allow_inf_nan=False)]
_Quantity = Annotated[Decimal, Field(ge=0, lt=10**9, allow_inf_nan=False), AfterValidator(_rounded)]

Amount = Annotated[_Money | None, BeforeValidator(_something)]
"""Rupees, as text or a number; "" is nothing."""

Quantity = Annotated[_Quantity, BeforeValidator(_something)]
"""A quantity that must be there."""

MaybeQuantity = Annotated[_Quantity | None, BeforeValidator(_something)]
"""A quantity; None where there is none."""

Words = Annotated[str | None, BeforeValidator(_words)]
"""Text that an order can do without: what is neither text nor a number is nothing."""

Count = Annotated[int | None, BeforeValidator(_count)]
"""Minutes or persons."""

Flag = Annotated[bool | None, BeforeValidator(_flag)]
"""1 or 0, true or false, Y or N."""

AsObject = BeforeValidator(_object)
"""For objects that may come as an empty list or text: `Annotated[X | None, AsObject] = None`."""

AsList = BeforeValidator(_list)
"""For lists that may come empty in another form: `Annotated[list[X], AsList] = []`."""

T = TypeVar("T")


class One(Payload, Generic[T]):
    """`{"details": {...}}`."""

    details: T


class Many(Payload, Generic[T]):
    """`{"details": [...]}`."""

    details: Annotated[list[T], AsList] = []

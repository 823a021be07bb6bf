"""Amounts: integers in minor units of an ISO 4217 currency (cents, or whole yen, or thousandths of a dinar)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from orderhub.errors import Quarantine

# Beyond this a number is not a price but a mistake or an attack: 10^15 minor units still fit a float-reading client.
LARGEST = 10**15


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Digits after the decimal point of a currency, by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD.

    Raises Quarantine for a code that ISO 4217 does not list.
    """
    from iso4217 import Currency  # noqa: PLC0415  (44 ms to load; platforms that send minor units never need it)

    try:
        return int(Currency(currency).exponent or 0)
    except ValueError:
        raise Quarantine(f"currency {currency!r} is not an ISO 4217 code") from None


def minor_units(amount: Decimal | int | str, currency: str) -> int:
    """Minor units of an amount in major units: "12.50" EUR is 1250, "500" JPY is 500. Halves round away from zero.

    Raises Quarantine when the amount is not a finite number of a sane size.
    """
    return scaled(amount, Decimal(10) ** exponent(currency))


def scaled(amount: Decimal | int | str, factor: Decimal) -> int:
    """The amount times a factor as a whole number; for platforms with a fixed scale (Uber's `amount_e5`).

    Raises Quarantine when the amount is not a finite number of a sane size.
    """
    try:
        value = Decimal(amount) * factor
        if not value.is_finite() or abs(value) > LARGEST:
            raise Quarantine(f"{str(amount)[:40]!r} is not an amount of money")
        return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except (ArithmeticError, ValueError, TypeError):
        raise Quarantine(f"{str(amount)[:40]!r} is not an amount of money") from None

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderhub.errors import Quarantine
from orderhub.order.money import LARGEST, exponent, minor_units, scaled


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("USD", 2), ("EUR", 2), ("INR", 2), ("JPY", 0), ("KRW", 0), ("ISK", 0), ("KWD", 3), ("BHD", 3), ("CLF", 4)],
)
def test_a_currency_has_the_digits_that_iso_4217_says(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize("currency", ["", "usd", "US", "EURO", "Euro", "978", "ABC", "\ud800", "USD\x00"])
def test_what_iso_4217_does_not_list_is_no_currency(currency: str) -> None:
    with pytest.raises(Quarantine, match="ISO 4217"):
        exponent(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        ("12.5", "USD", 1250),
        ("12", "USD", 1200),
        ("0", "USD", 0),
        ("0.0", "USD", 0),
        ("-5.00", "USD", -500),
        (" 7.01 ", "USD", 701),
        (12, "USD", 1200),
        (Decimal("19.99"), "USD", 1999),
        ("500", "JPY", 500),
        ("500.4", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("1e2", "USD", 10_000),
        ("9999999999999.99", "USD", 999_999_999_999_999),
    ],
)
def test_an_amount_in_major_units_becomes_minor_units(amount: Decimal | int | str, currency: str, minor: int) -> None:
    assert minor_units(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("0.005", 1), ("0.004999", 0), ("1.005", 101), ("1.115", 112), ("-0.005", -1), ("-1.005", -101), ("2.675", 268)],
)
def test_halves_round_away_from_zero(amount: str, minor: int) -> None:
    assert minor_units(amount, "USD") == minor


@pytest.mark.parametrize(("amount_e5", "minor"), [(750_000, 750), (199_000, 199), (500, 1), (499, 0), (-5_000, -5)])
def test_a_platform_with_a_fixed_scale_is_scaled_by_it(amount_e5: int, minor: int) -> None:
    assert scaled(amount_e5, Decimal(100) / Decimal(100_000)) == minor


@pytest.mark.parametrize(
    "junk",
    [
        "",
        " ",
        "abc",
        "12,50",
        "$12",
        "1.2.3",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e16",
        "1e999999",
        "-1e999999999",
    ],
)
def test_what_is_no_sane_amount_goes_to_quarantine(junk: str) -> None:
    with pytest.raises(Quarantine, match="not an amount of money"):
        minor_units(junk, "USD")


def test_the_largest_amount_is_taken_and_the_next_is_not() -> None:
    assert scaled(LARGEST, Decimal(1)) == LARGEST
    with pytest.raises(Quarantine):
        scaled(LARGEST + 1, Decimal(1))


def test_an_amount_too_small_to_matter_is_zero() -> None:
    assert minor_units("1e-999999", "USD") == 0


@given(st.integers(-LARGEST, LARGEST), st.sampled_from(["JPY", "USD", "KWD", "CLF"]))
def test_minor_units_survive_being_written_in_major_units(minor: int, currency: str) -> None:
    written = str(Decimal(minor).scaleb(-exponent(currency)))

    assert minor_units(written, currency) == minor


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.text() | st.integers())
def test_whatever_the_amount_it_is_a_whole_number_or_goes_to_quarantine(amount: Decimal | str | int) -> None:
    try:
        minor = minor_units(amount, "USD")
    except Quarantine:
        return
    assert isinstance(minor, int)
    assert abs(minor) <= LARGEST

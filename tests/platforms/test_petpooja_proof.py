"""Petpooja: who sent it. Nothing is signed; secrets are in the body, or in the path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from orderhub.errors import Misconfigured, NotAuthentic
from orderhub.platforms.http_types import Request
from orderhub.platforms.petpooja import PLATFORM
from tests.platforms.petpooja_messages import (
    CREDENTIALS,
    KEYS,
    PATH_SECRET,
    RESTAURANT,
    TOKEN,
    WEBHOOK,
    bill,
    connected,
    save_order,
    sent,
)
from tests.platforms.samples import AnyConnection

OTHER_KEYS = {"app_key": "d" * 32, "app_secret": "e" * 40, "access_token": "f" * 40}
CANCEL = {"restID": RESTAURANT, "orderID": "", "clientorderID": "A-1", "cancelReason": "", "status": "-1"}
RIDER = {"order_id": "A-1", "status": "rider-assigned", "rider_data": {}, "external_order_id": ""}
CALLBACK = {"restID": RESTAURANT, "orderID": "A-1", "status": "1"}
STOCK = {"restID": RESTAURANT, "type": "item", "inStock": False, "itemID": ["1"]}


def is_authentic(request: Request, connection: AnyConnection | None = None) -> bool:
    try:
        PLATFORM.authenticate(request, connection or connected())
    except NotAuthentic:
        return False
    return True


# --- ordering apps ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [save_order(), CANCEL, RIDER])
def test_the_three_keys_are_accepted_whatever_the_url(body: dict[str, Any]) -> None:
    paths = (WEBHOOK, f"{WEBHOOK}/save_order", f"{WEBHOOK}/", f"{WEBHOOK}/anything")

    assert [is_authentic(sent({**body, **KEYS}, path)) for path in paths] == [True] * len(paths)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("value", [None, "", "x", 7, ["a"], KEYS["app_secret"][:-1], "\ud800", OTHER_KEYS["app_key"]])
def test_any_key_that_is_missing_or_another_is_refused(name: str, value: object) -> None:
    assert not is_authentic(sent({**save_order(), **KEYS, name: value}))
    assert not is_authentic(sent({**save_order(), **{key: one for key, one in KEYS.items() if key != name}}))


def test_blanks_around_a_key_do_not_count_on_either_side() -> None:
    pasted = connected({"keys": [{name: f" {value}\n" for name, value in KEYS.items()}]})

    assert is_authentic(sent({**save_order(), **KEYS}), pasted)
    assert is_authentic(sent({**save_order(), **KEYS, "app_key": f"{KEYS['app_key']}\n"}))


def test_keys_in_the_headers_prove_nothing() -> None:
    headers = {"app-key": KEYS["app_key"], "app-secret": KEYS["app_secret"], "access-token": KEYS["access_token"]}

    assert not is_authentic(sent(save_order(), **headers))


def test_during_a_rotation_keys_of_one_generation_are_good_and_a_mixture_is_not() -> None:
    rotating = connected({"keys": [OTHER_KEYS, KEYS]})

    assert is_authentic(sent({**save_order(), **KEYS}), rotating)
    assert is_authentic(sent({**save_order(), **OTHER_KEYS}), rotating)
    assert not is_authentic(sent({**save_order(), **KEYS, "app_key": OTHER_KEYS["app_key"]}), rotating)


def test_empty_keys_of_a_connection_are_no_keys() -> None:
    empty = connected({"keys": [dict.fromkeys(KEYS, "")]})

    assert not is_authentic(sent({**save_order(), **dict.fromkeys(KEYS, "")}), empty)


@pytest.mark.parametrize("body", [save_order(), CANCEL, RIDER])
def test_no_secret_of_bills_proves_an_ordering_app(body: dict[str, Any]) -> None:
    assert not is_authentic(sent({**body, "token": TOKEN}, f"{WEBHOOK}/{PATH_SECRET}"))


# --- bills -----------------------------------------------------------------------------------------------------------

BILL = {"event": "orderdetails", "properties": bill()}


@pytest.mark.parametrize("body", [BILL, bill()], ids=["in its envelope", "bare"])
@pytest.mark.parametrize("name", ["token", "Token"])
def test_a_bill_is_proved_by_its_token(body: dict[str, Any], name: str) -> None:
    assert is_authentic(sent({**body, name: TOKEN}))
    assert not is_authentic(sent({**body, name: f"{TOKEN}x"}))


def test_an_empty_token_is_none() -> None:
    assert not is_authentic(sent({**BILL, "token": ""}))
    assert not is_authentic(sent({**BILL, "token": ""}), connected({"bill_tokens": [""]}))
    assert is_authentic(sent({**BILL, "token": "", "Token": TOKEN}))


@pytest.mark.parametrize("inner", [PATH_SECRET, f"{PATH_SECRET}/save_order", f"bills/{PATH_SECRET}", f"{PATH_SECRET}/"])
def test_a_bill_without_a_token_is_proved_by_a_part_of_the_path(inner: str) -> None:
    allowed = "bills" not in inner  # a part that is neither the secret nor a name of Petpooja's

    assert is_authentic(sent({**BILL, "token": ""}, f"{WEBHOOK}/{inner}")) == allowed


def test_a_wrong_token_is_not_made_good_by_the_path() -> None:
    assert not is_authentic(sent({**BILL, "token": "wrong"}, f"{WEBHOOK}/{PATH_SECRET}"))


def test_a_path_without_the_secret_proves_nothing() -> None:
    paths = (WEBHOOK, f"{WEBHOOK}/", f"{WEBHOOK}/save_order", f"{WEBHOOK}/{PATH_SECRET[:-1]}", f"/{PATH_SECRET}")

    assert [is_authentic(sent(BILL, path)) for path in paths] == [False] * len(paths)


def test_without_token_and_path_secret_bills_are_refused() -> None:
    bare = connected({"keys": [KEYS]})

    assert not is_authentic(sent({**BILL, "token": TOKEN, **KEYS}), bare)
    assert not is_authentic(sent(BILL, f"{WEBHOOK}/{PATH_SECRET}"), bare)


@pytest.mark.parametrize(
    "secret", ["short", "", "with/a/slash/in/it", "with a blank in it", "per%20cent%20signs%20in%20it"]
)
def test_a_path_secret_must_not_be_guessed_and_stand_in_a_path_as_it_is(secret: str) -> None:
    with pytest.raises(ValidationError, match="16 characters or more"):
        connected({"path_secrets": [secret]})


@pytest.mark.parametrize("body", [CALLBACK, STOCK])
def test_what_a_pos_tells_is_proved_by_the_path_alone(body: dict[str, Any]) -> None:
    assert is_authentic(sent(body, f"{WEBHOOK}/{PATH_SECRET}/callback"))
    assert not is_authentic(sent({**body, "token": TOKEN}))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"orderinfo": 1e999999999}'])
def test_a_body_that_cannot_be_read_is_authentic_by_its_path_only(raw: bytes) -> None:
    assert not is_authentic(sent(raw))
    assert is_authentic(sent(raw, f"{WEBHOOK}/{PATH_SECRET}"))


# --- signing ---------------------------------------------------------------------------------------------------------


def test_signing_leaves_the_rest_of_the_body_to_the_byte() -> None:
    raw = b'{"orderinfo": {"OrderInfo": 1.50}, "device_type":"Web"}'

    signed = PLATFORM.sign(sent(raw), connected())

    assert signed.body == raw[:-1] + b", " + json.dumps(KEYS).encode()[1:]


def test_signing_puts_a_secret_where_each_kind_of_request_has_it() -> None:
    of_bill, of_callback = (PLATFORM.sign(sent(body), connected()) for body in (bill(), CALLBACK))

    assert (json.loads(of_bill.body)["token"], of_bill.path) == (TOKEN, WEBHOOK)
    assert (json.loads(of_callback.body), of_callback.path) == (CALLBACK, f"{WEBHOOK}/{PATH_SECRET}")


@pytest.mark.parametrize(
    ("body", "lacks"), [(save_order(), "keys"), (bill(), "bill_tokens"), (CALLBACK, "path_secrets")]
)
def test_without_a_secret_nothing_can_be_signed(body: dict[str, Any], lacks: str) -> None:
    poor = {name: value for name, value in CREDENTIALS.items() if name not in (lacks, "path_secrets")}

    with pytest.raises(Misconfigured):
        PLATFORM.sign(sent(body), connected(poor))


def test_a_trial_can_be_given_all_three_keys_at_once() -> None:
    credentials = PLATFORM.credentials_for(".".join(KEYS.values()))

    assert {name: getattr(credentials.keys[0], name).get_secret_value() for name in KEYS} == KEYS

"""DoorDash: the calls we make, beyond what the recorded exchanges show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from pydantic import SecretStr, ValidationError

from orderhub.errors import HubError, Misconfigured, Reject, Retry
from orderhub.order.models import Order, StatusReason
from orderhub.order.status import CancelReason
from orderhub.platforms.base import Operation
from orderhub.platforms.doordash import PLATFORM, proof
from orderhub.platforms.doordash.config import DoorDashCredentials, DoorDashSettings
from orderhub.platforms.http_types import Call, Reply
from tests.platforms.answers import Answers
from tests.platforms.exchange import minimal_order
from tests.platforms.samples import connection_for
from tests.platforms.test_doordash_mapping import connect

ACCESS_KEY: dict[str, Any] = {
    "developer_id": "11111111-2222-3333-4444-555555555555",
    "key_id": "66666666-7777-8888-9999-000000000000",
    "signing_secret": "ZG9vcmRhc2gtc2lnbmluZy1zZWNyZXQtMzItYnl0ZXMh",
    "webhook_tokens": ["dd-hook-token"],
}
VECTOR = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImRkLXZlciI6IkRELUpXVC1WMSJ9"
    ".eyJhdWQiOiJkb29yZGFzaCIsImlzcyI6IjExMTExMTExLTIyMjItMzMzMy00NDQ0LTU1NTU1NTU1NTU1NSIsImtpZCI6IjY2NjY2NjY2LTc3NzctODg4"
    "OC05OTk5LTAwMDAwMDAwMDAwMCIsImV4cCI6MTYzNjQ2NTY0MSwiaWF0IjoxNjM2NDYzODQxfQ"
    ".eQJ_nzVeerDWt4I3HZ6qPh66D0Z4doT0wIXEf2w63uM"
)
CALL = Call("PATCH", "https://openapi.doordash.com/marketplace/api/v1/orders/1", json={"order_status": "success"})
READY = Call("PATCH", f"{CALL.url}/events/order_ready_for_pickup", json={})


# --- what proves a call ---------------------------------------------------------------------------------------------


def test_the_known_token_is_made_byte_for_byte() -> None:
    assert proof.signed(DoorDashCredentials.model_validate(ACCESS_KEY), 1636463841, 1636465641) == VECTOR


def test_a_library_of_others_reads_our_token() -> None:
    token = proof.token(DoorDashCredentials.model_validate(ACCESS_KEY))

    claims = jwt.decode(token, b"doordash-signing-secret-32-bytes!", algorithms=["HS256"], audience="doordash")

    assert (claims["iss"], claims["kid"]) == (ACCESS_KEY["developer_id"], ACCESS_KEY["key_id"])
    assert 0 < claims["exp"] - claims["iat"] <= 1800
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}


@pytest.mark.parametrize("secret", ["c2VjcmV0LW9mLW91cnM", "c2VjcmV0LW9mLW91cnM=", "-_-_"])
def test_a_signing_secret_is_base64url_with_or_without_padding(secret: str) -> None:
    credentials = DoorDashCredentials.model_validate({**ACCESS_KEY, "signing_secret": secret})

    assert proof.signed(credentials, 1, 2).count(".") == 2


@pytest.mark.parametrize("secret", ["", "not a secret", "a", "=", "ä"])
def test_a_signing_secret_of_another_form_is_for_a_person_to_mend(secret: str) -> None:
    credentials = DoorDashCredentials.model_validate({**ACCESS_KEY, "signing_secret": secret})

    with pytest.raises(Misconfigured, match="base64url"):
        proof.signed(credentials, 1, 2)


@pytest.mark.parametrize(
    ("words", "agent"),
    [
        ("merchant_sandbox", "MerchantSandbox/1.0"),
        ("MerchantSandbox", "MerchantSandbox/1.0"),
        ("corner kitchen", "CornerKitchen/1.0"),
        ("posprovider_1", "Posprovider1/1.0"),
    ],
)
def test_a_call_says_who_makes_it(words: str, agent: str) -> None:
    connection = connection_for("doordash", ACCESS_KEY, {"provider_type": words})

    call = PLATFORM.authorize(CALL, connection, None)

    token = call.headers["Authorization"].removeprefix("Bearer ")
    assert call == CALL.with_headers({"Authorization": f"Bearer {token}", "auth-version": "v2", "User-Agent": agent})
    assert token.startswith(VECTOR.partition(".")[0] + ".")


@pytest.mark.parametrize("words", ["", "Kitchen/2", "a\nb", "_", "kü"])
def test_a_provider_type_fits_into_a_header(words: str) -> None:
    with pytest.raises(ValidationError):
        DoorDashSettings(provider_type=words)


def test_the_ready_call_goes_by_a_token_of_its_own_where_there_is_one() -> None:
    connection = connection_for("doordash", {**ACCESS_KEY, "ready_token": "for-ready-alone"})

    calls = [PLATFORM.authorize(call, connection, None).headers["Authorization"] for call in (READY, CALL)]

    assert calls[0] == "Bearer for-ready-alone"
    assert calls[1].startswith("Bearer ey")


def test_without_one_the_ready_call_goes_by_the_access_key() -> None:
    call = PLATFORM.authorize(READY, connection_for("doordash", ACCESS_KEY), None)

    assert call.headers["Authorization"].startswith("Bearer ey")


def test_a_trial_needs_no_more_than_the_webhook_token() -> None:
    assert PLATFORM.credentials_for("token").webhook_tokens == (SecretStr("token"),)


# --- why we deny and cancel -----------------------------------------------------------------------------------------

CLOSED = "Store Unavailable - Closed or Remodel"
WHY = {
    CancelReason.OUT_OF_STOCK: ("ITEM_OUT_OF_STOCK", "So it is", "ITEM_OUT_OF_STOCK"),
    CancelReason.KITCHEN_CLOSED: ("STORE_CLOSED", CLOSED, "STORE_CLOSED"),
    CancelReason.EQUIPMENT_FAILURE: ("STORE_TEMP_CLOSED", CLOSED, "OTHER"),
    CancelReason.STAFF_SHORTAGE: ("CAPACITY_THROTTLING", "So it is", "KITCHEN_BUSY"),
    CancelReason.STORE_EMERGENCY: ("STORE_TEMP_CLOSED", CLOSED, "OTHER"),
    CancelReason.CUSTOMER_REQUEST: ("OTHER", "So it is", "OTHER"),
    CancelReason.PAYMENT_ISSUE: ("OTHER", "So it is", "OTHER"),
    CancelReason.DELIVERY_ADDRESS_ISSUE: ("INVALID_ADDRESS", "So it is", "OTHER"),
    CancelReason.PLATFORM_ERROR: ("CONNECTIVITY_ISSUE", "Store Unavailable - Connectivity Issue", "OTHER"),
    CancelReason.DUPLICATE_ORDER: ("INVALID_ORDER", "So it is", "OTHER"),
    CancelReason.FRAUD_SUSPECTED: ("INVALID_ORDER", "So it is", "OTHER"),
    CancelReason.WEATHER_RELATED: ("WEATHER_ISSUES", "So it is", "OTHER"),
    CancelReason.OTHER: ("OTHER", "So it is", "OTHER"),
    None: ("OTHER", "So it is", "OTHER"),
}


def test_each_of_our_reasons_has_its_words() -> None:
    assert set(WHY) == {*CancelReason, None}


def an_order(reason: CancelReason | None, **fields: Any) -> Order:
    order = minimal_order(connect(), {"external_id": "1", "store_external_id": "CK-014", **fields})
    return order.model_copy(update={"status_reason": StatusReason(code=reason, details="So it is")})


@pytest.mark.parametrize(("reason", "words"), list(WHY.items()), ids=[str(reason) for reason in WHY])
def test_a_reason_is_told_in_doordash_s_words(reason: CancelReason | None, words: tuple[str, str, str]) -> None:
    http, (code, failure, cancelled) = Answers(b"", b""), words
    order = an_order(reason)

    PLATFORM.deny(order, connect(), http)
    PLATFORM.cancel(order, connect(), http)

    assert http.bodies == [
        {
            "merchant_supplied_id": order.id,
            "order_status": "fail",
            "failure_reason": failure,
            "errors": [{"code": code, "merchant_supplied_id": "CK-014", "message": "So it is"}],
        },
        {"cancel_reason": cancelled, "cancel_details": "So it is"},
    ]


def test_what_cancelling_does_to_the_store_is_said_beforehand() -> None:
    warned = PLATFORM.side_effects[Operation.CANCEL]

    assert {
        reason: warned.get(reason) for reason in WHY if reason and WHY[reason][2] in {"STORE_CLOSED", "KITCHEN_BUSY"}
    } == {
        CancelReason.KITCHEN_CLOSED: "DoorDash switches the store off for 12 hours",
        CancelReason.STAFF_SHORTAGE: "DoorDash switches the store off for 15 minutes",
    }
    assert len(warned) == 2


# --- what it cannot do ----------------------------------------------------------------------------------------------


def test_staff_see_beforehand_that_a_restaurant_has_no_returns() -> None:
    restaurant, shop = an_order(None), an_order(None, source={"returns": "yes"})

    assert PLATFORM.why_not(Operation.REFUND, restaurant) == (
        "it takes returns of shops that are on its list for them, and decides on all other refunds itself"
    )
    assert PLATFORM.why_not(Operation.REFUND, shop) is None
    assert PLATFORM.why_not(Operation.ACCEPT, restaurant) is None
    assert PLATFORM.why_not(Operation.PICKED_UP, restaurant) == PLATFORM.why[Operation.PICKED_UP]


def test_a_connection_without_a_mapped_store_cannot_be_verified() -> None:
    with pytest.raises(Misconfigured, match="no store of DoorDash"):
        PLATFORM.verify_connection(connection_for("doordash", ACCESS_KEY), Answers())


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "error", "told"),
    [
        (400, b"", Reject, "answered already, has expired or was not confirmed"),
        (401, b"", Misconfigured, "check developer id, key id and signing secret"),
        (403, b"", Misconfigured, "on its list for this call"),
        (404, b"<html>", Reject, "no such order, item or store"),
        (409, b'{"code": "DUPLICATE_REQUEST", "message": "Twice"}', Reject, "Twice; it was returned before"),
        (413, b'"too large"', Reject, "DoorDash answered 413"),
        (422, b'{"code": 7, "message": "No"}', Reject, "DoorDash answered 422: No"),
        (429, b"", Retry, "DoorDash answered 429"),
        (408, b"", Retry, "DoorDash answered 408"),
        (500, b'{"message": "Unexpected error occurred"}', Retry, "DoorDash answered 500"),
        (503, b"", Retry, "DoorDash answered 503"),
    ],
)
def test_an_error_says_what_to_do_about_it(status: int, body: bytes, error: type[HubError], told: str) -> None:
    refused = PLATFORM.refusal(Reply(status, {}, body))

    assert type(refused) is error
    assert told in str(refused)


def test_the_present_is_the_hub_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "now", lambda: datetime.fromtimestamp(1636463841, UTC))
    credentials = DoorDashCredentials.model_validate(ACCESS_KEY)

    assert proof.token(credentials) == proof.signed(credentials, 1636463841, 1636463841 + 300)

"""OGOship: who sent a webhook, what becomes of it, how calls are proved, what its refusals mean."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from orderhub.errors import HubError, Misconfigured, NotAuthentic, Quarantine, Reject, Retry
from orderhub.order.messages import Ignored, PollNow
from orderhub.platforms.base import Operation, TokenRequest
from orderhub.platforms.http_types import Answer, Call, Reply, Request
from orderhub.platforms.ogoship import PLATFORM
from orderhub.platforms.ogoship.proof import sha1, signed_words
from orderhub.platforms.targets import Target, TargetOperation
from tests.platforms import any_json
from tests.platforms.rules.authenticity import Authenticity
from tests.platforms.rules.quality import Quality
from tests.platforms.samples import AnyConnection, connection_for, load_sample, request_for, samples_of

SIGNED = "x-ogoship-hmac-sha256"
MERCHANT: dict[str, Any] = {
    "merchant_id": "4711",
    "secret_token": "s3cr3t",
    "client_id": "client",
    "client_secret": "hush",
    "api_key": "the-api-key",
}


def connect(credentials: dict[str, Any] | None = None, **settings: object) -> AnyConnection:
    return connection_for("ogoship", MERCHANT if credentials is None else credentials, settings)


def rest(path: str = "/Orders") -> Call:
    return Call("GET", f"https://api.ogoship.com/api/v1{path}")


class TestOgoship(Authenticity, Quality):
    slug = "ogoship"

    @staticmethod
    def credentials(*secrets: str) -> dict[str, object]:
        return {"webhook_keys": list(secrets)}


# --- webhooks ------------------------------------------------------------------------------------------------------


def vector(signature: str | None) -> Request:
    sample = load_sample("ogoship", "order_shipped__bare")
    request = request_for(sample, connection_for("ogoship", {"webhook_keys": ["any"]}))
    headers = {name: value for name, value in request.headers.items() if name != SIGNED}
    return replace(request, headers={**headers, SIGNED: signature} if signature else headers)


GOOD = "BQvNZea4/ZuzmFXYBcGU5QXl0Rape4e+gK1xuR7aB/g="
KEYED = {"webhook_keys": ["ogo-webhook-key"]}


def test_a_signature_made_outside_of_our_code_is_authentic() -> None:
    PLATFORM.authenticate(vector(GOOD), connection_for("ogoship", KEYED))


@pytest.mark.parametrize("signature", [None, GOOD.lower(), GOOD.upper(), GOOD[:-2], f"sha256={GOOD}", GOOD[1:] + "A"])
def test_a_signature_that_is_not_quite_right_is_refused(signature: str | None) -> None:
    with pytest.raises(NotAuthentic):
        PLATFORM.authenticate(vector(signature), connection_for("ogoship", KEYED))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("order_shipped__parcel", PollNow),
        ("order_shipped__other_case", PollNow),
        ("order_shipped__bare", PollNow),
        ("product_stock_level_changed__sold", PollNow),
        ("unknown__neither_order_nor_product", Ignored),
    ],
)
def test_a_webhook_tells_that_there_is_something_to_look_at_and_nothing_else(
    name: str, kind: type[PollNow | Ignored]
) -> None:
    connection = connection_for("ogoship", KEYED)

    reading = PLATFORM.read(request_for(load_sample("ogoship", name), connection), connection)

    assert [type(one) for one in reading.messages] == [kind]
    assert reading.answer == Answer(200)


def test_each_sample_has_a_row_above() -> None:
    assert len(samples_of("ogoship")) == 5


def test_the_same_webhook_has_the_same_key_and_another_body_another() -> None:
    connection = connection_for("ogoship", KEYED)
    requests = [request_for(sample, connection) for sample in samples_of("ogoship")]

    keys = [[PLATFORM.read(one, connection).messages[0].delivery_key for one in requests] for _ in range(2)]

    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(requests)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b"[" * 100_000, b'{"reference": []}'])
def test_a_body_that_cannot_be_read_goes_to_quarantine(body: bytes) -> None:
    connection = connection_for("ogoship", KEYED)

    with pytest.raises(Quarantine):
        PLATFORM.read(replace(vector(GOOD), body=body), connection)


@given(any_json.anything)
def test_no_body_whatever_breaks_reading(body: Any) -> None:
    request = replace(vector(GOOD), body=any_json.encode(body))
    try:
        (message,) = PLATFORM.read(request, connect()).messages
    except Quarantine:
        return
    assert isinstance(message, Ignored | PollNow)


@pytest.mark.parametrize(("method", "answer"), [("GET", Answer(200)), ("HEAD", Answer(200)), ("POST", None)])
def test_a_look_whether_the_url_is_there_is_answered(method: str, answer: Answer | None) -> None:
    assert PLATFORM.greet(replace(vector(None), method=method, body=b"")) == answer


def test_a_webhook_cannot_be_signed_without_a_key() -> None:
    with pytest.raises(Misconfigured):
        PLATFORM.sign(vector(None), connect())


# --- what it is -----------------------------------------------------------------------------------------------------


def test_it_is_a_warehouse_that_can_do_all_that_one_is_asked_for() -> None:
    asked = {
        Operation.POLL,
        Operation.VERIFY_CONNECTION,
        TargetOperation.FIND_SHIPMENT,
        TargetOperation.CREATE_SHIPMENT,
        TargetOperation.CHANGE_SHIPMENT,
        TargetOperation.CANCEL_SHIPMENT,
        TargetOperation.PUT_PRODUCT,
    }

    assert PLATFORM.target == Target.WAREHOUSE
    assert set(PLATFORM.calls) == asked


def test_it_is_polled_as_often_as_the_settings_say() -> None:
    minutes = [PLATFORM.poll_interval(one.settings) for one in (connect(), connect(poll_minutes=15))]

    assert [one.total_seconds() / 60 for one in minutes if one] == [5, 15]


def test_webhooks_load_nothing_that_only_calls_need() -> None:
    loaded = (
        "import sys, orderhub.platforms.ogoship; print(*[m for m in sys.modules if 'ogoship' in m or m=='requests'])"
    )

    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert {name.rpartition(".")[2] for name in done.stdout.split()} == {"ogoship", "events", "models", "config"}


@pytest.mark.parametrize(
    "settings",
    [
        {"api": "soap"},
        {"page_size": 251},
        {"page_size": 0},
        {"language": "english"},
        {"default_country": "FIN"},
        {"statuses": {"new": "boiling"}},
        {"vat_percentages": [101]},
        {"colour": "red"},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        connect(**settings)


# --- how calls are proved --------------------------------------------------------------------------------------------


def test_a_token_is_asked_for_with_a_password_grant() -> None:
    request = PLATFORM.token_request(connect())

    assert request is not None
    assert request == TokenRequest(
        "https://my.ogoship.com/OAuth/Token",
        {
            "grant_type": "password",
            "client_id": "client",
            "client_secret": "hush",
            "username": "4711",
            "password": "s3cr3t",
            "scope": "read:order write:order read:product write:product read:webhook write:webhook "
            "read:metadata write:metadata",
        },
        lifetime=request.lifetime,
    )
    assert (request.lifetime.total_seconds(), request.as_json) == (5400, False)


@pytest.mark.parametrize("settings", [{"sign_in": "api_key"}, {"api": "legacy"}])
def test_the_other_ways_need_no_token(settings: dict[str, Any]) -> None:
    assert PLATFORM.token_request(connect(**settings)) is None


@pytest.mark.parametrize("missing", ["merchant_id", "secret_token", "client_id", "client_secret"])
def test_a_token_cannot_be_asked_for_without_all_of_it(missing: str) -> None:
    with pytest.raises(Misconfigured, match=missing):
        PLATFORM.token_request(connect({name: text for name, text in MERCHANT.items() if name != missing}))


def test_a_call_carries_the_token_or_the_key() -> None:
    by_token = PLATFORM.authorize(rest(), connect(), "abc")
    by_key = PLATFORM.authorize(rest(), connect(sign_in="api_key"), None)

    assert by_token.headers == {"Authorization": "Bearer abc"}
    assert by_key.headers == {"X-OgoKey": "the-api-key"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [({"sign_in": "api_key"}, "api_key"), ({"api": "legacy"}, "secret_token"), ({"api": "legacy"}, "merchant_id")],
)
def test_a_call_without_a_credential_says_which(settings: dict[str, Any], missing: str) -> None:
    connection = connect({name: text for name, text in MERCHANT.items() if name != missing}, **settings)

    with pytest.raises(Misconfigured, match=missing):
        PLATFORM.authorize(Call("GET", "https://my.ogoship.com/merchant/4711/Order/1"), connection, None)


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "https://api.ogoship.com/api/v1"),
        ({"base_url": "https://trial.example.com/"}, "https://trial.example.com/api/v1"),
        ({"api": "legacy"}, "https://my.ogoship.com/merchant/4711"),
        ({"api": "legacy", "my_url": "https://trial.example.com"}, "https://trial.example.com/merchant/4711"),
    ],
)
def test_the_settings_say_where_the_api_is(settings: dict[str, Any], url: str) -> None:
    assert PLATFORM.base_url(connect(**settings)) == url


LEGACY = "https://my.ogoship.com/merchant/4711"
VECTORS: list[tuple[Call, tuple[str, ...], str]] = [
    (
        Call("PUT", f"{LEGACY}/Order/1001-AbC"),
        ("order", "add", "1001-AbC"),
        "c29923a6b7974681e5253fb80a54fa1c221cc038",
    ),
    (
        Call("POST", f"{LEGACY}/Order/1001-AbC"),
        ("order", "update", "1001-AbC"),
        "72d174e082819e297d02439ced812c3a6d645056",
    ),
    (
        Call("DELETE", f"{LEGACY}/Order/1001-AbC"),
        ("order", "remove", "1001-AbC"),
        "fb31b863c6414dfb56062fa5fd15e4e476929cd4",
    ),
    (
        Call("GET", f"{LEGACY}/Order/1001-AbC"),
        ("order", "info", "1001-AbC"),
        "826cf113a32baf912abc6368a25e6bb08be8c754",
    ),
    (
        Call("GET", f"{LEGACY}/LatestChanges", {"TimeStamp": "1790000000"}),
        ("order", "latestchanges", "1790000000"),
        "55cfb5402f17004a1d9792b11d07a4f2353619b9",
    ),
    (Call("POST", f"{LEGACY}/Products"), ("product", "all"), "058368e3f17f3a518c0175192a2fa95c9fc9a601"),
    (
        Call("GET", f"{LEGACY}/Product/PIZZA-MARG"),
        ("product", "info", "PIZZA-MARG"),
        "469b86afaac602f34b7d6374c0b69d88601ca892",
    ),
]


@pytest.mark.parametrize(("call", "words", "signature"), VECTORS, ids=[" ".join(one[1]) for one in VECTORS])
def test_a_call_of_the_older_api_is_signed_over_what_it_does(
    call: Call, words: tuple[str, ...], signature: str
) -> None:
    proved = PLATFORM.authorize(call, connect(api="legacy"), None)

    assert signed_words(call, LEGACY) == words
    assert sha1(words, "s3cr3t") == signature
    assert proved.params == {**call.params, "SHA1": signature}


def test_what_is_signed_is_the_name_and_not_how_it_is_written_in_a_path() -> None:
    assert signed_words(Call("GET", f"{LEGACY}/Order/A%2F1%20%C3%A5"), LEGACY) == ("order", "info", "A/1 å")


# --- refusals -------------------------------------------------------------------------------------------------------


def refusal(status: int, body: object) -> HubError | None:
    reply = Reply(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())
    return PLATFORM.refusal(reply) if PLATFORM.is_refusal(reply) else None


def problem(status: int, message: str | None = "It is so.") -> dict[str, object]:
    return {"statusCode": status, "statusDescription": "Said So", "message": message}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "words"),
    [
        (400, problem(400), Reject, "HTTP_400", "OGOship answered 400: It is so."),
        (400, problem(400, None), Reject, "HTTP_400", "OGOship answered 400: Said So"),
        (400, {"StatusCode": 400, "Message": "Other case."}, Reject, "HTTP_400", "OGOship answered 400: Other case."),
        (400, b"<html>", Reject, "HTTP_400", "OGOship answered 400"),
        (400, [], Reject, "HTTP_400", "OGOship answered 400"),
        (404, problem(404), Reject, "HTTP_404", "OGOship answered 404: It is so."),
        (302, b"", Reject, "HTTP_302", "OGOship answered 302"),
        (401, problem(401), Misconfigured, None, ".*refused: It is so."),
        (429, problem(429), Retry, None, "OGOship answered 429: It is so."),
        (500, b"", Retry, None, "OGOship answered 500"),
        (503, problem(503), Retry, None, "OGOship answered 503: It is so."),
    ],
)
def test_a_refusal_is_told_in_their_words(
    status: int, body: object, kind: type[HubError], code: str | None, words: str
) -> None:
    error = refusal(status, body)

    assert type(error) is kind
    assert getattr(error, "code", None) == code
    assert re.fullmatch(words, str(error))


def info(**told: str) -> dict[str, object]:
    return {"Response": {"Info": {f"@{name}": text for name, text in told.items()}}}


DUPLICATE = "Trying to add new order but order with same reference already exists"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (info(Success="false", Error=DUPLICATE), "DUPLICATE_REFERENCE", f"OGOship refuses: {DUPLICATE}"),
        (info(Success="false", Error="No."), "OGOSHIP_REFUSED", "OGOship refuses: No."),
        (info(Success="False", Error="No."), "OGOSHIP_REFUSED", "OGOship refuses: No."),
        (info(Success="false"), "OGOSHIP_REFUSED", "OGOship refuses: it does not say why"),
        (info(Error="No."), "OGOSHIP_REFUSED", "OGOship refuses: No."),
    ],
)
def test_the_older_api_refuses_with_200(body: dict[str, object], code: str, words: str) -> None:
    error = refusal(200, body)

    assert isinstance(error, Reject)
    assert (error.code, str(error)) == (code, words)


@pytest.mark.parametrize(
    "body",
    [info(Success="true"), info(Success="True"), info(Timestamp="1"), [], [{"comments": '"@'}], b"null", b"", b'"@'],
)
def test_what_is_no_refusal_is_none(body: object) -> None:
    assert refusal(200, body) is None


@given(any_json.anything)
def test_no_answer_whatever_breaks_the_look_for_a_refusal(body: Any) -> None:
    told = b'{"Response":{"Info":' + any_json.encode(body) + b',"x":"@"}}'

    assert all(isinstance(refusal(status, told), HubError) for status in (400, 401, 500))
    assert isinstance(refusal(200, told), Reject | None)

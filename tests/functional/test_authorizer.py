"""Who is let in: keys of ours, and the staff's own tokens."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests
import responses
from botocore.exceptions import EndpointConnectionError
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from orderhub.errors import Retry
from orderhub.runtime import settings
from orderhub.service import api_keys
from orderhub.service.access import EVERY_STORE, Role, from_context
from orderhub.service.api_keys import NewApiKey
from orderhub.storage.aws import client
from tests.functional.conftest import NOW, Clock
from tests.functional.hub import ADMIN, STORE, Hub, function

ISSUER, AUDIENCE = "https://login.example.com/pool", "orderhub"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
NOBODY = {"isAuthorized": False}


def authorize(header: str | None, **headers: str) -> dict[str, Any]:
    given = {**({} if header is None else {"authorization": header}), **headers}
    event = {"version": "2.0", "type": "REQUEST", "headers": given, "identitySource": [header or ""]}
    answer: dict[str, Any] = function("authorizer")(event, None)
    return answer


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(hub: Hub) -> str:
    issued = api_keys.issue_key(ADMIN, NewApiKey(name="till", role=Role.STORE_EMPLOYEE, stores=[STORE, "sto_2"]), None)
    assert issued.key is not None
    return issued.key


def test_a_key_is_let_in_as_who_it_is(key: str) -> None:
    key_id = "key_" + key.split("_")[1]

    assert authorize(f"Bearer {key}") == {
        "isAuthorized": True,
        "context": {"id": key_id, "name": "till", "role": "store_employee", "stores": f"sto_2,{STORE}"},
    }


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_written_in_any_case(key: str, scheme: str) -> None:
    assert authorize(f"{scheme} {key}")["isAuthorized"]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic eDp5", "Token x", "Bearer oh_x_y", "Bearer x"]
)
def test_what_proves_nothing_is_not_let_in(hub: Hub, header: str | None) -> None:
    assert authorize(header) == NOBODY


def test_a_key_without_its_scheme_is_not_let_in(key: str) -> None:
    assert authorize(key) == NOBODY


def test_a_wrong_key_is_not_let_in(key: str) -> None:
    assert authorize(f"Bearer {key}x") == authorize(f"Bearer {key[:-1]}") == NOBODY


def test_a_revoked_key_is_not_let_in(key: str) -> None:
    api_keys.revoke_key(ADMIN, "key_" + key.split("_")[1])

    assert authorize(f"Bearer {key}") == NOBODY


def test_while_keys_cannot_be_looked_up_nobody_is_let_in_or_locked_out(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example.com")

    monkeypatch.setattr(client("dynamodb"), "get_item", away)

    with pytest.raises(Retry):
        authorize(f"Bearer {key}")


def test_the_api_knows_the_caller_that_the_authorizer_let_in(hub: Hub, key: str) -> None:
    assert from_context(authorize(f"Bearer {key}")["context"]) == api_keys.caller_of_key(key)


# --- tokens of the staff ---------------------------------------------------------------------------------------------


def published(*keys: Any) -> dict[str, Any]:
    """The keys as an issuer publishes them."""
    shown = []
    for key in keys:
        algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        public = json.loads(algorithm.to_jwk(key.public_key()))
        shown.append({**public, "kid": kid_of(key), "use": "sig"})
    return {"keys": shown}


def kid_of(key: Any) -> str:
    return {id(KEY): "key-1", id(CURVE): "key-2"}.get(id(key), "key-1")


@pytest.fixture
def issuer(internet: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> responses.RequestsMock:
    """The stack names an issuer, which is there and signs with two keys."""
    monkeypatch.setenv("OIDC_ISSUER", ISSUER)
    monkeypatch.setenv("OIDC_AUDIENCE", AUDIENCE)
    settings.cache_clear()
    internet.add("GET", f"{ISSUER}/.well-known/openid-configuration", json={"jwks_uri": f"{ISSUER}/keys"})
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda _: published(KEY, CURVE))
    return internet


def token(key: Any = KEY, algorithm: str = "RS256", *, without: str = "", **claims: Any) -> str:
    """A good token but for what is told."""
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "user-1",
        "exp": NOW + timedelta(hours=1),
        "iat": NOW,
        "orderhub_role": "store_manager",
        "orderhub_stores": [STORE],
        **claims,
    }
    told.pop(without, None)
    return jwt.encode(told, key, algorithm, headers={"kid": kid_of(key)})


def context_of(**claims: Any) -> dict[str, str]:
    answer = authorize(f"Bearer {token(**claims)}")
    assert answer["isAuthorized"], answer
    found: dict[str, str] = answer["context"]
    return found


def test_a_good_token_is_let_in_as_whose_it_is(issuer: Any) -> None:
    assert authorize(f"Bearer {token()}") == {
        "isAuthorized": True,
        "context": {"id": "user-1", "name": "user-1", "role": "store_manager", "stores": STORE},
    }


def test_a_token_of_an_elliptic_curve_is_as_good(issuer: Any) -> None:
    assert authorize(f"Bearer {token(CURVE, 'ES256')}")["isAuthorized"]


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "robin@example.com", "name": "Robin"}, "robin@example.com"),
        ({"name": "Robin"}, "Robin"),
        ({}, "user-1"),
    ],
)
def test_a_token_is_known_by_its_mail_or_name(issuer: Any, claims: dict[str, str], name: str) -> None:
    assert context_of(**claims)["name"] == name


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"orderhub_role": "viewer"}, "viewer"),
        ({"without": "orderhub_role", "custom:orderhub_role": "store_employee"}, "store_employee"),
        ({"without": "orderhub_role", "cognito:groups": ["kitchen", "viewer", "store_manager"]}, "store_manager"),
        ({"without": "orderhub_role", "cognito:groups": "admin"}, "admin"),
    ],
)
def test_the_role_is_read_from_the_claims_that_may_carry_it(issuer: Any, claims: dict[str, Any], role: str) -> None:
    assert context_of(**claims)["role"] == role


@pytest.mark.parametrize(
    ("claims", "stores"),
    [
        ({"orderhub_stores": ["b", "a"]}, "a,b"),
        ({"orderhub_stores": "b, a"}, "a,b"),
        ({"without": "orderhub_stores", "custom:orderhub_stores": "a"}, "a"),
        ({"without": "orderhub_stores"}, ""),
        ({"orderhub_stores": []}, ""),
        ({"orderhub_stores": 7}, ""),
        ({"without": "orderhub_stores", "orderhub_role": "admin"}, EVERY_STORE),
        ({"orderhub_stores": "*"}, "*"),
    ],
)
def test_the_stores_are_read_from_the_claims_and_none_means_none_but_for_admins(
    issuer: Any, claims: dict[str, Any], stores: str
) -> None:
    assert context_of(**claims)["stores"] == stores


@pytest.mark.usefixtures("issuer")
@pytest.mark.parametrize("claim", ["orderhub_employee", "custom:orderhub_employee"])
def test_a_token_of_an_employee_speaks_in_their_name(hub: Hub, claim: str) -> None:
    told = {"name": "Robin Sample", "role": "store_employee"}
    assert hub.api("PUT", f"/v1/stores/{STORE}/employees/emp_7", told).status == 201

    context = context_of(**{claim: "emp_7"})

    assert context == {
        "id": "user-1",
        "name": "Robin Sample",
        "role": "store_employee",
        "stores": STORE,
        "employee_id": "emp_7",
    }


@pytest.mark.usefixtures("issuer", "hub")
def test_a_token_of_an_employee_that_is_not_there_is_not_let_in() -> None:
    assert authorize(f"Bearer {token(orderhub_employee='emp_none')}") == NOBODY


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - timedelta(seconds=1)},
        {"nbf": NOW + timedelta(minutes=5)},
        {"iss": "https://login.example.com/other"},
        {"aud": "another-app"},
        {"aud": ["another-app"]},
        {"without": "exp"},
        {"without": "iss"},
        {"without": "sub"},
        {"without": "aud"},
        {"without": "orderhub_role"},
        {"orderhub_role": "owner"},
        {"orderhub_role": None},
        {"orderhub_role": ["owner"]},
        {"orderhub_role": {"admin": True}},
    ],
)
def test_a_token_that_is_not_for_us_is_not_let_in(issuer: Any, claims: dict[str, Any]) -> None:
    assert authorize(f"Bearer {token(**claims)}") == NOBODY


def test_a_token_ends(issuer: Any, clock: Clock) -> None:
    good = token()
    clock.wait(hours=1, minutes=1)

    assert authorize(f"Bearer {good}") == NOBODY


def test_a_token_signed_by_somebody_else_is_not_let_in(issuer: Any) -> None:
    assert authorize(f"Bearer {token(STRANGER)}") == NOBODY


def test_a_token_whose_content_was_changed_is_not_let_in(issuer: Any) -> None:
    head, _, signature = token().split(".")
    _, other, _ = token(orderhub_role="admin").split(".")

    assert authorize(f"Bearer {head}.{other}.{signature}") == NOBODY


def forged(algorithm: str, sign: Callable[[bytes], bytes]) -> str:
    """A token that claims everything, made by hand."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": int(NOW.timestamp()) + 60, "orderhub_role": "admin"}
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "kid": "key-1"}, claims)]
    message = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return (message + b"." + base64.urlsafe_b64encode(sign(message)).rstrip(b"=")).decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "", "RS256"])
def test_a_token_that_is_not_signed_is_not_let_in(issuer: Any, algorithm: str) -> None:
    assert authorize(f"Bearer {forged(algorithm, lambda _: b'')}") == NOBODY


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_token_signed_with_the_public_key_as_a_secret_is_not_let_in(issuer: Any, encoding: Encoding) -> None:
    public = KEY.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)

    assert authorize(f"Bearer {forged('HS256', lambda told: hmac.digest(public, told, 'sha256'))}") == NOBODY


@pytest.mark.parametrize("text", ["x", "a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9.e30.x", "x" * 5000, "é.é.é"])
def test_what_is_no_token_is_not_let_in(issuer: Any, text: str) -> None:
    assert authorize(f"Bearer {text}") == NOBODY


def test_a_token_of_a_key_that_the_issuer_does_not_publish_is_not_let_in(issuer: Any) -> None:
    odd = jwt.encode({"iss": ISSUER}, KEY, "RS256", headers={"kid": "unknown"})

    assert authorize(f"Bearer {odd}") == NOBODY


def test_without_an_issuer_no_token_is_let_in(hub: Hub) -> None:
    assert authorize(f"Bearer {token()}") == NOBODY


def test_keys_of_ours_are_good_beside_an_issuer(issuer: Any, key: str) -> None:
    assert authorize(f"Bearer {key}")["isAuthorized"]


def test_the_issuer_is_asked_once_for_many_tokens(issuer: responses.RequestsMock) -> None:
    for _ in range(3):
        authorize(f"Bearer {token()}")

    assert len(issuer.calls) == 1


@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"json": {}}, {"json": []}, {"body": "<html>"}, {"body": requests.ConnectionError("x")}]
)
def test_while_the_issuer_does_not_describe_itself_nobody_is_let_in_or_locked_out(
    issuer: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    issuer.upsert("GET", f"{ISSUER}/.well-known/openid-configuration", **answer)

    with pytest.raises(Retry):
        authorize(f"Bearer {token()}")


def test_while_the_issuer_does_not_give_its_keys_nobody_is_let_in_or_locked_out(
    issuer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise jwt.PyJWKClientConnectionError("timed out")

    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", fail)

    with pytest.raises(Retry):
        authorize(f"Bearer {token()}")


def test_a_refused_token_is_not_logged(issuer: Any, logged: Callable[[], str]) -> None:
    bad = token(STRANGER)
    authorize(f"Bearer {bad}")

    assert "token refused" in logged()
    assert bad.rpartition(".")[2] not in logged()

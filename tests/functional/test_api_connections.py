"""/v1/connections: settings come out again, secrets never."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orderhub.runtime import settings
from orderhub.service import connections
from orderhub.storage import config, secrets
from orderhub.storage.config import Collection
from tests.functional.hub import ADMIN, HUB_URL, STORE, Hub
from tests.functional.vendors import BASE_URL, NEW_SECRET, PLATFORMS

SQUARE = PLATFORMS["square"]
SETTINGS = SQUARE.settings(f"{BASE_URL}/square")


def told(**changes: Any) -> dict[str, Any]:
    """A connection to Square as it is asked for."""
    return {
        "platform": "square",
        "name": "Harbor Square",
        "default_store_id": STORE,
        "stores": {SQUARE.store: STORE},
        "settings": SETTINGS,
        "credentials": SQUARE.credentials(SQUARE.secret),
        **changes,
    }


def create(hub: Hub, **changes: Any) -> str:
    reply = hub.api("POST", "/v1/connections", told(**changes))
    assert reply.status == 201, reply
    return str(reply.json["id"])


# --- making -----------------------------------------------------------------------------------------------------------


def test_a_connection_is_made_and_shown_without_its_secrets(hub: Hub) -> None:
    reply = hub.api("POST", "/v1/connections", told())

    shown = reply.json
    url = f"{HUB_URL}/webhooks/square/{shown['id']}"
    assert (reply.status, reply.headers["etag"]) == (201, '"1"')
    assert shown["settings"].items() >= {**SETTINGS, "notification_url": url}.items()
    assert {name: value for name, value in shown.items() if name != "settings"} == {
        "id": shown["id"],
        "name": "Harbor Square",
        "platform": "square",
        "default_store_id": STORE,
        "stores": {SQUARE.store: STORE},
        "active": True,
        "version": 1,
        "webhook_url": url,
        "credential_names": ["access_token", "signature_keys"],
    }
    assert hub.api("GET", f"/v1/connections/{shown['id']}").json == shown


def test_its_credentials_are_stored_as_a_secret(hub: Hub) -> None:
    connection_id = create(hub)

    assert secrets.get(connection_id) == SQUARE.credentials(SQUARE.secret)


def test_the_url_that_a_platform_signs_is_ours_unless_the_merchant_says_otherwise(hub: Hub) -> None:
    own = create(hub, settings={**SETTINGS, "notification_url": "https://proxy.example.com/square"})

    shown = hub.api("GET", f"/v1/connections/{own}").json

    assert shown["settings"]["notification_url"] == "https://proxy.example.com/square"


def test_a_hub_that_does_not_know_its_address_takes_it_from_the_request(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "")
    settings.cache_clear()

    connection_id = create(hub)

    url = f"https://hub.example.com/webhooks/square/{connection_id}"
    assert hub.api("GET", f"/v1/connections/{connection_id}").json["webhook_url"] == url


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"platform": "myspace"}, (422, "UNKNOWN_PLATFORM")),
        ({"default_store_id": "sto_none"}, (404, "INVALID_STORE")),
        ({"stores": {"L1": "sto_none"}}, (404, "INVALID_STORE")),
        ({"settings": {"color": "red"}}, (422, "INVALID_FIELD_VALUE")),
        ({"settings": {"poll_page_size": 0}}, (422, "INVALID_FIELD_VALUE")),
        ({"credentials": {"password": "hunter2"}}, (422, "INVALID_FIELD_VALUE")),
        ({"credentials": {"signature_keys": 7}}, (422, "INVALID_FIELD_VALUE")),
        ({"credentials": None}, (422, "VALIDATION_ERROR")),
        ({"name": ""}, (422, "VALIDATION_ERROR")),
        ({"color": "red"}, (422, "VALIDATION_ERROR")),
    ],
)
def test_a_connection_that_does_not_fit_is_refused_and_leaves_nothing(
    hub: Hub, changes: dict[str, Any], error: tuple[int, str]
) -> None:
    reply = hub.api("POST", "/v1/connections", told(**changes))

    assert reply.error == error
    assert "hunter2" not in reply.body
    assert config.every(Collection.CONNECTIONS) == []


def test_what_does_not_fit_is_named(hub: Hub) -> None:
    reply = hub.api("POST", "/v1/connections", told(settings={"poll_page_size": 0, "color": "red"}))

    assert "poll_page_size" in reply.json["message"]
    assert "color" in reply.json["message"]


# --- showing ----------------------------------------------------------------------------------------------------------


def test_a_connection_that_is_not_there_is_not_found(hub: Hub) -> None:
    for method, path, body in (
        ("GET", "/v1/connections/con_none", None),
        ("PATCH", "/v1/connections/con_none", {"name": "x"}),
        ("DELETE", "/v1/connections/con_none", None),
        ("POST", "/v1/connections/con_none/verify", None),
    ):
        assert hub.api(method, path, body).error == (404, "CONNECTION_NOT_FOUND")


def test_connections_are_listed_in_pages(hub: Hub) -> None:
    made = sorted(create(hub, name=f"Square {number}") for number in range(3))

    first = hub.api("GET", "/v1/connections", query={"limit": 2}).json
    rest = hub.api("GET", "/v1/connections", query={"limit": 2, "cursor": first["next_cursor"]}).json

    assert [one["id"] for one in (*first["connections"], *rest["connections"])] == made
    assert rest["next_cursor"] is None


# --- changing ---------------------------------------------------------------------------------------------------------


def test_what_is_given_is_changed_and_the_rest_stays(hub: Hub) -> None:
    connection_id = create(hub)
    before = hub.api("GET", f"/v1/connections/{connection_id}").json

    reply = hub.api("PATCH", f"/v1/connections/{connection_id}", {"name": "New", "active": False})

    assert (reply.status, reply.headers["etag"]) == (200, '"2"')
    assert reply.json == {**before, "name": "New", "active": False, "version": 2}
    assert secrets.get(connection_id) == SQUARE.credentials(SQUARE.secret)


def test_new_credentials_take_the_place_of_those_before(hub: Hub) -> None:
    connection_id = create(hub)

    reply = hub.api("PATCH", f"/v1/connections/{connection_id}", {"credentials": {"signature_keys": [NEW_SECRET]}})

    assert reply.json["credential_names"] == ["signature_keys"]
    assert secrets.get(connection_id) == {"signature_keys": [NEW_SECRET]}


def test_webhooks_go_by_new_credentials_at_once_where_they_were_changed(hub: Hub) -> None:
    connection_id = create(hub)
    body = b'{"type": "loyalty.x", "event_id": "1", "merchant_id": "M"}'
    assert hub.send(connection_id, body).status == 200

    hub.api("PATCH", f"/v1/connections/{connection_id}", {"credentials": SQUARE.credentials(NEW_SECRET)})

    assert hub.send(connection_id, body, secret=SQUARE.secret).status == 401
    assert hub.send(connection_id, body, secret=NEW_SECRET).status == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"default_store_id": "sto_none"}, (404, "INVALID_STORE")),
        ({"settings": {"color": "red"}}, (422, "INVALID_FIELD_VALUE")),
        ({"credentials": {"password": "hunter2"}}, (422, "INVALID_FIELD_VALUE")),
        ({"platform": "shopify"}, (422, "VALIDATION_ERROR")),
        ({"name": None}, (422, None)),
        ({"stores": None}, (422, None)),
        ({"settings": None}, (422, None)),
        ({"active": None}, (422, None)),
        ({"default_store_id": None}, (422, None)),
    ],
)
def test_a_change_that_does_not_fit_is_refused_and_changes_nothing(
    hub: Hub, change: dict[str, Any], error: tuple[int, str | None]
) -> None:
    connection_id = create(hub)
    before = config.get(Collection.CONNECTIONS, connection_id)

    status, code = hub.api("PATCH", f"/v1/connections/{connection_id}", change).error

    assert (status, code if error[1] else None) == error
    assert config.get(Collection.CONNECTIONS, connection_id) == before
    assert secrets.get(connection_id) == SQUARE.credentials(SQUARE.secret)


def test_a_change_of_a_version_that_is_no_more_is_refused_whole(hub: Hub) -> None:
    connection_id = create(hub)
    hub.api("PATCH", f"/v1/connections/{connection_id}", {"name": "One"})

    change = {"name": "Two", "credentials": SQUARE.credentials(NEW_SECRET)}
    reply = hub.api("PATCH", f"/v1/connections/{connection_id}", change, if_match='"1"')

    assert reply.error == (412, "VERSION_CONFLICT")
    assert hub.api("GET", f"/v1/connections/{connection_id}").json["name"] == "One"
    assert secrets.get(connection_id) == SQUARE.credentials(SQUARE.secret)


# --- removing ---------------------------------------------------------------------------------------------------------


def test_a_connection_that_is_removed_is_gone_with_all_that_is_its_own(hub: Hub, uber: str) -> None:
    order_id = hub.receive(uber)
    config.put(Collection.CURSORS, uber, {"cursor": {}})

    reply = hub.api("DELETE", f"/v1/connections/{uber}")

    assert (reply.status, reply.body) == (204, "")
    kept = {name: [entry.id for entry in config.every(name)] for name in Collection}
    assert [name for name, ids in kept.items() if ids] == [Collection.STORES, Collection.AUDIT]
    with pytest.raises(Exception, match="has no credentials"):
        secrets.get(uber)
    assert hub.api("GET", f"/v1/orders/{order_id}").status == 200


# --- trying -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", PLATFORMS)
def test_good_credentials_are_found_good(hub: Hub, slug: str) -> None:
    reply = hub.api("POST", f"/v1/connections/{hub.connect(slug)}/verify")

    assert (reply.status, reply.json["ok"]) == (200, True)
    assert reply.json["message"]


@pytest.mark.parametrize(
    ("slug", "credentials"),
    [
        ("square", {"access_token": "wrong-token"}),
        ("square", {"signature_keys": ["key"]}),
        ("uber_eats", {"client_id": "x", "client_secret": "wrong-secret"}),
        ("shopify", {"client_id": "x", "client_secret": "wrong-secret"}),
        ("shopify", {"client_secret": "wrong-secret", "access_token": "wrong-token"}),
    ],
)
def test_credentials_that_the_platform_refuses_are_found_bad(hub: Hub, slug: str, credentials: dict[str, Any]) -> None:
    reply = hub.api("POST", f"/v1/connections/{hub.connect(slug, credentials=credentials)}/verify")

    assert (reply.status, reply.json["ok"]) == (200, False)
    assert "wrong-" not in reply.body


def test_credentials_cannot_be_tried_while_the_platform_does_not_answer(hub: Hub, square: str) -> None:
    hub.vendors.down = True

    reply = hub.api("POST", f"/v1/connections/{square}/verify")

    assert (reply.error, reply.headers["retry-after"]) == ((503, "TRY_AGAIN"), "1")


@pytest.mark.parametrize("base_url", ["https://[::1", "not a url", "ftp://square.example.com"])
def test_an_address_that_is_none_is_found_bad(hub: Hub, base_url: str) -> None:
    connection_id = hub.connect("square", settings={"base_url": base_url})

    reply = hub.api("POST", f"/v1/connections/{connection_id}/verify")

    assert (reply.status, reply.json["ok"]) == (200, False)


def test_a_connection_that_is_switched_off_can_be_tried(hub: Hub, square: str) -> None:
    hub.api("PATCH", f"/v1/connections/{square}", {"active": False})

    reply = hub.api("POST", f"/v1/connections/{square}/verify")

    assert (reply.status, reply.json["ok"]) == (200, True)


# --- Idempotency-Key --------------------------------------------------------------------------------------------------


def test_a_repeat_with_the_same_key_makes_no_second_connection(hub: Hub) -> None:
    replies = [hub.api("POST", "/v1/connections", told(), idempotency_key="k-1") for _ in range(2)]

    assert replies[0] == replies[1]
    assert len(config.every(Collection.CONNECTIONS)) == 1


@pytest.mark.parametrize("change", [{"name": "Other"}, {"credentials": SQUARE.credentials(NEW_SECRET)}])
def test_the_same_key_for_another_connection_is_refused_and_changes_nothing(hub: Hub, change: dict[str, Any]) -> None:
    connection_id = hub.api("POST", "/v1/connections", told(), idempotency_key="k-1").json["id"]

    reply = hub.api("POST", "/v1/connections", told(**change), idempotency_key="k-1")

    assert reply.error == (409, "ALREADY_EXISTS")
    assert secrets.get(connection_id) == SQUARE.credentials(SQUARE.secret)


def test_a_repeat_does_not_bring_back_credentials_that_were_changed_since(hub: Hub) -> None:
    connection_id = hub.api("POST", "/v1/connections", told(), idempotency_key="k-1").json["id"]
    hub.api("PATCH", f"/v1/connections/{connection_id}", {"credentials": SQUARE.credentials(NEW_SECRET)})

    hub.api("POST", "/v1/connections", told(), idempotency_key="k-1")

    assert secrets.get(connection_id) == SQUARE.credentials(NEW_SECRET)


def test_the_key_of_one_caller_is_not_that_of_another(hub: Hub) -> None:
    other = replace(ADMIN, id="key_other")
    first = hub.api("POST", "/v1/connections", told(), idempotency_key="k-1").json["id"]

    second = hub.api("POST", "/v1/connections", told(name="Other"), caller=other, idempotency_key="k-1")

    assert (second.status, second.json["id"] != first) == (201, True)


def test_a_webhook_url_leads_to_the_platform_s_function() -> None:
    assert connections.webhook_url("https://x", "square", "con_1") == "https://x/webhooks/square/con_1"

"""Plays OpenTable: tokens, reservation updates and echoes, and the lists of Sync.

https://github.com/opentable/slate (OpenTable Developer's Guide); Sync as far as it was seen.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import uuid4

from werkzeug.wrappers import Request, Response

from local.standins.played import Played, Told
from local.standins.samples import opentable as samples
from local.standins.samples.kitchen import read_time, utc
from local.standins.tokens import Tokens, TokenState
from local.standins.vendor import Json, Refused, Vendor, answer, bearer, body_of

CLIENT_SECRET = "demo-opentable-client-secret"  # noqa: S105 - made up, good only here
SECRET = "demo-opentable-secret"  # noqa: S105
SEATS = 200
LARGEST_PAGE = 1000

# `ReservationState` of an update -> the state in Sync.
STATES: Mapping[str, str] = {
    "Pending": "Booked",
    "Seated": "Seated",
    "AssumedSeated": "AssumedSeated",
    "Cancelled": "Canceled",
    "NoShow": "NoShow",
}
NEED_A_PARTY = ("Pending", "Seated", "AssumedSeated")


class OpenTable(Vendor):
    """The stand-in. It knows the settings of `default_settings`; times are in seconds.

    database_down: updates are answered 404, as OpenTable does. refused_rids: restaurants this client has no right to.
    client_known: whether the client is granted production. next_urls: whether a list links to its next page.
    """

    slug = "opentable"
    routes = (
        ("POST", "/api/v2/oauth/token", "issue_token"),
        ("GET", "/api/v2/oauth/token", "issue_token"),
        ("POST", "/resoupdate/resoupdate", "update"),
        ("GET", "/sync/v2/reservations", "list_reservations"),
        ("GET", "/sync/v2/guests", "list_guests"),
    )
    default_settings: ClassVar[Mapping[str, object]] = {
        "token_seconds": 2_419_181,
        "database_down": False,
        "refused_rids": [],
        "client_known": True,
        "next_urls": True,
        "update_time_field": "UpdateDT_UTC",
    }
    kept = ("orders", "ghosts", "requests")

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("opentable-")
        self.orders: dict[str, Json] = {}
        self.ghosts: list[Json] = []
        self.requests: set[str] = set()

    def credentials(self) -> Json:
        """What a connection needs to call, and what proves the calls of this stand-in."""
        return {"client_id": samples.CLIENT_ID, "client_secret": CLIENT_SECRET, "webhook_secrets": [SECRET]}

    def issue_token(self, request: Request) -> Response:
        """OAuth 2 client credentials: the client in a Basic header, the grant in the query or a form."""
        self.token_requests += 1
        client = base64.b64encode(f"{samples.CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {client}":
            raise Refused(401, {"error": "invalid_client", "message": "Bad client credentials"})
        if request.values.get("grant_type") != "client_credentials":
            raise Refused(400, {"error": "unsupported_grant_type"})
        lifetime = int(self.settings["token_seconds"])
        token = self.tokens.issue(self.clock(), timedelta(seconds=lifetime))
        return answer({"access_token": token, "token_type": "bearer", "expires_in": lifetime, "scope": "DEFAULT"})

    def authorize(self, request: Request) -> None:
        """A bearer token that is good now, of a client that may be here."""
        token = bearer(request)
        if not token:
            raise Refused(
                400, {"error": "invalid_request", "message": "oauth token is required to access this resource"}
            )
        if self.tokens.state(token, self.clock()) is not TokenState.GOOD:
            raise Refused(401, {"error": "invalid_token", "message": token})
        if not self.settings["client_known"]:
            raise Refused(403, {"error": "unknown_client_id"})

    def no_such_path(self) -> Response:
        """404 in the vendor's shape."""
        return answer({"error": "not_found"}, 404)

    def update(self, request: Request) -> Response:
        """A change at the restaurant, or the echo of a booking; one that nobody here knows of is a ghost."""
        if self.settings["database_down"]:
            raise Refused(404, "DB is unavailable, try again later")
        body = body_of(request)
        wrong = [name for name, fits in _FIELDS.items() if not fits(body.get(name))]
        if not _is_minute(body.get(self.settings["update_time_field"])):
            wrong.append(self.settings["update_time_field"])
        if body.get("ReservationState") in NEED_A_PARTY and not _is_positive(body.get("PartySize")):
            wrong.append("PartySize")
        if wrong:
            raise Refused(400, f"Invalid Parameters: {', '.join(wrong)}")
        self._check_right(str(body["RID"]))
        request_id = request.headers.get("X-Request-Id", "")
        if not request_id or request_id not in self.requests:
            self.requests.add(request_id)
            self._apply(body)
        return answer()

    def list_reservations(self, request: Request) -> Response:
        """A restaurant's reservations, those changed longest ago first: what changes meanwhile moves to the end."""
        rid, asked = self._rid(request), request.args
        found = [
            row
            for row in self.orders.values()
            if str(row["rid"]) == rid
            and all(str(row.get(name)) == asked[name] for name in ("state", "confirmation_id") if name in asked)
            and ("guest_id" not in asked or _guest_id(row) == asked["guest_id"])
            and ("updated_after" not in asked or read_time(row["updated_at_utc"]) > read_time(asked["updated_after"]))
            and row["scheduled_time"] >= asked.get("scheduled_time_from", "")
            and row["scheduled_time"] <= asked.get("scheduled_time_to", "9999")
        ]
        return self._page(request, sorted(found, key=lambda row: str(row["updated_at_utc"])))

    def list_guests(self, request: Request) -> Response:
        """The guests of a restaurant, all or one."""
        rid, wanted = self._rid(request), request.args.get("guest_id")
        guests = {
            _guest_id(row): row["guest"] for row in self.orders.values() if str(row["rid"]) == rid and row.get("guest")
        }
        return self._page(request, [guest for key, guest in guests.items() if wanted in (None, key)])

    def put_order(self, body: Json) -> str:
        """Hold a reservation: a row of Sync, with our confirmation number where it was booked with us."""
        row = copy.deepcopy(body)
        _, _, _ = row["rid"], row["scheduled_time"], row["updated_at_utc"]
        self.ghosts = [ghost for ghost in self.ghosts if not _is_meant(row, ghost)]
        self.orders[str(row["id"])] = row
        return str(row["id"])

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Something happened in Guest Center."""
        row = self._find(order_id)
        row.update({"updated_at_utc": utc(self.clock()), **changes})
        return self.view(order_id)

    def view(self, order_id: str) -> Json:
        """A reservation, by its id or our confirmation number."""
        return copy.deepcopy(self._find(order_id))

    def order_ids(self) -> list[str]:
        """The reservations held."""
        return list(self.orders)

    def aliases(self, order_id: str) -> set[str]:
        """Our confirmation number and the id of a reservation that is held."""
        names = ("id", "confirmation_number", "confirmation_id")
        try:
            row = self._find(order_id)
        except KeyError:
            return set()
        return {str(row[name]) for name in names if row.get(name)}

    def _find(self, order_id: str) -> Json:
        if order_id in self.orders:
            return self.orders[order_id]
        named = [row for row in self.orders.values() if str(row.get("confirmation_number")) == order_id]
        if not named:
            raise KeyError(order_id)
        return named[-1]

    def _apply(self, body: Json) -> None:
        row = next((row for row in self.orders.values() if _is_meant(row, body)), None)
        if row is None:
            # A booking whose number has not reached OpenTable's books yet; else one that was never completed there.
            row = next((row for row in self.orders.values() if _waits_for_number(row, body)), None)
        if row is None:
            self.ghosts.append(body)
            return
        row["confirmation_number"] = body["ConfirmationNumber"]
        row["state"] = STATES[body["ReservationState"]]
        row["scheduled_time"] = f"{body['DateTime'].replace(' ', 'T')}:00"
        row["party_size"] = body.get("PartySize", row["party_size"])
        row["updated_at_utc"] = utc(self.clock())

    def _rid(self, request: Request) -> str:
        rid = request.args.get("rid", "")
        if not rid.isdigit():
            raise Refused(400, {"error": "invalid_request", "message": "rid is required"})
        self._check_right(rid)
        return rid

    def _check_right(self, rid: str) -> None:
        if rid in map(str, self.settings["refused_rids"]):
            raise Refused(403, {"error": "no_rid_routing"})

    def _page(self, request: Request, rows: list[Json]) -> Response:
        limit, offset = (int(request.args.get(name, default)) for name, default in (("limit", "100"), ("offset", "0")))
        if not 1 <= limit <= LARGEST_PAGE or offset < 0:
            raise Refused(400, {"error": "invalid_parameter", "message": "limit or offset is out of range"})
        more = offset + limit < len(rows)
        query = urlencode({**request.args.to_dict(), "limit": limit, "offset": offset + limit})
        link = f"{request.base_url}?{query}" if more and self.settings["next_urls"] else None
        items = rows[offset : offset + limit]
        return answer({"hasNextPage": more, "nextPageUrl": link, "offset": offset, "limit": limit, "items": items})


_MINUTE = "%Y-%m-%d %H:%M"


def _is_positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _is_minute(value: Any) -> bool:
    try:
        return f"{datetime.strptime(str(value), _MINUTE):{_MINUTE}}" == str(value)  # noqa: DTZ007  (local, or UTC)
    except ValueError:
        return False


_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    "ConfirmationNumber": _is_positive,
    "DateTime": _is_minute,
    "ReservationState": lambda value: value in STATES,
    "RID": _is_positive,
    "SequenceNumber": lambda value: value == 0 and isinstance(value, int),
}


def _guest_id(row: Json) -> str | None:
    guest = row.get("guest")
    return str(guest["id"]) if guest else row.get("guest_id")


def _is_meant(row: Json, update: Json) -> bool:
    return (row["rid"], row.get("confirmation_number")) == (update["RID"], update["ConfirmationNumber"])


def _waits_for_number(row: Json, update: Json) -> bool:
    told = (update["RID"], update["DateTime"].replace(" ", "T"), update.get("PartySize"))
    held = (row["rid"], row["scheduled_time"][:16], row["party_size"])
    return not row.get("confirmation_number") and told == held


def _told(event: str, order: Mapping[str, Any], key: str, **changes: Any) -> Told:
    return samples.headers(key), samples.wire(samples.called(event, order, **changes))


def _at_store(order: Json, store: str) -> None:
    order["rid"] = int(store)
    order["id"] = f"{store}-{order['confirmation_id']}"


def _answered(order: Json, body: bytes) -> None:
    order["confirmation_number"] = json.loads(body)["confirmation_number"]


PLAYED = Played(
    standin=OpenTable,
    secret=SECRET,
    credentials=lambda secret: {
        "client_id": samples.CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "webhook_secrets": [secret],
    },
    settings=lambda standin: {
        "base_url": standin,
        "update_url": standin,
        "token_url": f"{standin}/api/v2/oauth/token",
        "mode": "push",
        "seats": SEATS,
    },
    store=str(samples.RID),
    order=samples.order,
    at_store=_at_store,
    told=_told,
    first="make",
    path=lambda event: f"/{event}",
    external_id=lambda order: str(order["confirmation_number"]),
    identity=lambda order: (str(order["rid"]), str(order["confirmation_number"])),
    answered=_answered,
    store_ids=lambda: str(1 + uuid4().int % 2_000_000_000),
)

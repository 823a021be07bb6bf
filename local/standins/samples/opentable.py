"""OpenTable's reservations and its calls to the restaurant's book, with values of our own.

Field names follow OpenTable's Developer's Guide (https://github.com/opentable/slate) for the calls, and for the rows of
Sync what was seen of them; guests, not dishes, come from the kitchen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from local.standins.samples import kitchen
from local.standins.samples.kitchen import compact, identity, merged, moment, utc

CLIENT_ID = "demo-opentable-client"
RID = 888
DAYS = 60
"""Sample reservations are spread over so many days."""

wire = compact


def order(n: int, *, placed_at: datetime | None = None, **overrides: Any) -> dict[str, Any]:
    """Reservation `n` as a row of `GET /sync/v2/reservations`: for 1 to 6 guests, on one of the next days.

    `placed_at` defaults to now; `overrides` replace fields.
    """
    placed, person = moment(placed_at), kitchen.customer(n)
    day = (placed + timedelta(days=1 + n % DAYS)).date()
    quarter = n // DAYS % 16
    rid = int(overrides.get("rid", RID))
    body = {
        "id": f"{rid}-{70_000 + n}",
        "rid": rid,
        "confirmation_id": 70_000 + n,
        "state": "Booked",
        "party_size": 1 + n % 6,
        "scheduled_time": f"{day.isoformat()}T{17 + quarter // 4}:{15 * (quarter % 4):02}:00",
        "created_at_utc": utc(placed),
        "updated_at_utc": utc(placed),
        "guest": {
            "id": str(130_050_000 + n % len(kitchen.PEOPLE)),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "phone": person.phone,
        },
        "guest_request": "A quiet table, please" if n % 4 == 0 else None,
        "table_number": None,
    }
    return merged(body, overrides)


def called(event: str, order: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The body of the call `lock`, `make`, `update` or `cancel` about a reservation; `changes` replace fields of it."""
    if event == "lock":
        body = {"rid": order["rid"], "date": order["scheduled_time"][:16], "party_size": order["party_size"]}
    elif event == "cancel":
        body = {"rid": order["rid"], "confirmation_number": order["confirmation_number"]}
    else:
        body = {
            "rid": order["rid"],
            "date_time": order["scheduled_time"][:16],
            "party_size": order["party_size"],
            "guest": _guest(order["guest"]),
            "guest_reso_notes": order["guest_request"] or "",
            "web_reso_notes": "",
            **({"confirmation_number": order["confirmation_number"]} if event == "update" else {}),
        }
    return {**body, **changes}


def headers(key: str) -> dict[str, str]:
    """The headers of a call, apart from its proof. key: the same when it is made again."""
    return {"Content-Type": "application/json", "X-Request-Id": identity("opentable-request", key)}


def _guest(guest: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "gpid": int(guest["id"]),
        "first_name": guest["first_name"],
        "last_name": guest["last_name"],
        "transactional_email": guest["email"],
        "opt_in_for_restaurant_marketing": False,
        "phone": {"number": guest["phone"].removeprefix("+1"), "type": "Mobile", "country_code": 1},
    }

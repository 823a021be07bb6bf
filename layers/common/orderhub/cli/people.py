"""export, erase: what the hub holds of a customer, and forgetting it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from orderhub.cli import target
from orderhub.cli.operations import OPERATOR
from orderhub.cli.show import AsJson, as_json, fail, say, table
from orderhub.cli.target import StackName
from orderhub.errors import Reject
from orderhub.order.events import Event
from orderhub.order.models import Order
from orderhub.order.times import sortable
from orderhub.runtime import now
from orderhub.service import customers
from orderhub.service.customers import Sought

Store = Annotated[str | None, typer.Option(help="Orders of one store; of all when left out.")]
Phone = Annotated[str | None, typer.Option(help="The person's phone.")]
Email = Annotated[str | None, typer.Option(help="The person's e-mail.")]
OrderId = Annotated[str | None, typer.Option("--order", help="One order, where no phone or e-mail leads to it.")]

_AT_ONCE = 100


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command("erase")(erase)
    app.command("export")(export)


def export(
    phone: Phone = None,
    email: Email = None,
    order: OrderId = None,
    store: Store = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; standard output when left out.")] = None,
    stack: StackName = "",
) -> None:
    """Writes all that the hub holds of a customer as one JSON document."""
    sought = _sought(store, phone, email, order)
    target.use(stack)
    records: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        found, cursor = customers.export(OPERATOR, sought, limit=_AT_ONCE, cursor=cursor)
        records += [_record(one) for one in found]
        if cursor is None:
            break
    document = {"exported_at": sortable(now()), "orders": records}
    if out is None:
        as_json(document)
        return
    try:
        out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"{out}: {error.strerror}")
        raise typer.Exit(2) from None
    say(f"{len(records)} orders are in {out}")


def erase(
    phone: Phone = None,
    email: Email = None,
    order: OrderId = None,
    store: Store = None,
    yes: Annotated[bool, typer.Option("--yes", help="Does it without asking.")] = False,
    stack: StackName = "",
    json_: AsJson = False,
) -> None:
    """Forgets a customer for good: shows their orders, asks, erases. Exit code 1 when some are left, still open."""
    sought = _sought(store, phone, email, order)
    target.use(stack)
    found = _orders(sought)
    if not json_:
        rows = [(one.id, one.platform, one.store_id, one.status, _when(one), _who(one)) for one in found]
        table("To be erased", ("order", "platform", "store", "status", "placed", "customer"), rows)
    if not yes and not typer.confirm("Erase who they were, for good?", err=True):
        raise typer.Exit(1)
    totals = dict.fromkeys(customers.COUNTED, 0)
    while True:
        erased = customers.erase(OPERATOR, sought, confirmed=True, idempotency_key=None)
        totals = {name: count + erased.counts[name] for name, count in totals.items()}
        if erased.complete:
            break
    if json_:
        as_json({**totals, "open_orders": list(erased.open_orders)})
    else:
        say(", ".join(f"{name}: {count}" for name, count in totals.items()))
    for order_id in erased.open_orders:
        fail(f"{order_id} is still needed: erase it when it has ended")
    if erased.open_orders:
        raise typer.Exit(1)


def _sought(store: str | None, phone: str | None, email: str | None, order: str | None) -> Sought:
    if sum(given is not None for given in (phone, email, order)) != 1:
        fail("say whose: one of --phone, --email and --order")
        raise typer.Exit(2)
    return Sought(store_id=store, phone=phone, email=email, order_id=order)


def _orders(sought: Sought) -> list[Order]:
    found: list[Order] = []
    cursor: str | None = None
    while True:
        page = customers.search(OPERATOR, sought, limit=_AT_ONCE, cursor=cursor)
        found += page.orders
        cursor = page.next_cursor
        if cursor is None:
            if not found:
                raise Reject("NOT_FOUND", "nobody is known by that")
            return found


def _record(one: customers.Holding) -> dict[str, Any]:
    return {
        "order": one.order.model_dump(mode="json"),
        "timeline": [_line(event) for event in one.timeline],
        "issues": [issue.model_dump(mode="json") for issue in one.issues],
    }


def _line(event: Event) -> dict[str, Any]:
    return {
        "key": event.key,
        "type": event.type,
        "effect": event.effect,
        "at": sortable(event.at),
        "cause": {"actor": event.cause.actor.value, "name": event.cause.name},
        "version": event.version,
        "source_version": event.source_version,
        "summary": dict(event.summary),
    }


def _when(order: Order) -> str:
    placed = order.placed_at or order.created_at
    return sortable(placed) if placed is not None else ""


def _who(order: Order) -> str:
    return (order.customer.name if order.customer is not None else None) or ""

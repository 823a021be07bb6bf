"""quarantine, replay, redrive, doctor, keys: looking after a deployed hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from orderhub.actions.books import keep_books
from orderhub.cli import target
from orderhub.cli.show import AsJson, as_json, fail, say, table
from orderhub.cli.target import StackName
from orderhub.dispatch.stream import dispatch
from orderhub.errors import HubError, Quarantine, Reject
from orderhub.intake.replay import replay_event, replay_held
from orderhub.order.times import sortable
from orderhub.runtime import now
from orderhub.service import api_keys, checkup
from orderhub.service.access import EVERY_STORE, Caller, Role
from orderhub.storage import quarantine, queues, streams
from orderhub.storage.quarantine import Held

# Queue -> (output of its URL, output of its dead letters' URL)
QUEUES: dict[str, tuple[str, str]] = {
    "fetch_order": ("FetchOrderQueueUrl", "FetchOrderDLQUrl"),
    "push_status": ("PushStatusQueueUrl", "PushStatusDLQUrl"),
    "record_late": ("RecordLateQueueUrl", "RecordLateDLQUrl"),
    "push_stock": ("PushStockQueueUrl", "PushStockDLQUrl"),
    "deliver": ("DeliverQueueUrl", "DeliverDLQUrl"),
    "fulfill": ("FulfillQueueUrl", "FulfillDLQUrl"),
    "tell_store": ("TellStoreQueueUrl", "TellStoreDLQUrl"),
    "send_cart": ("SendCartQueueUrl", "SendCartDLQUrl"),
    "send_refund": ("SendRefundQueueUrl", "SendRefundDLQUrl"),
    "report_event": ("ReportEventQueueUrl", "ReportEventDLQUrl"),
    "send_report": ("SendReportQueueUrl", "SendReportDLQUrl"),
    "poll": ("PollQueueUrl", "PollDLQUrl"),
}
# Reader of the orders table's stream -> (output of its dead letters' URL, what works on a batch)
READERS: dict[str, tuple[str, Callable[[Mapping[str, Any], object], None]]] = {
    "dispatch": ("DispatchDLQUrl", dispatch),
    "keep_books": ("KeepBooksDLQUrl", keep_books),
}
OPERATOR = Caller("operator", "operator at the command line", Role.ADMIN, frozenset({EVERY_STORE}))

held_messages = typer.Typer(help="Authentic messages that were not understood.", no_args_is_help=True)
keys = typer.Typer(help="API keys of the staff API.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(held_messages, name="quarantine")
    app.add_typer(keys, name="keys")
    app.command("replay")(replay)
    app.command("redrive")(redrive)
    app.command("doctor")(doctor)


@held_messages.command("list")
def list_held(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50, stack: StackName = "", json_: AsJson = False
) -> None:
    """What waits in quarantine, oldest first."""
    target.use(stack)
    page = quarantine.page(limit=limit)
    if json_:
        as_json([_summary(held) for held in page.held])
        return
    rows = [(held.id, sortable(held.at), held.platform, held.kind, held.reason) for held in page.held]
    table(
        "Quarantine" + (" (there is more)" if page.next_cursor else ""), ("id", "at", "platform", "kind", "why"), rows
    )


@held_messages.command("show")
def show_held(held_id: str, stack: StackName = "") -> None:
    """One message in quarantine, whole, as JSON."""
    target.use(stack)
    held = quarantine.get(held_id)
    body = held.raw.body.decode("utf-8", "backslashreplace")
    as_json({**_summary(held), "about": dict(held.about), "headers": dict(held.raw.headers), "body": body})


def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids in quarantine, or order ids with --event.")] = None,
    event: Annotated[str, typer.Option(help="Key of an event of that order, as its timeline shows it.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that waits in quarantine.")] = False,
    stack: StackName = "",
) -> None:
    """Reads kept messages again with the code as it is now. Exit code 1 when one is still not understood."""
    target.use(stack)
    if not ids and not everything:
        fail("say which, or --all")
        raise typer.Exit(2)
    wanted = [held.id for held in quarantine.page(limit=1000).held] if everything else ids or []
    failed = False
    for one in wanted:
        try:
            results = replay_event(one, event, now()) if event else replay_held(one, now())
            say(
                f"{one}: "
                + (", ".join(f"{done.effect} {done.order_id or ''}".strip() for done in results) or "nothing")
            )
        except Quarantine as error:
            failed = True
            fail(f"{one}: still not understood: {error}")
        except HubError as error:
            if isinstance(error, Reject) and not everything:
                raise
            failed = True
            fail(f"{one}: {error}")
    if failed:
        raise typer.Exit(1)


def redrive(
    queue: Annotated[str, typer.Argument(help=f"One of {', '.join([*QUEUES, *READERS])}, or `all`.")],
    stack: StackName = "",
) -> None:
    """Puts a dead-letter queue's messages back on their queue, to be worked on again."""
    outputs = target.use(stack)
    if queue not in (*QUEUES, *READERS, "all"):
        fail(f"there is no queue {queue}: {', '.join([*QUEUES, *READERS])}, all")
        raise typer.Exit(2)
    wanted = {*QUEUES, *READERS} if queue == "all" else {queue}
    for name in (name for name in QUEUES if name in wanted):
        source, dead = (outputs[output] for output in QUEUES[name])
        say(f"{name}: {queues.redrive(dead, source)} put back")
    for name in (name for name in READERS if name in wanted):
        output, work = READERS[name]
        again = streams.redrive(outputs[output], partial(_read, work))
        say(f"{name}: {again} batches of the stream read again")


def _read(work: Callable[[Mapping[str, Any], object], None], batch: Mapping[str, Any]) -> None:
    work(batch, None)


def doctor(stack: StackName = "", json_: AsJson = False) -> None:
    """Tries every connection and looks at every queue. Exit code 1 when something is wrong."""
    outputs = target.use(stack)
    dead = {name: outputs[pair[1]] for name, pair in QUEUES.items()}
    dead |= {name: outputs[output] for name, (output, _) in READERS.items()}
    findings = checkup.connections() + checkup.dead_letters(dead) + checkup.in_quarantine()
    if json_:
        as_json([finding.as_dict() for finding in findings])
    else:
        rows = [("ok" if one.ok else "WRONG", one.subject, one.message) for one in findings]
        table("Doctor", ("", "what", "found"), rows)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who or what it is for.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.STORE_EMPLOYEE,
    store: Annotated[list[str] | None, typer.Option(help="A store it is for; all when left out.")] = None,
    stack: StackName = "",
) -> None:
    """Makes an API key and prints it, this once. The way to the first one: it needs AWS access, not a key."""
    target.use(stack)
    try:
        new = api_keys.NewApiKey(name=name, role=role, stores=store or [EVERY_STORE])
    except ValidationError as error:
        fail("; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors()))
        raise typer.Exit(2) from None
    issued = api_keys.issue_key(OPERATOR, new, None)
    typer.echo(issued.key)


@keys.command("list")
def list_keys(stack: StackName = "", json_: AsJson = False) -> None:
    """The keys there are, without the keys themselves."""
    target.use(stack)
    found, _ = api_keys.list_keys(OPERATOR, limit=1000, cursor=None)
    if json_:
        as_json([key.model_dump(mode="json") for key in found])
        return
    table("API keys", ("id", "name", "role", "stores"), [(k.id, k.name, k.role, ", ".join(k.stores)) for k in found])


@keys.command("revoke")
def revoke_key(key_id: str, stack: StackName = "") -> None:
    """Makes a key worthless, within a minute."""
    target.use(stack)
    api_keys.revoke_key(OPERATOR, key_id)
    say(f"{key_id} is revoked")


def _summary(held: Held) -> dict[str, Any]:
    return {
        "id": held.id,
        "at": sortable(held.at),
        "platform": held.platform,
        "connection_id": held.connection_id,
        "kind": held.kind,
        "reason": held.reason,
        "replayed_at": sortable(held.replayed_at) if held.replayed_at else None,
    }

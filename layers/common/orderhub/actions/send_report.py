"""Sending a report: one attempt for one message to one receiver, and what follows from its answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderhub.actions.worker import Task
from orderhub.errors import HubError, Retry
from orderhub.outbound import webhooks
from orderhub.outbound.webhooks import Answer
from orderhub.reporting import schedule, signing
from orderhub.reporting.subscription import Subscription, SubscriptionState
from orderhub.runtime import Metric, count, logger, now
from orderhub.storage import limits, reports, subscriptions
from orderhub.storage.reports import OPEN, Attempt, Health, Report, ReportState, Trigger

_GONE = 410
_A_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(seconds=20)  # the schedule's function may run for 30
_SLOW_DOWN = (429, 502, 503, 504)


def send_report(task: Task) -> None:
    """Makes the attempt that is due, if there is one, and stores what came of it. Raises Retry, Misconfigured."""
    at = now()
    subscription_id = str(task.body["subscription_id"])
    report, health, entry = reports.to_send(subscription_id, str(task.body["report_id"]))
    if report is None or report.body is None or report.state not in OPEN:
        return
    if report.due_at is None or report.due_at > at:
        return  # a later message sees to it
    subscription = subscriptions.of_entry(entry) if entry is not None else None
    if subscription is None or not (subscription.is_on or report.trigger is Trigger.TEST):
        reports.hold(report)
        return
    wait = _must_wait(subscription, report, health, at)
    if wait is not None:
        _postpone(report, at + wait, at)
        return
    _attempt(report, report.body, subscription, health)


def send_due_reports() -> None:
    """Asks for a worker for each message that is due. Raises Retry when there were more than it had time for."""
    began, sent = now(), 0
    for subscription_id, report_id in reports.due(began):
        reports.send(subscription_id, [report_id])
        reports.leave_to_queue(subscription_id, report_id, began + reports.GRACE)
        sent += 1
        if now() - began > _LONGEST:
            raise Retry("more reports are due than a minute has room for")
    if sent:
        logger.info("reports are due", extra={"messages": sent})


def _must_wait(subscription: Subscription, report: Report, health: Health, at: datetime) -> timedelta | None:
    """For how long a message waits without an attempt: its receiver is left alone, or has had enough this second."""
    if health.paused_until is not None and health.paused_until > at and report.trigger is Trigger.AUTO:
        return schedule.after_pause(health.paused_until) - at
    if subscription.rate_limit is None:
        return None
    wait = limits.spend(f"report#{subscription.id}", at, subscription.rate_limit, _A_SECOND)
    return wait + _A_SECOND if wait is not None else None


def _attempt(report: Report, body: bytes, subscription: Subscription, health: Health) -> None:
    began = now()
    secrets = subscriptions.secrets_of(subscription)
    headers = signing.headers(subscription.format, report.id, report.kind, body, secrets, began)
    answer = webhooks.post(subscription.url, body, headers)
    attempt = Attempt(
        number=report.tries + 1,
        at=began.isoformat(),
        trigger=report.trigger.value,
        seconds=round(answer.seconds, 3),
        status=answer.status,
        error=answer.error,
        answer=answer.text,
    )
    about = {"subscription": subscription.id, "report": report.id, "attempt": attempt.number, "status": answer.status}
    logger.info("report sent", extra={**about, "error": answer.error, "seconds": attempt.seconds})
    if answer.error is None:
        _succeeded(report, attempt, health)
    else:
        _failed(report, attempt, answer, subscription)


def _succeeded(report: Report, attempt: Attempt, health: Health) -> None:
    count(Metric.REPORTS_DELIVERED)
    reports.settle(report, attempt, ReportState.DELIVERED, None, now())
    if health != Health():
        reports.recover(report.subscription_id)


def _failed(report: Report, attempt: Attempt, answer: Answer, subscription: Subscription) -> None:
    at = now()
    is_test = report.trigger is Trigger.TEST
    again = None if is_test else schedule.next_try(report.failed + 1, at, answer.wait)
    if answer.status == _GONE:
        again = None
    state = ReportState.RETRYING if again is not None else ReportState.FAILED
    mine = reports.settle(report, attempt, state, again, at)
    if not mine or is_test:
        return
    if again is None:
        count(Metric.REPORTS_FAILED)
        logger.warning("report given up", extra={"subscription": subscription.id, "report": report.id})
    else:
        _ask_for(report, again, at)
    health = reports.note_failure(report.subscription_id, at, timed_out=answer.error == "timeout")
    _judge(subscription, answer, health, at)


def _judge(subscription: Subscription, answer: Answer, health: Health, at: datetime) -> None:
    """Stops a receiver that is gone, or has failed for days; leaves one alone that asks for it or is too slow."""
    if answer.status == _GONE:
        disable(subscription, "the receiver answered 410: it is gone", at)
    elif health.failing_since is not None and at - health.failing_since >= schedule.GIVEN_UP_AFTER:
        days = schedule.GIVEN_UP_AFTER.days
        disable(subscription, f"{health.failures} attempts in {days} days, and no success", at)
    elif answer.status in _SLOW_DOWN and answer.wait:
        longest = schedule.LONGEST_WAIT.total_seconds()
        reports.pause(subscription.id, at + timedelta(seconds=min(answer.wait, longest)))
    elif (until := schedule.pause_until(health.timeouts, at)) is not None:
        reports.pause(subscription.id, until)


def disable(subscription: Subscription, why: str, at: datetime) -> None:
    """Stops sending by ourselves, and says so: a metric that rings an alarm, and a line in the log. Raises Retry."""
    off = subscription.changed_to(SubscriptionState.AUTO_DISABLED, why, at)
    told = subscriptions.document_of(off)
    subscriptions.change(subscription.id, {name: told[name] for name in ("state", "reason", "since")})
    count(Metric.SUBSCRIPTIONS_DISABLED)
    logger.error("subscription disabled", extra={"subscription": subscription.id, "reason": why})


def _postpone(report: Report, due_at: datetime, at: datetime) -> None:
    if reports.postpone(report, due_at, at):
        _ask_for(report, due_at, at)


def _ask_for(report: Report, due_at: datetime, at: datetime) -> None:
    """Puts a message on the queue for its time, where a queue keeps it that long; else the schedule does it then."""
    wait = due_at - at
    if wait > reports.LONGEST_IN_QUEUE:
        return
    try:
        reports.send(report.subscription_id, [report.id], after=wait)
    except HubError as error:
        logger.warning("left to the schedule", extra={"report": report.id, "reason": str(error)})

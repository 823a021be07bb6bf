"""What is to be done at a time, by the minute."""

from __future__ import annotations

from collections.abc import Callable

from orderhub.actions.enter_orders import enter_due
from orderhub.actions.send_report import send_due_reports
from orderhub.actions.tell_store import send_due_wishes
from orderhub.errors import HubError
from orderhub.runtime import logger

# Each finds what is due for itself, and raises Retry when it could not do all of it.
WORKS: tuple[Callable[[], None], ...] = (send_due_wishes, enter_due, send_due_reports)


def do_what_is_due(_event: object, _context: object) -> None:
    """The schedule's work. One that fails keeps no other from being done. Raises the first failure."""
    failures: list[HubError] = []
    for work in WORKS:
        try:
            work()
        except HubError as error:
            logger.warning("not done", extra={"work": work.__name__, "reason": str(error)})
            failures.append(error)
    if failures:
        raise failures[0]

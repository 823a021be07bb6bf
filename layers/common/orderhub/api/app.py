"""The staff API as one Lambda function behind API Gateway's HTTP API."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from orderhub import __version__
from orderhub.api import (
    api_keys,
    audit,
    availability,
    cart,
    connections,
    creation,
    customers,
    details,
    employees,
    handling,
    history,
    issues,
    items,
    listing,
    openapi,
    orders,
    refunds,
    stock,
    stores,
    subscriptions,
)
from orderhub.api.errors import failed, invalid, refused, turned_away, unknown_route
from orderhub.api.gate import admit
from orderhub.errors import HubError, Reject, Retry
from orderhub.runtime import logger, measured

PREFIX = "/v1"

app = openapi.DescribedResolver(enable_validation=True)
_ORDERS = (listing, history, creation, cart, items, issues, refunds, handling, details, orders)
_OTHERS = (availability, stock, employees, customers, stores, connections, subscriptions, api_keys, audit)
for routes in (*_ORDERS, *_OTHERS):
    app.include_router(routes.router, prefix=PREFIX)
openapi.publish(app, PREFIX, __version__)


@app.exception_handler(HubError)
def _hub_error(error: HubError) -> Response[Any]:
    return refused(app, error)


@app.exception_handler(RequestValidationError)
def _validation_error(error: RequestValidationError) -> Response[Any]:
    return invalid(app, error)


@app.exception_handler(RecursionError)
def _nested(_error: RecursionError) -> Response[Any]:
    return refused(app, Reject("VALIDATION_ERROR", "the body is nested too deeply"))


@app.exception_handler(Exception)
def _bug(error: Exception) -> Response[Any]:
    logger.exception("the API failed", extra={"request_id": app.current_event.request_context.request_id})
    return failed(app, error)


@app.not_found
def _not_found(error: NotFoundError) -> Response[Any]:
    return unknown_route(app, error)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler, for payload format 2.0."""
    with measured():
        try:
            admit(event)
        except Reject as error:
            return turned_away(event, error)
        answer: dict[str, Any] = app.resolve(event, context)
        try:
            audit.note_change(event, answer["statusCode"])
        except Retry as error:  # a change that nobody can be held to is not said to be done; a repeat changes nothing
            logger.error("a change is not in the audit", extra={"path": event["rawPath"], "reason": str(error)})
            return turned_away(event, Reject("TRY_AGAIN", "the change was made, but could not be noted; repeat it"))
    return {**answer, "body": answer["body"] or ""}  # 204 and 304 have none, and not every gateway takes null

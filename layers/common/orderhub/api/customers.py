"""/v1/customers: a person's orders by phone or e-mail, given out and erased.

Neither is ever part of a URL: those are logged.
"""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orderhub.api.call import IdempotencyKey, caller, idempotency_key
from orderhub.api.issues import IssueView, issue_view
from orderhub.api.listing import OrderList
from orderhub.api.orders import Cursor, EventView, Limit, OrderView, event_view, view
from orderhub.errors import Reject
from orderhub.runtime import now
from orderhub.service import customers
from orderhub.service.customers import Sought
from orderhub.storage.config import LONGEST_ID

router = Router()

_OneId = Field(default=None, min_length=1, max_length=LONGEST_ID)


class PersonQuery(BaseModel):
    """Whose orders: by exactly one of phone, email and order_id.

    phone: as people write it; one without the code of its country is read in that of the store's address. order_id: for
    an order that no phone or e-mail leads to, as those of marketplaces that keep them to themselves. store_id: orders
    of one store; of all of yours when left out.
    """

    model_config = ConfigDict(extra="forbid")

    store_id: str | None = _OneId
    phone: str | None = Field(default=None, min_length=1, max_length=50)
    email: str | None = Field(default=None, min_length=1, max_length=254)
    order_id: str | None = _OneId

    @property
    def sought(self) -> Sought:
        """As the service takes it. Raises Reject INVALID_FIELD_VALUE unless it is by one thing."""
        if sum(given is not None for given in (self.phone, self.email, self.order_id)) != 1:
            raise Reject("INVALID_FIELD_VALUE", "give one of phone, email and order_id")
        return Sought(store_id=self.store_id, phone=self.phone, email=self.email, order_id=self.order_id)


class ErasureRequest(PersonQuery):
    """Whose orders are to be erased. confirm: that they really are; without it the answer says what would be."""

    confirm: bool = False


class CustomerRecord(BaseModel):
    """One order of a person with all that happened to it; its refunds are in the order."""

    order: OrderView
    timeline: list[EventView]
    issues: list[IssueView]


class CustomerExport(BaseModel):
    """What the hub holds of a person, newest order first."""

    exported_at: AwareDatetime
    orders: list[CustomerRecord]
    next_cursor: str | None


class ErasureReport(BaseModel):
    """What was erased.

    orders: whose customer is forgotten now; events: lines of their timelines that held something; bodies: messages of
    platforms; issues, attachments: texts and files of complaints; quarantined: messages that nobody had understood.
    open_orders: ids of those that are left as they are: not ended, or their platform is still being told. complete:
    false when there are more orders than one call erases; call again.
    """

    orders: int
    events: int
    bodies: int
    issues: int
    attachments: int
    quarantined: int
    open_orders: list[str]
    complete: bool


@router.post("/customers/search", summary="A person's orders", tags=["customers"])
def search_customers(query: Annotated[PersonQuery, Body()], limit: Limit = 50, cursor: Cursor = None) -> OrderList:
    """Newest first. Orders of marketplaces that hide phone and e-mail are not found by them."""
    page = customers.search(caller(router), query.sought, limit=limit, cursor=cursor)
    return OrderList(orders=[view(order) for order in page.orders], next_cursor=page.next_cursor)


@router.post("/customers/export", summary="All that the hub holds of a person", tags=["customers"])
def export_customer(query: Annotated[PersonQuery, Body()], limit: Limit = 50, cursor: Cursor = None) -> CustomerExport:
    """Their orders, timelines, issues and refunds, for whoever asks what is known of them."""
    found, next_cursor = customers.export(caller(router), query.sought, limit=limit, cursor=cursor)
    records = [
        CustomerRecord(
            order=view(one.order),
            timeline=[event_view(event) for event in one.timeline],
            issues=[issue_view(issue) for issue in one.issues],
        )
        for one in found
    ]
    return CustomerExport(exported_at=now(), orders=records, next_cursor=next_cursor)


@router.post("/customers/erase", summary="Forget a person", tags=["customers"])
def erase_customer(query: Annotated[ErasureRequest, Body()], key: IdempotencyKey = None) -> ErasureReport:
    """For good: who it was, where, and every free text; ids, times, statuses, goods and money stay for the books."""
    done = customers.erase(caller(router), query.sought, confirmed=query.confirm, idempotency_key=idempotency_key(key))
    return ErasureReport(**done.counts, open_orders=list(done.open_orders), complete=done.complete)

"""Whose orders are whose: normal forms of phones and e-mails, and what of an order is a person's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderhub.errors import Reject
from orderhub.order.customers import Contact, Kind, contacts_of, contacts_to_find, normal_email
from orderhub.order.erasure import bare_summary, needs_its_customer, without_person, without_texts
from orderhub.order.issues import Attachment, Comment, Issue, IssueType, Priority
from orderhub.order.merge import Effect
from orderhub.order.messages import OrderSnapshot, StaffErase
from orderhub.order.models import (
    Address,
    Check,
    Courier,
    Customer,
    Order,
    Refund,
    StatusReason,
    Sync,
    SyncState,
    Tracking,
)
from orderhub.order.phones import CALLING_CODES, forms_of, normal_phone
from orderhub.order.status import CancelReason, Status
from tests.unit.made import LATER, NOW, a_report, a_snapshot, after, an_item, an_order, by_staff, courier, then, told

# --- phones -----------------------------------------------------------------------------------------------------------

SAME_NUMBER: list[tuple[str, str | None, list[str]]] = [
    (
        "+12025550123",
        "US",
        [
            *("+1 202 555 0123", "(202) 555-0123", "202.555.0123", "1-202-555-0123", "12025550123", "2025550123"),
            *("+1 (202) 555-0123", "0012025550123", "011 1 202 555 0123", " +1\u00a0202 555 0123 "),
            *("\uff0b\uff11 202 555 0123", "+\u0661 \u0662\u0660\u0662 \u0665\u0665\u0665 \u0660\u0661\u0662\u0663"),
        ],
    ),
    ("+12025550123", "Canada", ["+12025550123", "00 1 202 555 0123"]),
    ("+442079460123", "GB", ["020 7946 0123", "+44 (0)20 7946 0123", "+44 20 79460123", "0044 20 7946 0123"]),
    ("+442079460123", "uk", ["020 7946 0123", "442079460123"]),
    ("+358401234567", "FI", ["040 123 4567", "+358 40 1234567", "+358 (0)40 1234567"]),
    ("+919876543210", "IN", ["98765 43210", "098765 43210", "+91-98765-43210", "919876543210"]),
    ("+390612345678", "IT", ["06 1234 5678", "+39 06 12345678"]),
    ("+79123456789", "RU", ["8 912 345-67-89", "+7 912 345 67 89", "9123456789"]),
    ("+78123456789", "RU", ["8 812 345-67-89", "+7 812 345 67 89", "812 345-67-89"]),
    ("+3612345678", "HU", ["06 1 234 5678", "+36 1 234 5678"]),
    ("+33123456789", "FR", ["01 23 45 67 89", "+33 1 23 45 67 89", "33123456789"]),
    ("+6512345678", "SG", ["1234 5678", "+65 1234 5678", "6512345678"]),
    ("2025550123", None, ["202 555 0123", "(202) 555-0123", "02025550123"]),
]
WRITTEN = [(text, country, normal) for normal, country, texts in SAME_NUMBER for text in texts]


@pytest.mark.parametrize(("text", "country", "normal"), WRITTEN)
def test_a_number_is_the_same_however_it_is_written(text: str, country: str | None, normal: str) -> None:
    assert normal_phone(text, country) == normal


DIFFERENT = [
    ("202 555 0123", "302 555 0123", "US"),
    ("+1 202 555 0123", "+44 202 555 0123", None),
    ("+1 202 555 0123", "+1 202 555 0124", "US"),
    ("01 2345678", "+39 1 2345678", "IT"),
    ("+49 30 1234567", "030 1234567", "FI"),
]


@pytest.mark.parametrize(("one", "other", "country"), DIFFERENT)
def test_different_numbers_stay_different(one: str, other: str, country: str | None) -> None:
    assert normal_phone(one, country) != normal_phone(other, country)
    assert not set(forms_of(one, country)) & {normal_phone(other, country)}


NOBODY_S = [
    *("", "unknown", "n/a", "12345", "000 000 0000", "+1 000 000 0000", "9999999999", "1" * 16),
    *("+1 312 555 0100 x 12", "555-0100 ext. 7", "3125550100,,12345", "3125550100 #12", "+1 312 555 0100 PIN: 12 34"),
]


@pytest.mark.parametrize("text", NOBODY_S)
def test_what_is_no_number_of_one_person_is_left_out(text: str) -> None:
    assert normal_phone(text, "US") is None
    assert forms_of(text, "US") == []


def test_a_number_is_looked_up_as_it_was_known_before_the_store_had_a_country_too() -> None:
    assert forms_of("(202) 555-0123", "US") == ["+12025550123", "2025550123"]
    assert forms_of("+1 202 555 0123", None) == forms_of("+1 202 555 0123", "US") == ["+12025550123"]
    assert forms_of("202 555 0123", None) == ["2025550123"]


def test_no_calling_code_begins_with_another() -> None:
    codes = set(CALLING_CODES.values())
    assert [(a, b) for a in codes for b in codes if a != b and a.startswith(b)] == []
    assert {CALLING_CODES[country] for country in ("US", "IN", "FI", "UZ")} == {"1", "91", "358", "998"}


@pytest.mark.parametrize("country", ["Atlantis", "", None, "XX"])
def test_a_country_that_nobody_knows_is_none(country: str | None) -> None:
    assert normal_phone("0202 555 0123", country) == "2025550123"


# --- e-mails ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" Sam.Example@Example.COM ", "sam.example@example.com"),
        ("sam+pizza@example.com", "sam+pizza@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("Stra\u00dfe@example.com", "stra\u00dfe@example.com"),
    ],
)
def test_an_e_mail_is_lower_case_and_nothing_else(text: str, normal: str) -> None:
    assert normal_email(text) == normal


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "sam",
            "sam@",
            "@example.com",
            "sam@localhost",
            "a b@example.com",
            "a@b@example.com",
            "x" * 250 + "@e.com",
        ),
        *("noreply@example.com", "no-reply+7@example.com", "DoNotReply@example.com", "some_dflt_user@example.com"),
    ],
)
def test_what_is_no_person_s_e_mail_is_left_out(text: str) -> None:
    assert normal_email(text) is None


# --- contacts ---------------------------------------------------------------------------------------------------------

SAM = Customer(name="Sam", phone="(202) 555-0123", email="Sam@example.com")
SAM_S = [Contact(Kind.PHONE, "+12025550123"), Contact(Kind.EMAIL, "sam@example.com")]


def test_a_customer_is_known_by_phone_and_e_mail() -> None:
    assert contacts_of(SAM, ("shopify", "online"), "US") == SAM_S
    assert contacts_of(Customer(name="Sam"), ("shopify", "online"), "US") == []
    assert contacts_of(None, ("shopify", "online"), "US") == []


@pytest.mark.parametrize(
    "marketplaces",
    [
        *(("uber_eats", "uber_eats"), ("toast", "uber_eats"), ("toast", "UberEats"), ("doordash", "doordash")),
        *(("petpooja", "zomato"), ("petpooja", "swiggy"), ("square", "DoorDash Drive")),
    ],
)
def test_nobody_is_known_by_what_a_marketplace_relays(marketplaces: tuple[str, str]) -> None:
    assert contacts_of(SAM, marketplaces, "US") == []


def test_a_number_with_a_code_is_many_people_s() -> None:
    coded = SAM.model_copy(update={"phone_code": "12 345"})

    assert contacts_of(coded, ("toy", "toy"), "US") == SAM_S[1:]


def test_a_contact_s_key_tells_stores_kinds_and_people_apart() -> None:
    keys = {one.key(store) for one in (*SAM_S, Contact(Kind.EMAIL, "+12025550123")) for store in ("sto_1", "sto_2")}

    assert len(keys) == 6
    assert not any("2025550123" in key or "sam" in key for key in keys)


def test_what_is_looked_for_is_what_is_kept() -> None:
    assert contacts_to_find(Kind.PHONE, "+1 202 555 0123", "US")[0] == SAM_S[0]
    assert contacts_to_find(Kind.EMAIL, "SAM@EXAMPLE.COM", None) == SAM_S[1:]
    assert contacts_to_find(Kind.EMAIL, "nobody at all", None) == []


# --- what goes and what stays -----------------------------------------------------------------------------------------


GIVEN_BACK = Refund(
    id="ref_1", amount=5, reason="SECRET", detail="SECRET", state=SyncState.CONFIRMED, asked_by="Kim", at=NOW
)


def whole(**more: Any) -> Order:
    """An order that has ended, with something in every place where a person can be."""
    notes = an_item(id="itm_1", notes="SECRET", modifiers=[an_item(id="itm_2", notes="SECRET")], total=900)
    return an_order(
        **{
            "status": Status.COMPLETED,
            "display_id": "#41",
            "customer": Customer(
                name="SECRET", phone="SECRET", email="SECRET", external_id="SECRET", tax_number="SECRET"
            ),
            "address": Address(line1="SECRET", instructions="SECRET", lat=60.1, lng=24.9),
            "notes": "SECRET",
            "handed_to": "SECRET",
            "status_reason": StatusReason(code=CancelReason.OTHER, details="SECRET"),
            "courier": Courier(name="SECRET", phone="SECRET", lat=60.1, lng=24.9, tracking_url="SECRET", status="done"),
            "tracking": [Tracking(code="SECRET")],
            "items": [notes],
            "refunds": [GIVEN_BACK],
            "sync": Sync(state=SyncState.FAILED, detail="SECRET"),
            "cart": Sync(state=SyncState.FAILED, detail="SECRET"),
            "source": {"generation": "v1", "phone": "SECRET"},
            "version": 3,
            **more,
        }
    )


def test_nothing_of_the_person_stays_and_the_books_do() -> None:
    bare = without_person(whole())

    assert "SECRET" not in bare.model_dump_json()
    assert (bare.customer, bare.address, bare.tracking) == (None, None, [])
    assert (bare.courier.lat, bare.courier.status) == (None, "done") if bare.courier else False
    assert (bare.id, bare.display_id, bare.status, bare.items[0].total) == ("ord_1", "#41", Status.COMPLETED, 900)
    assert (bare.refunds[0].amount, bare.refunds[0].asked_by) == (5, "Kim")
    assert bare.source == {"generation": "v1"}
    assert without_person(bare) == bare


@pytest.mark.parametrize(("platform", "called"), [("square", "RD_101"), ("direct", "RD_101"), ("shopify", "Zaphod")])
def test_a_name_that_an_order_goes_by_does_not_stay(platform: str, called: str) -> None:
    named = whole(id="ord_101", platform=platform, display_id="Zaphod")
    issue = an_issue(order_id="ord_101", platform=platform, order_display_id="Zaphod")

    assert without_person(named).display_id == without_texts(issue).order_display_id == called
    assert without_person(named.model_copy(update={"display_id": None})).display_id is None


def test_what_a_customer_had_written_on_a_line_does_not_stay() -> None:
    wish = an_item(id="itm_2", sku=None, name="On the cake: SECRET", unit_price=0, total=0)
    cheese = an_item(id="itm_3", sku=None, name="Cheese: Cheddar", unit_price=120, total=120)
    fries = an_item(id="itm_4", sku="FRIES", name="Side: Fries", unit_price=0, total=0)
    order = whole(items=[an_item(id="itm_1", name="Cake: Sacher", modifiers=[wish, cheese, fries])])

    (cake,) = without_person(order).items

    assert cake.name == "Cake: Sacher"
    assert [one.name for one in cake.modifiers] == ["On the cake", "Cheese: Cheddar", "Side: Fries"]


def test_a_check_keeps_its_code_and_numbers() -> None:
    order = whole(checks=[Check(code="SCHEDULE_UNREADABLE", message="SECRET", expected=5, actual=6)])

    assert without_person(order).checks == [Check(code="SCHEDULE_UNREADABLE", message="", expected=5, actual=6)]


def test_an_order_without_any_of_it_stays_as_it_is() -> None:
    assert without_person(an_order()) == an_order()


def an_issue(**more: Any) -> Issue:
    """A complaint with something in every place where a person can be."""
    told: dict[str, Any] = {
        "id": "iss_1",
        "order_id": "ord_1",
        "store_id": "sto_1",
        "platform": "toy",
        "type": IssueType.OTHER,
        "priority": Priority.HIGH,
        "description": "SECRET",
        "resolution_description": "SECRET",
        "comments": [Comment(id="com_1", text="SECRET", by="Kim", at=NOW)],
        "attachments": [Attachment(id="a", name="SECRET", content_type="image/png", size=1, by="Kim", at=NOW)],
        "opened_by": "Kim",
        "updated_by": "Kim",
        "due_at": NOW,
        "opened_at": NOW,
        "updated_at": NOW,
    }
    return Issue(**{**told, **more})


def test_an_issue_keeps_what_it_is_and_loses_what_was_said() -> None:
    bare = without_texts(an_issue())

    assert "SECRET" not in bare.model_dump_json()
    assert (bare.type, bare.priority, bare.comments[0].by) == (IssueType.OTHER, Priority.HIGH, "Kim")


def test_lines_of_the_timeline_keep_facts() -> None:
    summary = {"from": "ready", "to": "completed", "note": "SECRET", "changes": {"notes": "SECRET"}, "reason": "SECRET"}

    assert bare_summary(summary) == {"from": "ready", "to": "completed"}
    job = {"id": "prt_1", "display_id": "SECRET", "copies": 2}
    assert bare_summary({"job": job, "request": "x"}) == {"job": {**job, "display_id": None}, "request": "x"}


# --- the order as it goes on ------------------------------------------------------------------------------------------

ERASE = StaffErase(delivery_key="erase")


def erased() -> Order:
    return after(whole(), ERASE)


def test_erasing_is_a_change_of_the_order() -> None:
    outcome = then(whole(), ERASE)

    assert (outcome.effect, outcome.type) == (Effect.APPLIED, "order.erased")
    assert outcome.order is not None
    assert (outcome.order.erased_at, outcome.order.version) == (LATER, 4)
    assert "SECRET" not in outcome.order.model_dump_json()


@pytest.mark.parametrize("status", [Status.INCOMING, Status.ACCEPTED, Status.READY, Status.PICKED_UP])
def test_an_open_order_needs_its_customer(status: Status) -> None:
    with pytest.raises(Reject, match="work with the order") as refusal:
        then(whole(status=status), ERASE)

    assert (refusal.value.code, refusal.value.details) == ("ORDER_NOT_MODIFIABLE", {"status": status})


UNDER_WAY = Sync(state=SyncState.RETRYING, at=NOW)


@pytest.mark.parametrize(
    "told",
    [
        {"sync": UNDER_WAY},
        {"cart": UNDER_WAY},
        {"refunds": [Refund(id="r", amount=1, asked_by="Kim", at=NOW)]},
    ],
)
def test_while_a_platform_is_being_told_an_order_needs_its_customer_for_a_day(told: dict[str, Any]) -> None:
    assert needs_its_customer(whole(**told), NOW + timedelta(hours=23))
    assert not needs_its_customer(whole(**told), NOW + timedelta(hours=24))
    assert not needs_its_customer(whole(), NOW)


AGAIN = [
    OrderSnapshot(delivery_key="again", source_version="9", order=whole(notes="SECRET too")),
    a_snapshot("9", customer=Customer(name="SECRET"), notes="SECRET", status=Status.COMPLETED),
    a_report(Status.CANCELLED, "9", reason=StatusReason(details="SECRET")),
    courier("9", name="SECRET", phone="SECRET"),
    by_staff(Status.COMPLETED, handed_to="SECRET", note="SECRET"),
]


@pytest.mark.parametrize("message", AGAIN, ids=lambda one: type(one).__name__)
def test_whoever_tells_of_the_person_again_it_is_not_kept(message: Any) -> None:
    outcome = then(erased(), message)

    shown = outcome.order.model_dump_json() if outcome.order is not None else ""
    assert "SECRET" not in f"{shown}{outcome.summary}"
    assert outcome.order is None or outcome.order.erased_at == LATER


def test_the_same_content_again_is_no_change() -> None:
    once = after(erased(), OrderSnapshot(delivery_key="1", source_version="9", order=whole()))

    assert then(once, OrderSnapshot(delivery_key="2", source_version="9", order=whole())).effect is Effect.UNCHANGED


def test_erasing_again_changes_nothing() -> None:
    assert then(erased(), ERASE).effect is Effect.UNCHANGED


def test_an_order_that_is_not_erased_keeps_everything() -> None:
    order = told(a_snapshot("1", customer=SAM, notes="ring twice"))

    assert (order.customer, order.notes, order.erased_at) == (SAM, "ring twice", None)

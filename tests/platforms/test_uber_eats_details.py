"""Uber Eats: people, places and odd spellings in the orders of both generations."""

from decimal import Decimal

import pytest

from orderhub.errors import Quarantine
from orderhub.order.models import (
    Address,
    Amounts,
    Check,
)
from tests.platforms.uber_eats_orders import Json, flags, mapped, sample, v1, v2

# --- who and where -------------------------------------------------------------------------------------------------


def test_the_customer_of_a_group_order_is_the_one_who_made_it_and_lines_say_for_whom_they_are() -> None:
    order = mapped(sample("orders_notification__v1_pickup_group"))

    assert order.customer is not None
    assert order.customer.name == "Dana K"
    assert [(item.name, item.notes) for item in order.items] == [
        ("Falafel box", "For Noor A"),
        ("Cherry tomatoes", "Weight: 0.75 kg\nFor Dana K"),
        ("Laban", "For Dana K"),
    ]


def test_carts_are_put_together_and_notes_told_once() -> None:
    order = mapped(sample("orders_notification__v1_pickup_group"))

    assert (len(order.items), order.notes, order.include_cutlery) == (3, "One bag, please", True)


@pytest.mark.parametrize(("told", "wanted"), [(True, True), (False, False), (None, None)])
def test_cutlery_is_as_the_customer_chose_if_they_did(told: bool | None, wanted: bool | None) -> None:
    payload = v1()
    payload["carts"][0]["include_single_use_items"] = told

    assert mapped(payload).include_cutlery is wanted
    assert mapped({**v2(), "packaging": {"disposable_items": {"should_include": told}}}).include_cutlery is wanted


@pytest.mark.parametrize(
    ("quantity", "read_as", "note"),
    [
        ({"amount": 3, "unit": "PIECE"}, 3, None),
        ({"amount": 2, "unit": "POUND"}, 2, "Weight: 2 lb"),
        (None, 1, None),
        ({}, 1, None),
        ({"in_sellable_unit": {"amount_e5": 150000}}, Decimal("1.5"), None),
        ({"in_sellable_unit": {}}, 1, None),
        (
            {
                "amount": 1,
                "in_sellable_unit": {
                    "amount_e5": 210000,
                    "measurement_unit": {
                        "measurement_type": "MEASUREMENT_TYPE_WEIGHT",
                        "weight": {"unit_type": "WEIGHT_UNIT_TYPE_IMPERIAL_POUND"},
                    },
                },
            },
            1,
            "Weight: 2.1 lb",
        ),
    ],
)
def test_quantities_are_what_the_price_is_for_and_weights_are_notes(
    quantity: Json | None, read_as: int | Decimal, note: str | None
) -> None:
    payload = v1()
    payload["carts"][0]["items"][1]["quantity"] = quantity
    tea = mapped(payload).items[1]

    assert (tea.quantity, tea.notes) == (Decimal(read_as), note)


def test_the_customer_s_name_is_put_together_where_uber_does_not() -> None:
    payload = v1()
    payload["customers"][0]["name"] = {"first_name": "Robin", "last_name": "M"}
    customer = mapped(payload).customer

    assert customer is not None
    assert customer.name == "Robin M"


def test_an_order_without_customers_has_none() -> None:
    assert (mapped({**v1(), "customers": None}).customer, mapped({**v2(), "eater": None}).customer) == (None, None)


def test_the_store_s_courier_is_told_where_to_go() -> None:
    order = mapped(sample("orders_notification__v1_byoc_cash"))

    assert order.address == Address(
        line1="12 Harbour Lane",
        line2="Rear building, B 7",
        city="Helsinki",
        postal_code="00160",
        country="FI",
        lat=60.1699,
        lng=24.9384,
        company="Quay Studio",
        instructions="Door to door; Second staircase",
    )
    assert order.source["courier_link"] == "https://example.com/byoc/7"
    assert order.customer is not None
    assert order.customer.tax_number == "T-4410-9"


def test_a_classic_address_may_be_a_google_place() -> None:
    order = mapped(sample("orders_notification__v2_byoc_cash"))

    assert order.address == Address(
        line1="4 Mill Yard", line2="Studio 3", company="Mill Yard Works", instructions="Meet at the curb; Grey van"
    )
    assert order.source["google_place_id"] == "made-up-place-91"


def test_an_address_without_a_street_is_flagged_where_the_store_delivers() -> None:
    payload = sample("orders_notification__v1_byoc_cash")
    payload["deliveries"][0]["location"] = {"type": "GOOGLE_PLACE", "location_type_value": "place-1"}
    order = mapped(payload)
    classic = sample("orders_notification__v2_byoc_cash")
    classic["eater"]["delivery"]["location"] = {"type": "GOOGLE_PLACE", "google_place_id": "place-1"}

    assert flags(order) == flags(mapped(classic)) == ["ADDRESS_INCOMPLETE"]
    assert order.source["google_place_id"] == mapped(classic).source["google_place_id"] == "place-1"


@pytest.mark.parametrize("junk", ["north", "", None, "NaN", "1e400", 181, [], True, {}])
def test_what_is_no_coordinate_is_left_out(junk: object) -> None:
    payload = sample("orders_notification__v1_byoc_cash")
    payload["deliveries"][0]["location"]["latitude"] = junk
    address = mapped(payload).address

    assert address is not None
    assert address.lat is None
    assert address.lng == 24.9384


def test_an_interaction_that_is_new_is_told_in_uber_s_words() -> None:
    payload = v1()
    payload["deliveries"][0]["interaction_type"] = "THROUGH_THE_WINDOW"
    address = mapped(payload).address

    assert address is not None
    assert address.instructions == "THROUGH_THE_WINDOW"


def test_of_several_couriers_the_one_with_a_name_is_shown() -> None:
    named = v1()["deliveries"][0]
    order = mapped({**v1(), "deliveries": [{"status": "SCHEDULED"}, named]})
    classic = mapped({**v2(), "deliveries": [{"current_state": "SCHEDULED"}, *v2()["deliveries"]]})

    assert order.courier is not None
    assert classic.courier is not None
    assert (order.courier.name, classic.courier.name) == ("Sam", "Max")


def test_a_courier_on_foot_has_a_vehicle_all_the_same() -> None:
    payload = v1()
    payload["deliveries"][0]["delivery_partner"]["vehicle"] = {"type": "PEDESTRIAN"}
    courier = mapped(payload).courier

    assert courier is not None
    assert courier.vehicle == "PEDESTRIAN"


# --- other spellings, and what is missing ---------------------------------------------------------------------------


def test_older_names_of_fields_are_read_too() -> None:
    payload = v1()
    item = payload["carts"][0]["items"][0]
    item["customer_requests"] = item.pop("customer_request")
    for identifier in payload["store"]["partner_identifiers"]:
        identifier["id"] = identifier.pop("value")

    assert mapped(payload) == mapped(v1())


@pytest.mark.parametrize(
    ("requests", "allergens"),
    [
        ({"allergy": {"allergens_to_exclude": ["PEANUTS", "SOY"]}}, ["PEANUTS", "SOY"]),
        ([{"allergy": {"allergens_to_exclude": [{"type": "FISH"}]}}], ["FISH"]),
        ([{"allergy": {"allergens_to_exclude": [{"type": "OTHER", "freeform_text": "Kiwi"}]}}], ["Kiwi"]),
        ([{"allergy": {"allergens_to_exclude": [{"type": "OTHER"}]}}], ["OTHER"]),
        ([{"allergy": {"allergens_to_exclude": None}}], []),
        (None, []),
    ],
)
def test_allergens_of_a_classic_order_are_read_in_each_of_their_forms(requests: object, allergens: list[str]) -> None:
    payload = v2()
    payload["cart"]["items"][0]["special_requests"] = requests

    assert mapped(payload).items[0].allergens == allergens


def test_issues_with_lines_are_flagged() -> None:
    payload = v2()
    payload["cart"]["fulfillment_issues"] = [
        {
            "fulfillment_issue_type": "OUT_OF_ITEM",
            "fulfillment_action_type": "REMOVE_ITEM",
            "root_item": {"title": "Muffin"},
        }
    ]
    of_v1 = mapped(sample("orders_fulfillment_issues_resolved__v1"))

    assert mapped(payload).checks == [Check(code="FULFILLMENT_ISSUE", message="OUT_OF_ITEM, REMOVE_ITEM, Muffin")]
    assert of_v1.checks == [Check(code="FULFILLMENT_ISSUE", message="OUT_OF_ITEM, ASK_CUSTOMER, Jasmine tea")]


@pytest.mark.parametrize("missing", ["carts", "payment"])
def test_parts_that_were_not_asked_for_are_flagged(missing: str) -> None:
    payload = v1()
    del payload[missing]

    assert "PARTS_MISSING" in flags(mapped(payload))


def test_a_classic_order_without_its_cart_is_flagged() -> None:
    assert flags(mapped({**v2(), "cart": None})) == ["PARTS_MISSING"]


def test_the_least_of_an_order_is_an_order() -> None:
    order = mapped({"id": "o-1", "state": "OFFERED"})

    assert (order.external_id, order.store_id, order.amounts) == ("o-1", "sto_main", Amounts(currency="USD"))
    assert mapped({"id": "o-1", "current_state": "CREATED"}).amounts == Amounts(currency="USD")


def nested(levels: int) -> Json:
    payload = v1()
    item: Json = {"id": "deepest", "title": "Deepest"}
    for _ in range(levels):
        item = {"id": "level", "title": "Level", "selected_modifier_groups": [{"id": "g", "selected_items": [item]}]}
    payload["carts"][0]["items"] = [item]
    return payload


def test_options_may_be_nested() -> None:
    deepest = mapped(nested(20)).items[0]
    for _ in range(20):
        (deepest,) = deepest.modifiers

    assert deepest.name == "Deepest"


@pytest.mark.parametrize("levels", [21, 60, 200])
def test_options_nested_without_end_go_to_quarantine(levels: int) -> None:
    with pytest.raises(Quarantine):
        mapped(nested(levels))


@pytest.mark.parametrize("amount", [-1, 10**9, "many"])
def test_a_quantity_that_cannot_be_goes_to_quarantine(amount: object) -> None:
    payload = v1()
    payload["carts"][0]["items"][0]["quantity"] = {"amount": amount}

    with pytest.raises(Quarantine):
        mapped(payload)


def test_lines_that_add_up_to_more_than_any_price_go_to_quarantine() -> None:
    payload = v2()
    dear = {"instance_id": "dear", "price": {"total_price": {"amount": 10**15, "currency_code": "USD"}}}
    payload["cart"]["items"], payload["payment"] = [dear, {**dear, "instance_id": "dearer"}], None

    with pytest.raises(Quarantine):
        mapped(payload)


def test_what_the_store_may_do_is_kept_where_uber_says_it() -> None:
    payload = {**v1(), "eligible_actions": {"cancel": {}, "mark_out_of_item": {"is_eligible": False}}}
    source = mapped(payload).source

    assert {name: source.get(name) for name in ("can_cancel", "can_mark_out_of_item", "can_adjust_ready_time")} == {
        "can_cancel": None,
        "can_mark_out_of_item": "no",
        "can_adjust_ready_time": None,
    }


def test_a_line_without_any_price_has_none() -> None:
    payload = v2()
    payload["cart"]["items"][1]["price"] = None
    juice = mapped(payload).items[1]

    assert (juice.unit_price, juice.total) == (None, None)


def test_lines_that_uber_does_not_tell_apart_still_have_ids_of_their_own() -> None:
    payload = v1()
    payload["carts"][0]["items"] = [{"title": "Water"}, {"title": "Water"}]

    assert len({item.id for item in mapped(payload).items}) == 2


def test_lines_keep_their_ids_when_their_order_changes() -> None:
    payload = v1()
    payload["carts"][0]["items"].reverse()

    assert {item.id for item in mapped(payload).items} == {item.id for item in mapped(v1()).items}


def test_orders_of_a_sandbox_connection_are_tests() -> None:
    assert [mapped(payload, environment="sandbox").is_test for payload in (v1(), v2())] == [True, True]
    assert [mapped(payload).is_test for payload in (v1(), v2())] == [False, False]

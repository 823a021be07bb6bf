import re

from hypothesis import given
from hypothesis import strategies as st

from orderhub.order.ids import digest, item_id, order_id

any_text = st.text(st.characters())


def test_an_order_id_is_the_same_wherever_it_is_computed() -> None:
    assert order_id("square", "con_1", "A1") == "ord_" + digest("square", "con_1", "A1")
    assert order_id("square", "con_1", "A1") == order_id("square", "con_1", "A1")


def test_an_order_id_never_changes_between_releases() -> None:
    assert order_id("square", "con_1", "eA3vssLHKJrv9H0IdJCM3gNqfdcZY") == "ord_9600798e5a105376f82925fbf3fa3fe2"
    assert item_id("line", "option") == "itm_c18c644e3f21df96f0dabb48a1102369"


def test_orders_differ_by_platform_connection_and_all_of_their_identity() -> None:
    ids = {
        order_id("square", "con_1", "A1"),
        order_id("shopify", "con_1", "A1"),
        order_id("square", "con_2", "A1"),
        order_id("square", "con_1", "A2"),
        order_id("square", "con_1", "A1", "2026-10-05"),
        order_id("square", "con_1", "A1", "2026-10-06"),
        order_id("square", "con_1", "A1", "main street", "2026-10-06"),
    }

    assert len(ids) == 7


def test_an_item_is_known_by_all_of_its_parts_in_their_order() -> None:
    assert len({item_id("a", "b"), item_id("b", "a"), item_id("ab"), item_id("a"), item_id("a", "b", "")}) == 5


@given(any_text, any_text, any_text)
def test_an_id_is_of_one_form_whatever_the_platform_calls_the_order(platform: str, connection: str, name: str) -> None:
    assert re.fullmatch(r"ord_[0-9a-f]{32}", order_id(platform, connection, name))
    assert re.fullmatch(r"itm_[0-9a-f]{32}", item_id(name))


@given(st.lists(any_text, max_size=4), st.lists(any_text, max_size=4))
def test_different_parts_make_different_ids(these: list[str], those: list[str]) -> None:
    assert (digest(*these) == digest(*those)) == (these == those)


@given(any_text, any_text)
def test_a_part_that_holds_a_separator_is_not_two_parts(left: str, right: str) -> None:
    assert len({digest(left, right)} | {digest(f"{left}{mark}{right}") for mark in ("\x1f", "\0", '", "', "|")}) == 5

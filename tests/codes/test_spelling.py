"""Which known word a slip is taken for: near ones only."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl.check import Checked
from dsl.spelling import closest, distance
from engine.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("left", "right", "far"),
    [
        ("more", "more", 0),
        ("mor", "more", 1),
        ("mroe", "more", 1),
        ("moore", "more", 1),
        ("moan", "more", 2),
        ("abc", "wxyz", 3),
    ],
)
def test_distance_counts_slips_and_gives_up_beyond_its_limit(left: str, right: str, far: int) -> None:
    assert distance(left, right, 2) == far
    assert distance(right, left, 2) == far


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("numbr", ["number", "id"], "number"),
        ("Number", ["number"], "number"),
        ("order-prefix", ["order_prefix"], "order_prefix"),
        ("zip", ["postal_code", "state"], "postal_code"),
        ("id", ["is", "if"], None),
        ("colour", ["number"], None),
        ("xyz", ["abc"], None),
        ("stat", ["state", "status"], "state"),
        ("", ["a"], None),
        ("skuu", ["id", "sku"], "sku"),
    ],
)
def test_only_near_words_are_suggested(word: str, known: list[str], meant: str | None) -> None:
    assert closest(word, known, {"zip": "postal_code"}) == meant


VOCABULARY = vocabulary()
NAMES = {each.name for each in VOCABULARY.fields}


@pytest.mark.parametrize("said", list(VOCABULARY.aliases))
def test_what_people_say_stands_for_a_field_that_there_is(said: str) -> None:
    meant = VOCABULARY.aliases[said].split()
    assert meant
    assert set(meant) <= NAMES
    assert said not in meant or len(meant) > 1


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("ship_to.zip", "ship_to.postal_code"),
        ("bill_to.street", "bill_to.line_1"),
        ("order.tax", "order.tax_total"),
        ("order.coupon", "order.coupon_codes"),
        ("order.sales_channel", "order.channel"),
        ("order.shop", "order.store"),
        ("order.freight", "order.shipping_total"),
        ("order.date_paid", "order.paid_date"),
        ("customer.surname", "customer.last_name"),
        ("books.ar_account", "books.receivable_account"),
        ("books.department", "books.location"),
        ("books.invoice_number", "books.number"),
        ("books.tax", "books.tax_code"),
    ],
)
def test_words_of_shops_and_books_lead_to_the_field(path: str, meant: str, check: Callable[[str], Checked]) -> None:
    (found,) = [
        each for each in check(f'rule "A"\n  for order\n  when {path} is present\n  then tag "x"\nend\n').diagnostics
        if each.is_error
    ]  # fmt: skip
    assert (found.code, found.label) == ("R201", f"did you mean `{meant}`?")

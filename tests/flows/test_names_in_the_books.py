"""Names in rule sets (accounts, classes, codes) that the books do not have: told when publishing, else at the first run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.errors import Retry
from engine import publishing
from engine.connections import CompanyRow
from sandbox import quickbooks, woocommerce
from tests.flows.flows_kit import World, plain

SAVINGS = 'rule "Savings" for order when order.note is "save" then set books.deposit_account to "Savigns" end'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(
        f"sqlite:///{tmp_path / 'store.sqlite3'}",
        shop_options=woocommerce.Options(generated=1),
        books_options=quickbooks.Options(custom_transaction_numbers=True, allow_shipping=True),
    ) as made:
        yield made


def publish(world: World, text: str, read_lists: Callable[[CompanyRow], object] | None) -> publishing.Published:
    return publishing.publish(
        world.store, world.office.scope, name="rules", text=text, tables={}, author="test", at=world.clock.now(),
        read_lists=read_lists,
    )  # fmt: skip


def from_the_books(world: World) -> Callable[[CompanyRow], None]:
    def read(company: CompanyRow) -> None:
        with world.desk.books(company) as books:
            world.desk.freshen(company, books)

    return read


def away(company: CompanyRow) -> None:
    raise Retry("QuickBooks does not answer.", code="no_answer", next_step="Nothing: it is asked again.")


def said(published: publishing.Published) -> list[tuple[str, int, str]]:
    return [(each.code, each.start.line, each.label) for each in published.warnings]


NAMED = {
    "an option of the flow": plain("invoice", **{"class": '"Wbe"'}),
    "an entry of a table": plain("invoice")
    + """
table class_for
  method -> class
  "Credit card" -> "Wbe"
  any -> "Wholesale"
end
rule "Class" for order then set books.class to lookup class_for(order.payment_method) end
""",
    "a setting of a pack": plain("invoice")
    + """
use "orders/class_by_store" version "1.0" as classes
  set store_class to "Wbe"
end
""",
    "a setting of its own": plain("invoice")
    + """
setting web is class default "Wbe" note "The class of web orders"
rule "Class" for order then set books.class to web end
""",
}


def test_publishing_reads_the_lists_first_and_says_what_was_meant(world: World) -> None:
    published = publish(world, plain("sales_receipt", SAVINGS), from_the_books(world))
    assert [(code, label) for code, _, label in said(published)] == [("R502", 'did you mean "Savings"?')]
    assert published.unread == ()
    # Told once: the first run says nothing more of it.
    fetched, _ = world.sync()
    assert not [each for each in fetched.findings if "Savigns" in each]


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(
        f"sqlite:///{tmp_path_factory.mktemp('names') / 'store.sqlite3'}",
        shop_options=woocommerce.Options(generated=1),
        books_options=quickbooks.Options(custom_transaction_numbers=True, allow_shipping=True),
    ) as made:
        yield made


@pytest.mark.parametrize("where", NAMED)
def test_a_name_is_compared_wherever_it_is_written(listed: World, where: str) -> None:
    published = publish(listed, NAMED[where], from_the_books(listed))
    assert [(each.message, each.label) for each in published.warnings] == [
        ('the books have no class "Wbe"', 'did you mean "Web"?')
    ]


def test_books_that_cannot_be_read_refuse_nothing_and_the_first_run_tells_once(world: World) -> None:
    published = publish(world, plain("sales_receipt", SAVINGS), away)
    assert said(published) == []
    (unread,) = published.unread
    assert unread.endswith(": QuickBooks does not answer. Nothing: it is asked again.")
    saved, other = world.simple_order(customer_note="save"), world.simple_order()

    fetched, _ = world.sync()

    told = [each for each in fetched.findings if "Savigns" in each]
    assert told == [
        '\'rules\', line 12: the books have no account "Savigns". Did you mean "Savings"? Add it in the books, or choose'
        " one that is there."
    ]
    assert told[0] in world.lines()
    # Only what uses the name waits.
    assert world.held_codes() == {str(saved["id"]): "account_missing"}
    assert [each["DocNumber"] for each in world.documents("SalesReceipt") if each.get("DocNumber") == other["number"]]
    again, _ = world.sync()
    assert not [each for each in again.findings if "Savigns" in each]


def test_a_flow_that_does_nothing_yet_is_named(listed: World) -> None:
    products = '\nflow "Web products"\n  from woocommerce  to quickbooks\n  sync products\nend\n'
    published = publish(listed, plain("invoice", products), None)
    assert [row.name for row in published.flows] == ["Web orders"]
    assert published.idle == (
        "Flow 'Web products' moves products, and this version moves orders only: it does nothing yet.",
    )


def test_a_list_that_is_empty_in_the_books_has_none_of_the_names(world: World) -> None:
    for each in world.documents("Department"):
        world.books.edit("Department", each["Id"], "change", Active=False)
    published = publish(world, plain("invoice", location='"Moon"'), from_the_books(world))
    assert [each.message for each in published.warnings] == ['the books have no location "Moon"']

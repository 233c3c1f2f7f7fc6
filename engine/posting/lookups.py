"""Looking in the books for what may stand there already: before a thing that is unknown is sent again, when a number
is taken, and after a restored backup. Changes when the books offer another way to look. It settles nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.documents import CustomerDocument, ListDocument, PaymentDocument, ProductDocument, SalesDocument
from connectors.ports import Books, Posted
from engine.books_view import folded
from engine.lists import Lists
from engine.posting.operations import Operation


def look(books: Books, lists: Lists, wanted: Sequence[tuple[Operation, str]]) -> dict[int, list[Posted]]:
    """What stands in the books for these creates (operation, entity), by operation id: everything of that number,
    name, or customer and day, whether ours or not. In as few calls as there are entities, days and customers.

    Raises `errors.*` of the reads.
    """
    found: dict[int, list[Posted]] = {}
    numbers: dict[str, dict[str, list[int]]] = {}
    names: dict[str, dict[str, list[int]]] = {}
    days: dict[tuple[str, str | None, str], list[int]] = {}
    for item, entity in wanted:
        found[item.id] = []
        match item.document:
            case SalesDocument(number=str() as number):
                numbers.setdefault(entity, {}).setdefault(number, []).append(item.id)
            case SalesDocument() as sale:
                days.setdefault((entity, customer_id(lists, sale.customer), sale.date.isoformat()), []).append(item.id)
            case PaymentDocument() as payment:
                place = (entity, customer_id(lists, payment.customer), payment.date.isoformat())
                days.setdefault(place, []).append(item.id)
            case CustomerDocument() | ProductDocument() | ListDocument() as named:
                names.setdefault(entity, {}).setdefault(named.name, []).append(item.id)
            case None:
                raise ValueError(f"operation {item.id} puts nothing there")
    for entity, by_number in numbers.items():
        by_folded = {folded(number): ids for number, ids in by_number.items()}
        for posted in books.find_numbers(entity, list(by_number)):
            for id_ in by_folded.get(folded(posted.number or ""), ()):
                found[id_].append(posted)
    for entity, by_name in names.items():
        for name, ids in by_name.items():
            for posted in books.find(entity, name=name):
                for id_ in ids:
                    found[id_].append(posted)
    for (entity, customer, day), ids in days.items():
        for posted in books.find(entity, customer_id=customer, date=day):
            for id_ in ids:
                found[id_].append(posted)
    return found


def ours(item: Operation, found: Sequence[Posted], taken: Mapping[tuple[str, str], int]) -> Posted | None:
    """The one among them that this operation put there: a document by its marker, a name by its name. `taken` are
    documents that the ledger holds in other slots or of other times, by (entity, id)."""
    match item.document:
        case SalesDocument(marker=marker) | PaymentDocument(marker=marker):
            for posted in found:
                known = (posted.entity, posted.id) in taken
                if marker and posted.marker == marker and posted.state == "live" and not known:
                    return posted
        case CustomerDocument(name=name) | ProductDocument(name=name) | ListDocument(name=name):
            for posted in found:
                active = posted.state == "live" and posted.body.get("Active", True) is not False
                if active and posted.name is not None and folded(posted.name) == folded(name):
                    return posted
        case _:
            pass
    return None


def agrees(item: Operation, posted: Posted, lists: Lists) -> bool:
    """Whether somebody else's document is this order's: customer, date and total are the same, and no marker says that
    it is another's."""
    match item.document:
        case SalesDocument() as sale:
            return (
                posted.state == "live"
                and posted.marker is None
                and posted.total == sale.total
                and posted.date == sale.date.isoformat()
                and posted.customer_id == customer_id(lists, sale.customer)
            )
        case _:
            return False


def customer_id(lists: Lists, name: str | None) -> str | None:
    """The id of a customer by name; missing where the lists do not know it."""
    if name is None:
        return None
    entry = lists.one("customer", name)
    return None if entry is None else entry.id

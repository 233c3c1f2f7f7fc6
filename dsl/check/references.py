"""Looks up names of accounts, classes, items, tax codes, … in a snapshot of the books; changes with the lists it knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dsl import tree
from dsl.books import BooksSnapshot, folded
from dsl.check.context import Environment
from dsl.resolved import ResolvedTable
from dsl.tree import Span

WORDS = {
    "account": "an account",
    "class": "a class",
    "item": "an item",
    "tax_code": "a tax code",
    "terms": "terms",
    "location": "a location",
    "payment_method": "a payment method",
    "customer": "a customer",
    "vendor": "a vendor",
}
_MADE_ON_DEMAND = frozenset({"customer", "item", "payment_method"})
"""What a sync creates where it is missing, so that a name not yet there is no mistake."""
_MOST_NAMES = 3


def report_references(environment: Environment) -> None:
    """One finding for each text that names something the books do not have."""
    books = environment.books
    if books is None:
        return
    files = _csv_tables(environment)
    told: set[tuple[str, Span]] = set()
    for kind, name, span in environment.references:
        if not name.strip() or kind not in books.names:
            continue
        table = files.get(span)
        if table is None:
            report_name(environment, books, kind, name, span)
        elif (kind, span) not in told:
            told.add((kind, span))
            _of_file(environment, books, kind, table, span)


def report_name(
    environment: Environment, books: BooksSnapshot, kind: str, name: str, span: Span, *, made: bool = True
) -> None:
    """The finding about one name, where there is one; `made`: what is missing may be created on demand."""
    if books.has(kind, name):
        return
    what = WORDS.get(kind, f"a {kind}")
    if books.switched_off(kind, name):
        environment.reporter.report(
            "R503",
            span,
            f'the books have {what} "{name}", but it is inactive',
            help="make it active again in the books, or name another one",
        )
        return
    if made and kind in _MADE_ON_DEMAND:
        return
    meant = environment.reporter.closest(name, [each for each in books.names[kind] if folded(each) != folded(name)])
    elsewhere = " and ".join(WORDS[each] for each in books.lists_with(name, kind) if each in WORDS)
    environment.reporter.report(
        "R502",
        span,
        f'the books have no {what.partition(" ")[2] or what} "{name}"',
        meant=meant,
        as_text=True,
        help=f"they have {elsewhere} of that name: another list of the books"
        if elsewhere
        else "add it in the books, or choose one that is there",
    )


def _csv_tables(environment: Environment) -> Mapping[Span, ResolvedTable]:
    """The tables whose rows stand in a file beside the rule set, by the place that all of these rows have."""
    return {each.rows[0].span: each for each in environment.tables.values() if each.csv_lines and each.rows}


def _of_file(environment: Environment, books: BooksSnapshot, kind: str, table: ResolvedTable, span: Span) -> None:
    """One finding for all names of a CSV file that the books do not have, with their lines."""
    mentioned = {name for of, name, at in environment.references if of == kind and at == span}
    unknown: list[tuple[int, str]] = []
    off: list[tuple[int, str]] = []
    for place in _columns_of(table, mentioned):
        for line, row in zip(table.csv_lines, table.rows, strict=False):
            value = row.outputs[place]
            if not isinstance(value, tree.Text) or not value.value.strip() or books.has(kind, value.value):
                continue
            if books.switched_off(kind, value.value):
                off.append((line, value.value))
            elif kind not in _MADE_ON_DEMAND:
                unknown.append((line, value.value))
    what = WORDS.get(kind, f"a {kind}")
    for code, found, words, help in (
        (
            "R502",
            unknown,
            f"the books have no {what.partition(' ')[2] or what}",
            "add it in the books, or mend the file",
        ),
        ("R503", off, f"inactive in the books is {what}", "make it active again, or mend the file"),
    ):
        if not found:
            continue
        shown = "; ".join(f'line {line}: {words} "{name}"' for line, name in found[:_MOST_NAMES])
        more = f" (and {len(found) - _MOST_NAMES} more)" if len(found) > _MOST_NAMES else ""
        meant = environment.reporter.closest(found[0][1], books.names[kind]) if code == "R502" else None
        environment.reporter.report(
            code,
            span,
            f'"{table.csv}", {shown}{more}',
            help=f'line {found[0][0]}: did you mean "{meant}"?' if meant else help,
        )


def _columns_of(table: ResolvedTable, names: Iterable[str]) -> list[int]:
    """The outputs in which such names stand."""
    wanted = set(names)
    found: list[int] = []
    for place in range(len(table.outputs)):
        values = (row.outputs[place] for row in table.rows)
        if any(isinstance(value, tree.Text) and value.value in wanted for value in values):
            found.append(place)
    return found

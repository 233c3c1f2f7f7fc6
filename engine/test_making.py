"""A test made from an order that was received: what it gives, masked, and what it expects. Changes with what a test has to give.

The test gives what rules read of the order and what its documents are made of; personal data is masked as long as the rules
decide the same, and what has to stay for that is named. What it expects is what happened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from connectors.documents import SalesDocument
from connectors.records import ZERO, Order
from dsl import tree
from dsl.check import check_text
from dsl.currencies import minor_unit
from dsl.decision import Decision
from dsl.evaluate.records import COLLECTIONS
from dsl.format import format_text
from dsl.program import Program
from dsl.recording import Recording, record_run
from dsl.types import MONEY, Type
from dsl.values import fold, print_value
from engine.documents.wanted import Desired, a_or_an
from engine.masking import KINDS, LEVELS, at, masked, put, raw_places, without_links
from engine.preview import read_orders
from engine.projection import RuleRecord, of_order, of_refund
from engine.rule_tests import ReadyTest, desired_of, given_record
from engine.rulesets import schema

_MOST_EXPECTED = 10
#: What documents are made of, by the word for the item; "" is the head.
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "line": ("sku", "name", "quantity", "amount", "discount", "tax_amount", "taxable"),
    "shipping": ("method", "amount", "tax_amount", "taxable"),
    "fee": ("name", "amount", "tax_amount", "taxable"),
    "discount": ("code", "amount", "tax_amount"),
    "tax": ("name", "code", "rate", "amount"),
    "payment": ("method", "type", "amount"),
}
_HEAD = ("number", "currency", "paid", "payment_method", "status", "prices_include_tax")
_TOTALS = ("subtotal", "discount_total", "shipping_total", "fee_total", "tax_total", "tip_total", "total")
_PARTIES = ("customer.first_name", "customer.last_name", "customer.name", "customer.company", "customer.email",
            "bill_to.name", "bill_to.company")  # fmt: skip


class NoTest(Exception):
    """No test can be made that says the same as the order; in words."""


@dataclass(frozen=True, slots=True)
class MadeTest:
    """A test as text, formatted. `recording` is the masked raw order that it gives by its `file`, where it does. `kept` are
    the fields that had to stay as they are, or in part, for the decision to be the same."""

    title: str
    text: str
    kept: tuple[str, ...] = ()
    file: str = ""
    recording: str = ""


@dataclass(frozen=True, slots=True)
class _Essence:
    """What has to be the same with masked data: everything about a decision and its documents that is no personal word."""

    outcome: str
    rule: str | None
    fired: tuple[str, ...]
    changed: tuple[str, ...]
    left_out: tuple[tuple[str, int, str], ...]
    documents: tuple[tuple[str, str, str | None], ...] | str


@dataclass(frozen=True, slots=True)
class _Maker:
    """The order, the rules, and the day; what both ways of giving the order share."""

    program: Program
    kind: str
    received: RuleRecord
    today: date

    def run(self, record: RuleRecord) -> tuple[Decision, Desired | str, Recording]:
        """What becomes of a record in a test: the first flow of the file, neutral books."""
        flow = next(iter(self.program.flows), None)
        recording = record_run(self.program.walker, record, self.kind, self.ready(record).inputs)
        desired = desired_of(self.program.walker, flow, self.kind, record, recording.decision, self.today)
        return recording.decision, desired, recording

    def ready(self, record: RuleRecord) -> ReadyTest:
        flow = next(iter(self.program.flows), None)
        test = tree.Test(tree.Word(""), None, ())
        return ReadyTest(test, 0, self.program.walker, flow, record, self.today)

    def essence(self, record: RuleRecord) -> _Essence:
        decision, desired, _ = self.run(record)
        documents: tuple[tuple[str, str, str | None], ...] | str = "none"
        if isinstance(desired, Desired) and not desired.stop and not desired.skip:
            documents = tuple(
                (
                    each.document.type if isinstance(each.document, SalesDocument) else "payment",
                    f"{each.document.total if isinstance(each.document, SalesDocument) else each.document.amount:f}",
                    each.document.tax_code if isinstance(each.document, SalesDocument) else None,
                )
                for each in desired.documents
            )
        return _Essence(
            decision.outcome,
            decision.rule,
            decision.fired,
            tuple(change.path for change in decision.changes),
            tuple((each.kind, each.number, each.rule) for each in decision.left_out),
            documents,
        )


def make_test(
    program: Program, order: Order, *, kind: str = "order", refund: str = "", today: date, title: str = "",
    taken: frozenset[str] = frozenset(),
) -> MadeTest:  # fmt: skip
    """A test that gives the order (or one of its refunds, by id) field by field. `taken` are titles of tests that there are.

    Raises NoTest where the fields that a test can give do not come to the same decision: give it as a recorded order.
    """
    maker = _Maker(program, kind, _record(order, kind, refund), today)
    wanted = maker.essence(maker.received)
    _, _, recording = maker.run(maker.received)
    for everything in (False, True):
        fields = list(_given_fields(maker.received, kind, recording, everything=everything))
        levels = {each.path: 0 for each in fields if each.mask}
        if maker.essence(_given(fields, dict.fromkeys(levels, LEVELS), kind, maker)) != wanted:
            continue
        kept = _fewest(levels, partial(_is_same, fields, kind, maker, wanted))
        record = _given(fields, kept, kind, maker)
        decision, desired, _ = maker.run(record)
        name = _title(title, order, kind, decision, desired, taken)
        lines = [f'test "{_text(name)}"', f"  on {today.isoformat()}", f"  given {kind}"]
        lines += _given_lines(fields, kept, kind, maker)
        lines += ["  expect", *(f"    {each}" for each in _expected(decision, desired, record, kind)), "end"]
        return MadeTest(name, _formatted(lines), _named(kept))
    raise NoTest("its fields alone, as a test gives them, do not come to the same decision")


def _is_same(fields: list[_Field], kind: str, maker: _Maker, wanted: _Essence, levels: Mapping[str, int]) -> bool:
    return maker.essence(_given(fields, levels, kind, maker)) == wanted


def make_recorded_test(
    program: Program, payload: Mapping[str, Any], *, source: str, zone: str | None, kind: str = "order", refund: str = "",
    today: date, file: str, title: str = "", taken: frozenset[str] = frozenset(),
) -> MadeTest:  # fmt: skip
    """A test that gives the whole raw order, masked, by a file beside the rule set. Raises NoTest."""

    def read(raw: Mapping[str, Any]) -> Order:
        found = next(read_orders(source, [raw], zone=zone)).record
        if not isinstance(found, Order):
            raise NoTest("the order cannot be read")
        return found

    plain = without_links(deepcopy(dict(payload)))
    order = read(plain)
    if kind == "refund" and order.refunds and order.refunds[0].id != refund:
        raise NoTest("a recorded order gives its first refund only")
    maker = _Maker(program, kind, _record(order, kind, refund), today)
    wanted = maker.essence(maker.received)
    places = dict(raw_places(plain))

    def with_levels(levels: Mapping[tuple[str | int, ...], int]) -> dict[str, Any]:
        raw: dict[str, Any] = deepcopy(plain)
        for place, level in levels.items():
            put(raw, place, masked(str(at(plain, place)), places[place], level))
        return raw

    def same(levels: Mapping[tuple[str | int, ...], int]) -> bool:
        return maker.essence(_record(read(with_levels(levels)), kind, refund)) == wanted

    kept = _fewest(dict.fromkeys(places, 0), same)
    raw = with_levels(kept)
    masked_order = read(raw)
    record = _record(masked_order, kind, refund)
    decision, desired, _ = maker.run(record)
    name = _title(title, masked_order, kind, decision, desired, taken)
    lines = [f'test "{_text(name)}"', f"  on {today.isoformat()}", f'  given {kind} from "{_text(file)}"']
    lines += ["  expect", *(f"    {each}" for each in _expected(decision, desired, record, kind)), "end"]
    shown = json.dumps(raw, ensure_ascii=False, indent=1) + "\n"
    return MadeTest(name, _formatted(lines), _named(kept), file, shown)


def _record(order: Order, kind: str, refund: str) -> RuleRecord:
    if kind == "order":
        return of_order(order)
    found = next((each for each in order.refunds if each.id == refund), None)
    if found is None:
        raise NoTest(f"order {order.number} has no refund {refund}")
    return of_refund(found, order)


# ------------------------------------------------------------------------------------------------------ what is given


@dataclass(frozen=True, slots=True)
class _Field:
    """One field that a test gives: where it stands (`item` and `number` for one of an item) and how it is masked."""

    path: str
    name: str
    key: str | None
    item: str
    number: int
    value: Any
    mask: str
    type: Type

    def at_level(self, level: int) -> Any:
        return masked(self.value, self.mask, level) if self.mask and isinstance(self.value, str) else self.value


def _given_fields(record: RuleRecord, kind: str, recording: Recording, *, everything: bool) -> Iterator[_Field]:
    """What rules read of the record, and what its documents are made of; missing values are not given."""
    wanted: dict[tuple[str, str | None], None] = {}
    for name in _HEAD:
        wanted[f"order.{name}", None] = None
    if kind == "refund":
        wanted |= dict.fromkeys([("refund.amount", None), ("refund.date", None), ("refund.tax_total", None)])
    for name in _PARTIES:
        wanted[name, None] = None
    for reads in recording.reads.values():
        for read in reads.values():
            wanted[read.path.name, read.path.key] = None
    if everything:
        for root in ("order", "customer", "bill_to", "ship_to"):
            wanted |= dict.fromkeys((f"{root}.{name}", None) for name in record.get(root, {}))
    words = [word for word in COLLECTIONS if schema().field(f"{word}.amount") is not None]
    for name, key in wanted:
        root, _, rest = name.partition(".")
        if root not in COLLECTIONS and root != "books":
            yield from _field(record.get(root) or {}, root, rest, key, "", 0)
    holder = record["refund"] if kind == "refund" else record["order"]
    for word in words:
        names = dict.fromkeys(
            [*_NEEDED[word], *(name.partition(".")[2] for name, _ in wanted if name.startswith(f"{word}."))]
        )
        keys = [(name, key) for name, key in wanted if name.startswith(f"{word}.") and key is not None]
        for number, item in enumerate(holder.get(COLLECTIONS[word]) or (), 1):
            for name in names:
                yield from _field(item, word, name, None, word, number)
            for name, key in keys:
                yield from _field(item, word, name.partition(".")[2], key, word, number)


def _field(held: Mapping[str, Any], root: str, rest: str, key: str | None, item: str, number: int) -> Iterator[_Field]:
    known = schema().field(f"{root}.{rest}")
    value = held.get(rest)
    if key is not None:
        value = value.get(key) if isinstance(value, Mapping) else None
    elif known is not None and known.keyed:
        return
    if known is None or value is None or value == "" or value == () or value == []:
        return
    if isinstance(value, datetime) and known.type.name == "date":
        value = value.date()
    if item and isinstance(value, Decimal) and not value and rest in ("discount", "tax_amount"):
        return
    path = f"{root}[{number}].{rest}" if item else f"{root}.{rest}"
    shown = path if key is None else f'{path}["{key}"]'
    yield _Field(shown, f"{root}.{rest}", key, item, number, value, KINDS.get(f"{root}.{rest}", ""), known.type)


def _given_lines(fields: list[_Field], levels: Mapping[str, int], kind: str, maker: _Maker) -> list[str]:
    """The lines of `given`, totals that their parts do not come to among them."""
    currency = str(maker.received["order"].get("currency") or "USD")
    return _written([*fields, *_totals(fields, levels, kind, maker)], levels, currency)


def _written(chosen: list[_Field], levels: Mapping[str, int], currency: str) -> list[str]:
    """Fields as assignments, those of items one item a line."""
    head = [f"    {_assigned(each, levels, currency)}" for each in chosen if not each.item]
    items: dict[tuple[str, int], list[str]] = {}
    for each in chosen:
        if each.item:
            items.setdefault((each.item, each.number), []).append(_assigned(each, levels, currency))
    return head + [f"    {word} {' '.join(parts)}" for (word, _), parts in items.items()]


def _totals(fields: list[_Field], levels: Mapping[str, int], kind: str, maker: _Maker) -> list[_Field]:
    """The totals of the head that the parts which the test gives would not add up to."""
    given = {each.path for each in fields}
    record = _parsed(fields, levels, kind, maker, ())
    found = []
    root = "order" if kind == "order" else "refund"
    received, made = maker.received[root], record[root]
    for name in (*_TOTALS, "amount"):
        path = f"{root}.{name}"
        known = schema().field(path)
        if known is None or path in given or name not in received:
            continue
        if (received.get(name) or ZERO) != (made.get(name) or ZERO):
            found.append(_Field(path, path, None, "", 0, received.get(name) or ZERO, "", known.type))
    return found


def _given(fields: list[_Field], levels: Mapping[str, int], kind: str, maker: _Maker) -> RuleRecord:
    """The record that a test with these fields gives."""
    return _parsed(fields, levels, kind, maker, _totals(fields, levels, kind, maker))


def _parsed(fields: list[_Field], levels: Mapping[str, int], kind: str, maker: _Maker, totals: Any) -> RuleRecord:
    """The record of a test, through the language's own text: what stands in the file is what is tried."""
    currency = str(maker.received["order"].get("currency") or "USD")
    chosen = [*fields, *totals]
    lines = [f'test "Made"\n  on {maker.today.isoformat()}\n  given {kind}', *_written(chosen, levels, currency)]
    lines.append("  expect\n    not failed\nend\n")
    checked = check_text("\n".join(lines), file="made.rules", schema=schema())
    if checked.ruleset is None or not checked.ruleset.tests:
        said = "; ".join(each.message for each in checked.diagnostics if each.is_error)
        raise NoTest(f"its fields cannot be written down as a test: {said}")
    return given_record(checked.ruleset.tests[0], maker.today)


def _assigned(field: _Field, levels: Mapping[str, int], currency: str) -> str:
    name = field.name.partition(".")[2] if field.item else field.name
    key = "" if field.key is None else f'["{_text(field.key)}"]'
    return f"{name}{key} = {_literal(field.at_level(levels.get(field.path, LEVELS)), field.type, currency)}"


def _literal(value: Any, of: Type, currency: str) -> str:
    """A value as rule sets write it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            if of.name == "money":
                digits = max(minor_unit(currency), -int(value.normalize().as_tuple().exponent))
                return f"{value:.{digits}f} {currency}"
            return f"{print_value(value)}{'%' if of.name == 'percent' else ''}"
        case date():
            return value.isoformat()[:10]
        case list() | tuple():
            return "[" + ", ".join(_literal(each, of, currency) for each in value) + "]"
    return f'"{_text(str(value))}"'


def _text(value: str) -> str:
    """A text between quotes; the language has none over two lines."""
    flat = " ".join(value.split()) if "\n" in value or "\r" in value else value
    return flat.replace('"', '""').replace("{", "{{").replace("}", "}}")


# --------------------------------------------------------------------------------------------------------- what is kept


Key = TypeVar("Key")


def _fewest(levels: dict[Key, int], same: Callable[[Mapping[Key, int]], bool]) -> dict[Key, int]:
    """The levels of masking that keep least and still come to the same decision.

    Where masking everything changes it, fields are given back one after the other until it is the same again; then each is
    masked once more, as far as it may be.
    """
    if same(levels):
        return levels
    chosen = dict(levels)
    for each in levels:
        chosen[each] = LEVELS
        if same(chosen):
            break
    else:
        raise NoTest("its decision changes although nothing is masked")
    for each in [each for each in levels if chosen[each] == LEVELS]:
        for level in range(LEVELS):
            trial = {**chosen, each: level}
            if same(trial):
                chosen = trial
                break
    return chosen


def _named(levels: Mapping[Any, int]) -> tuple[str, ...]:
    """What was kept, as people read it."""
    said = []
    for place, level in levels.items():
        if level:
            name = place if isinstance(place, str) else ".".join(str(each) for each in place)
            said.append(f"{name} (in part)" if level < LEVELS else str(name))
    return tuple(said)


# ----------------------------------------------------------------------------------------------------- what is expected


def _expected(decision: Decision, desired: Desired | str, record: RuleRecord, kind: str) -> Iterator[str]:
    word = {"skip": "skipped", "hold": "held", "fail": "failed"}.get(decision.outcome)
    if word is not None:
        reason = "" if not decision.reason else f' "{_text(decision.reason)}"'
        yield f"{word}{reason}"
    for key in decision.fired:
        yield f'fired "{_text(key)}"'
    currency = str(record["order"].get("currency") or "USD")
    last: dict[str, Any] = {change.path: change.after for change in decision.changes}
    told = 0
    for path, after in last.items():
        expectation = _value_expected(path, after, currency, decision)
        if expectation and told < _MOST_EXPECTED:
            told += 1
            yield expectation
    for each in decision.left_out[:_MOST_EXPECTED]:
        yield f'{each.kind} {each.number} skipped "{_text(each.reason)}"'
    if word is not None:
        return
    if isinstance(desired, str) or desired.stop or desired.skip or not desired.documents:
        yield "no document"
        return
    document = desired.documents[0].document
    if isinstance(document, SalesDocument):
        yield f"document is {document.type}"
        yield f"document total is {_literal(document.total, MONEY, document.currency)}"
    else:
        yield "document is payment"


def _value_expected(path: str, after: Any, currency: str, decision: Decision) -> str:
    """What a test expects of a field that rules have changed; "" for what it cannot say."""
    placed = _PLACE.fullmatch(path)
    if placed is not None:
        word = next((word for word, name in COLLECTIONS.items() if name == placed["collection"].partition(".")[2]), "")
        field = schema().field(f"{word}.{placed['rest'].partition('[')[0]}")
        gone = any(each.kind == word and str(each.number) == placed["number"] for each in decision.left_out)
        if not word or field is None or gone or field.keyed:
            return ""
        name = f"{word} {placed['number']} {placed['rest']}"
    else:
        field = schema().field(path.partition("[")[0])
        if field is None or isinstance(after, dict):
            return ""
        name = path
    if after is None:
        return f"{name} is missing"
    if isinstance(after, list | tuple):
        return " ".join(f"{name} contains {_literal(each, field.type, currency)}" for each in after[:3])
    return f"{name} is {_literal(after, field.type, currency)}"


_PLACE = re.compile(r"(?P<collection>\w+\.\w+)\[(?P<number>\d+)\]\.(?P<rest>.+)", re.DOTALL)


def _title(
    title: str, order: Order, kind: str, decision: Decision, desired: Desired | str, taken: frozenset[str]
) -> str:
    """A title that no other test has."""
    if not title:
        what = {"skip": "is skipped", "hold": "is held", "fail": "fails"}.get(decision.outcome, "goes to the books")
        if decision.outcome == "sync" and isinstance(desired, Desired) and not desired.stop and desired.documents:
            first = desired.documents[0].document
            word = first.type.replace("_", " ") if isinstance(first, SalesDocument) else "payment"
            what = f"becomes {a_or_an(word)}"
        title = f"{'Order' if kind == 'order' else 'The refund of order'} {order.number.removeprefix('#')} {what}"
    number, found = 2, title
    while fold(found) in {fold(each) for each in taken}:
        found, number = f"{title} ({number})", number + 1
    return found


def _formatted(lines: list[str]) -> str:
    text = "\n".join(lines) + "\n"
    return format_text(text, file="made.rules").text

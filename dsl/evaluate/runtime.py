"""What generated code calls while it runs: small steps over plain dicts and lists; it knows no rule and no tree."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from dsl.decision import Change, LeftOut, WithoutEffect
from dsl.evaluate.records import MAX_ITEMS, item_id
from dsl.functions.text import substitution
from dsl.values import MAX_TEXT, Money, Percent, as_date, fold, print_number, same_text

EMPTY: Final[Mapping[str, Any]] = {}


class Beyond(Exception):
    """The generated code leaves this record to the tree walker: it means nothing but that."""


LEAVES: Final[Mapping[str, type]] = {
    "number": Decimal,
    "money": Decimal,
    "percent": Decimal,
    "date": date,
    "moment": datetime,
    "yes/no": bool,
}
"""What a leaf of each type is in a record, text and lists aside."""


def read_leaf(value: Any, kind: str, blank: Decimal | None) -> Any:
    """A leaf that is not what `LEAVES` says: `blank` for a blank text, a day for a time; anything else is the walker's."""
    if isinstance(value, str) and not value.strip():
        return blank
    if isinstance(value, date) and kind in ("date", "moment"):
        return as_date(value) if kind == "date" else value
    raise Beyond


def read_list(value: Any) -> tuple[Any, ...] | None:
    """A leaf that is no list, where one should be: one text is a list of it."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple):
        return value or None
    raise Beyond


def money(amount: Decimal | None, currency: str | None) -> Money | None:
    """An amount with its currency; missing stays missing."""
    return None if amount is None else Money(amount, currency)


def percent(value: Decimal | None) -> Percent | None:
    """A percentage as such; missing stays missing."""
    return None if value is None else Percent(value)


def print_percent(value: Decimal) -> str:
    """A percentage as texts show it."""
    return print_number(value) + "%"


def beyond(*_: Any) -> Any:
    """Leave the record to the tree walker, from inside an expression."""
    raise Beyond


def short(text: str) -> str:
    """A text that a rule made, or leave the record where it is too long."""
    if len(text) > MAX_TEXT:
        raise Beyond
    return text


def substituter(pattern: str, new: str) -> Callable[[str], str]:
    """`replace_pattern(…, pattern, new)` for constants."""
    return partial(substitution(pattern), new)


def number_of(items: Sequence[Mapping[str, Any]], item: Mapping[str, Any]) -> int:
    """The number of an item, from 1 as received; items are told apart by being the same dict."""
    for number, each in enumerate(items, 1):
        if each is item:
            return number
    raise Beyond


def id_at(item: Mapping[str, Any], number: int) -> str:
    """The id of an item with this number; its number where the source gives none."""
    found = item.get("id")
    return str(found) if found is not None and found != "" else item_id(item, number)


def id_of(items: Sequence[Mapping[str, Any]], item: Mapping[str, Any]) -> str:
    """The id of an item; its number where the source gives none."""
    found = item.get("id")
    return str(found) if found is not None and found != "" else item_id(item, number_of(items, item))


def received_item(
    items: Sequence[Mapping[str, Any]], item: Mapping[str, Any], received: Sequence[Mapping[str, Any]] | None
) -> Mapping[str, Any]:
    """An item as it was received; one that a rule added reads as missing in every field."""
    number = number_of(items, item)
    return received[number - 1] if received is not None and number <= len(received) else EMPTY


def left_out(
    left: list[LeftOut],
    items: list[dict[str, Any]],
    every: Sequence[dict[str, Any]],
    item: dict[str, Any],
    word: str,
    reason: str,
    rule: str,
) -> list[dict[str, Any]]:
    """The items without one, and a note that it is left out; the same list where it is not among them any more."""
    remaining = [each for each in items if each is not item]
    if len(remaining) == len(items):
        return items
    number = number_of(every, item)
    left.append(LeftOut(word, id_at(item, number), number, reason, rule))
    return remaining


def has_id(items: Sequence[Mapping[str, Any]], key: str) -> bool:
    """Say whether an item with this id is there."""
    return any(each.get("id") == key for each in items)


def grow(
    lists: Mapping[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]],
    added: Sequence[tuple[str, dict[str, Any]]],
    events: list[Any] | None,
    rule: str,
) -> None:
    """Put the items that a rule added behind the others.

    `lists` has for each path all items and those not left out, which may be one and the same list.
    """
    for path, fields in added:
        every, items = lists[path]
        if len(every) >= MAX_ITEMS:
            raise Beyond
        every.append(fields)
        if items is not every:
            items.append(fields)
        if events is not None:
            events.append(Change(f"{path}[{len(every)}]", None, dict(fields), rule, fields["id"]))


def add_tag(
    head: dict[str, Any],
    root: str,
    tag: str,
    tags: list[str],
    events: list[Any] | None,
    rule: str,
    item: str | None,
) -> None:
    """Put a tag on the record, unless it is there already."""
    before = head.get("tags") or []
    if any(isinstance(each, str) and same_text(each, tag) for each in before):
        if events is not None:
            events.append(WithoutEffect(rule, item, f"{root}.tags", f'the tag "{tag}" is there already'))
        return
    head["tags"] = [*before, tag]
    tags.append(tag)
    if events is not None:
        events.append(Change(f"{root}.tags", list(before), [*before, tag], rule, item))


def set_keyed(container: dict[str, Any], field: str, key: str, value: Any) -> None:
    """Write one entry of a mapping in a record, leaving the mapping that was received as it is."""
    mapping = container.get(field)
    container[field] = {**mapping, key: value} if isinstance(mapping, dict) else {key: value}


_MOST_KEPT = 4096
_MOST_CHARACTERS = 40


class Fired(dict[int, tuple[str, ...]]):
    """The keys of fired rules by their mask; masks repeat, so answers are kept (a bounded number)."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        self.keys_in_order = tuple(keys)

    def __missing__(self, mask: int) -> tuple[str, ...]:
        found = tuple(key for place, key in enumerate(self.keys_in_order) if mask >> place & 1)
        if len(self) < _MOST_KEPT:
            self[mask] = found
        return found


class Folded(dict[Any, str]):
    """The texts of one field in the form in which they compare, "" where missing, kept by the text as it is received.

    For fields that have few values (a status, a state, a payment method), as those mostly are that rules compare with
    constants: to find a text costs a third of folding it. Once full (or for long texts) it folds each time.
    """

    def __init__(self) -> None:
        super().__init__({None: "", "": ""})

    def __missing__(self, text: Any) -> str:
        if not isinstance(text, str):
            raise Beyond
        folded = fold(text)
        if len(self) < _MOST_KEPT and len(text) <= _MOST_CHARACTERS:
            self[text] = folded
        return folded

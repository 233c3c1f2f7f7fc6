"""What generated code notes while it runs, told as changes and notes: changes with what a trace has to say of a write.

An event is the number of a site (a statement as it was compiled), then what differs from record to record: for a write
the leaf before and after, for a note its value, and last the item where the statement is in a loop. What is made as a
whole (`Change`, `WithoutEffect`) may stand among them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsl.decision import Change, WithoutEffect
from dsl.evaluate.runtime import id_at

Items = Sequence[Mapping[str, Any]]
Tell = Callable[[Sequence[Any], Sequence[Items]], tuple[list[Change], list[WithoutEffect]]]
_new = tuple.__new__
UNCHANGED = "it had this value already"


@dataclass(frozen=True, slots=True)
class Site:
    """A statement that leaves events. `path` is the field's, without its item where it lies in one.

    `collection` is the place in the lists of the items that its rule goes through, -1 without a loop; `prefix` is their
    path where the field lies in the item. `words` make the reason of a note from its value. Rules that share one loop
    share a number `fused` (0: the loop is the rule's own).
    """

    rule: str
    place: int
    path: str
    collection: int = -1
    prefix: str = ""
    words: Callable[[Any], str] | None = None
    fused: int = 0


def teller(sites: Sequence[Site]) -> Tell:
    """A function from events and the lists of items (those left out too) to changes and statements without effect."""

    def tell(events: Sequence[Any], lists: Sequence[Items]) -> tuple[list[Change], list[WithoutEffect]]:
        changes: list[Change] = []
        noted: list[WithoutEffect] = []
        numbers: dict[int, dict[int, int]] = {}
        for event in _in_order(events, sites):
            if event.__class__ is Change:
                changes.append(event)
                continue
            if event.__class__ is WithoutEffect:
                noted.append(event)
                continue
            site = sites[event[0]]
            path, item = site.path, None
            if site.collection >= 0:
                known = numbers.get(site.collection)
                if known is None:
                    items = lists[site.collection]
                    known = numbers[site.collection] = {id(each): number for number, each in enumerate(items, 1)}
                number = known[id(event[3])]
                item = id_at(event[3], number)
                if site.prefix:
                    path = f"{site.prefix}[{number}]{path}"
            if site.words is not None:
                noted.append(_new(WithoutEffect, (site.rule, item, path, site.words(event[1]))))
                continue
            before, after = event[1], event[2]
            if before == after and before.__class__ is after.__class__:
                noted.append(_new(WithoutEffect, (site.rule, item, path, UNCHANGED)))
            else:
                changes.append(_new(Change, (path, before, after, site.rule, item)))
        return changes, noted

    return tell


def _in_order(events: Sequence[Any], sites: Sequence[Site]) -> Sequence[Any]:
    """The events rule by rule: where rules share a loop they come item by item."""
    ordered: list[Any] = []
    shared: list[Any] = []
    loop = 0
    for event in events:
        number = event[0]
        fused = sites[number].fused if number.__class__ is int else 0
        if fused != loop:
            shared.sort(key=lambda each: sites[each[0]].place)
            ordered += shared
            shared = []
            loop = fused
        (shared if fused else ordered).append(event)
    shared.sort(key=lambda each: sites[each[0]].place)
    return ordered + shared

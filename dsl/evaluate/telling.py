"""What generated code notes while it runs, told as changes and notes: changes with what a trace has to say of a write.

An event is the number of a site (a statement as it was compiled), then what differs from record to record: for a write
the leaf before and after, for a note its value, and last the item where the statement is in a loop. What is made as a
whole (`Change`, `WithoutEffect`) may stand among them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from dsl.decision import Change, WithoutEffect
from dsl.evaluate.runtime import id_at

Items = Sequence[Mapping[str, Any]]
Tell = Callable[[Sequence[Any], Sequence[Items]], tuple[list[Change], list[WithoutEffect]]]
_new = tuple.__new__
UNCHANGED = "it had this value already"


class Site(NamedTuple):
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
        loop = 0
        # Where rules share a loop, events come item by item: they are told rule by rule.
        by_rule: dict[int, tuple[list[Change], list[WithoutEffect]]] = {}
        for event in events:
            at = event[0]
            if at.__class__ is not int:
                fused, made, is_change = 0, event, event.__class__ is Change
            else:
                rule, place, path, collection, prefix, words, fused = sites[at]
                item = None
                if collection >= 0:
                    known = numbers.get(collection)
                    if known is None:
                        known = numbers[collection] = {id(each): n for n, each in enumerate(lists[collection], 1)}
                    number = known[id(event[3])]
                    item = id_at(event[3], number)
                    if prefix:
                        path = f"{prefix}[{number}]{path}"
                if words is not None:
                    made, is_change = _new(WithoutEffect, (rule, item, path, words(event[1]))), False
                elif (before := event[1]) == (after := event[2]) and before.__class__ is after.__class__:
                    made, is_change = _new(WithoutEffect, (rule, item, path, UNCHANGED)), False
                else:
                    made, is_change = _new(Change, (path, before, after, rule, item)), True
            if fused != loop:
                if by_rule:
                    _gather(by_rule, changes, noted)
                loop = fused
            if fused:
                its = by_rule.get(place)
                if its is None:
                    its = by_rule[place] = ([], [])
                (its[0] if is_change else its[1]).append(made)
            elif is_change:
                changes.append(made)
            else:
                noted.append(made)
        if by_rule:
            _gather(by_rule, changes, noted)
        return changes, noted

    return tell


def _gather(
    by_rule: dict[int, tuple[list[Change], list[WithoutEffect]]], changes: list[Change], noted: list[WithoutEffect]
) -> None:
    """Put what happened in a shared loop behind the rest, in the order of its rules."""
    for place in sorted(by_rule):
        its_changes, its_notes = by_rule[place]
        changes += its_changes
        noted += its_notes
    by_rule.clear()

"""What generated code notes while it runs, told as changes and notes: changes with what a trace has to say of a write.

An event is the number of a site (a statement as it was compiled), then what differs from record to record: for a write
the leaf before and after, for a note its value, and last the item where the statement is in a loop. What is made as a
whole (`Change`, `WithoutEffect`) may stand among them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsl.decision import Change, WithoutEffect
from dsl.evaluate.runtime import id_at, number_of

Items = Sequence[Mapping[str, Any]]
Tell = Callable[[Sequence[Any], Sequence[Items]], tuple[list[Change], list[WithoutEffect]]]
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
        for event in _in_order(events, sites):
            if isinstance(event, Change):
                changes.append(event)
                continue
            if isinstance(event, WithoutEffect):
                noted.append(event)
                continue
            site, item, path = sites[event[0]], None, ""
            if site.collection >= 0:
                number = number_of(lists[site.collection], event[3])
                item = id_at(event[3], number)
                path = f"{site.prefix}[{number}]" if site.prefix else ""
            path += site.path
            if site.words is not None:
                noted.append(WithoutEffect(site.rule, item, path, site.words(event[1])))
            elif event[1] == event[2] and type(event[1]) is type(event[2]):
                noted.append(WithoutEffect(site.rule, item, path, UNCHANGED))
            else:
                changes.append(Change(path, event[1], event[2], site.rule, item))
        return changes, noted

    return tell


def _in_order(events: Iterable[Any], sites: Sequence[Site]) -> Iterator[Any]:
    """The events rule by rule: where rules share a loop they come item by item."""
    shared: list[Any] = []
    loop = 0
    for event in events:
        fused = 0 if isinstance(event, Change | WithoutEffect) else sites[event[0]].fused
        if fused != loop and shared:
            yield from sorted(shared, key=lambda each: sites[each[0]].place)
            shared = []
        loop = fused
        if fused:
            shared.append(event)
        else:
            yield event
    yield from sorted(shared, key=lambda each: sites[each[0]].place)

"""Differences gathered into groups that read well, however many orders there are: changes with what a plan tells of.

A group is what many orders have in common, with how many they are, a few of them by number, and what they come to. The
same parts can be gathered piece by piece, in processes, and added up in order to the same end.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

MOST_EXAMPLES = 5
_MOST_VALUES = 6
_MOST_GROUPS = 400
ZERO = Decimal(0)


@dataclass(slots=True)
class Values:
    """What one field was and became, in a group: pairs with how often, as long as there are few of them."""

    pairs: dict[tuple[str, str], int] = field(default_factory=dict)
    more: int = 0

    def add(self, before: str, after: str, count: int = 1) -> None:
        pair = before, after
        if pair in self.pairs or len(self.pairs) < _MOST_VALUES:
            self.pairs[pair] = self.pairs.get(pair, 0) + count
        else:
            self.more += count

    def merge(self, other: Values) -> None:
        for (before, after), count in other.pairs.items():
            self.add(before, after, count)
        self.more += other.more


@dataclass(slots=True)
class Group:
    """Things that changed alike: how many, the first few by the number of their order, the sum of what they differ by
    (currency to amount), and the values of fields that differ from one to the next."""

    count: int = 0
    examples: list[str] = field(default_factory=list)
    money: dict[str, Decimal] = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)

    def note(self, example: str, currency: str = "", amount: Decimal = ZERO) -> None:
        self.count += 1
        if len(self.examples) < MOST_EXAMPLES and example not in self.examples:
            self.examples.append(example)
        if amount:
            self.money[currency] = self.money.get(currency, ZERO) + amount

    def value(self, name: str, before: str, after: str) -> None:
        self.values.setdefault(name, Values()).add(before, after)

    def merge(self, other: Group) -> None:
        self.count += other.count
        for example in other.examples:
            if len(self.examples) < MOST_EXAMPLES and example not in self.examples:
                self.examples.append(example)
        for currency, amount in other.money.items():
            self.money[currency] = self.money.get(currency, ZERO) + amount
        for name, values in other.values.items():
            self.values.setdefault(name, Values()).merge(values)


@dataclass(slots=True)
class Groups:
    """Groups by what their members have in common. Beyond some hundred of them, the rest is gathered under `coarse`."""

    by: dict[Hashable, Group] = field(default_factory=dict)

    def at(self, key: Hashable, coarse: Hashable) -> Group:
        found = self.by.get(key)
        if found is None:
            if len(self.by) >= _MOST_GROUPS:
                key = coarse
            found = self.by.setdefault(key, Group())
        return found

    def merge(self, other: Groups, coarse: Hashable) -> None:
        for key, group in other.by.items():
            self.at(key, coarse).merge(group)

    def ranked(self) -> list[tuple[Hashable, Group]]:
        """The largest first, equals in the order in which they were first seen."""
        return sorted(self.by.items(), key=lambda each: -each[1].count)


@dataclass(slots=True)
class Sum:
    """How many, and what they come to, under the old version and the new one."""

    old_count: int = 0
    old: Decimal = ZERO
    new_count: int = 0
    new: Decimal = ZERO

    def add(self, amount: Decimal, *, new: bool) -> None:
        if new:
            self.new_count += 1
            self.new += amount
        else:
            self.old_count += 1
            self.old += amount

    def merge(self, other: Sum) -> None:
        self.old_count += other.old_count
        self.old += other.old
        self.new_count += other.new_count
        self.new += other.new

    @property
    def differs(self) -> bool:
        return self.old != self.new or self.old_count != self.new_count


def merge_sums(into: dict[tuple[str, str, str], Sum], other: dict[tuple[str, str, str], Sum]) -> None:
    """Add sums by (what, name, currency) to others."""
    for key, found in other.items():
        into.setdefault(key, Sum()).merge(found)


def listed(examples: Iterable[str], count: int) -> str:
    """`1042, 1051, 1060 and 309 more`."""
    named = list(examples)
    more = count - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")

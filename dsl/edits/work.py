"""A text at hand for one edit: its forms, and the parts that ids name; changes with how edits find their place."""

from __future__ import annotations

from typing import Any

from dsl import tree
from dsl.edits.edit import Refused
from dsl.forms import Forms
from dsl.forms.document import BlockAt, Document
from dsl.forms.model import BlockForm, Condition, ConditionGroup, ConditionItems, ConditionPlace, ConditionRow, Locked
from dsl.forms.sheet import Change, Sheet

CONDITIONS = (ConditionRow, ConditionGroup, ConditionItems, Locked)


class Work:
    """One text and its forms."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self.document: Document = forms.document
        self.knowledge = forms.knowledge
        self.text = forms.document.text

    # --- blocks -------------------------------------------------------------------------------------------------------

    def block(self, called: str, *kinds: str) -> BlockAt:
        """The block of an id or a title."""
        found = self.document.block(called)
        if found is None:
            raise Refused(f'there is no block "{called}"', "name one by its id, or by its title where only one has it")
        if kinds and found.kind not in kinds:
            raise Refused(f'"{called}" is a {found.kind}, not a {" or ".join(kinds)}')
        return found

    def block_of(self, part: str) -> BlockAt:
        """The block that a part's id names."""
        found = self.document.holding(part)
        if found is None:
            raise Refused(f'there is no part "{part}"', "ids are those of the form that was made of this text")
        return found

    def sheet(self, block: BlockAt) -> Sheet:
        return self.document.sheet(block)

    def form(self, block: BlockAt) -> BlockForm:
        return self.forms.of(block)

    # --- parts --------------------------------------------------------------------------------------------------------

    def part(self, id: str, *kinds: type[Any]) -> Any:
        """The part of that id and of one of these kinds."""
        self.block_of(id)
        for each in self.forms.parts(id):
            if not kinds or isinstance(each, kinds):
                return each
        raise Refused(f'there is no part "{id}"', "ids are those of the form that was made of this text")

    def has(self, id: str, *kinds: type[Any]) -> bool:
        return any(isinstance(each, kinds or object) for each in self.forms.parts(id))

    def condition(self, id: str) -> Condition:
        found: Condition = self.part(id, *CONDITIONS)
        return found

    def above(self, id: str) -> ConditionPlace | ConditionGroup | ConditionItems:
        """What a condition stands in: its clause, its group, or the question about items."""
        if self.has(id, ConditionPlace):
            place: ConditionPlace = self.part(id, ConditionPlace)
            return place
        parent = id.rpartition("/")[0]
        found: ConditionGroup | ConditionItems = self.part(parent, ConditionGroup, ConditionItems)
        return found

    def rule(self, block: BlockAt) -> tree.Rule:
        if not isinstance(block.node, tree.Rule):
            raise Refused(f'"{block.title or block.id}" is no rule that can be read')
        return block.node

    def table(self, block: BlockAt) -> tree.Table:
        if not isinstance(block.node, tree.Table):
            raise Refused(f'"{block.title or block.id}" is no table that can be read')
        return block.node


def permuted(sheet: Sheet, places: list[tuple[int, int]], order: list[int]) -> list[Change]:
    """The same stretches in another order: what stood at `order[n]` comes to stand at n."""
    return [
        Change(*place, sheet.words(*places[source]))
        for place, source in zip(places, order, strict=True)
        if place != places[source]
    ]


def moved(count: int, at: int, place: int) -> list[int]:
    """The order of `count` parts after the one at `at` (from 0) was moved to `place` (from 1)."""
    if not 1 <= place <= count:
        raise Refused(f"there is no place {place}", f"places are 1 to {count}")
    order = [each for each in range(count) if each != at]
    order.insert(place - 1, at)
    return order

"""What all code made of one set of rules shares, whichever function it stands in; changes with what functions must agree on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from dsl import tree
from dsl.evaluate.lower import RuleForm, facts
from dsl.evaluate.runtime import Fired, Folded
from dsl.evaluate.scope import Facts
from dsl.evaluate.telling import Site, Tell, teller
from dsl.evaluate.walk import Walker

Twin = Literal["fast", "mask", "full"]


@dataclass(slots=True)
class Whole:
    """One set of rules, one kind of record, one twin.

    `present` says that fields are read as if every record had them all, but for those in `loose` (names of fields): a
    record without one raises KeyError. `listed` keeps fired rules in a list, not in the bits of a number: where rules
    are many and few of them fire. `folded` are texts kept by field, shared by all twins.
    """

    walker: Walker
    forms: tuple[RuleForm, ...]
    kind: str
    twin: Twin
    folded: dict[str, Folded]
    loose: frozenset[str] = frozenset()
    present: bool = True
    listed: bool = False
    traced: list[str] = field(default_factory=list)
    """The lists whose items events are about."""
    sites: list[Site] = field(default_factory=list)
    assumed: set[str] = field(default_factory=set)
    facts: Facts = field(init=False)
    fired: Fired = field(init=False)
    has_tags: bool = field(init=False)
    has_log: bool = field(init=False)
    tell: Tell = field(init=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self.facts = facts(self.forms, self.kind)
        self.fired = Fired([form.key for form in self.forms])
        every = [statement for form in self.forms for statement in form.statements]
        self.has_tags = any(isinstance(each, tree.Tag) for each in every)
        self.has_log = any(isinstance(each, tree.Log) for each in every)
        self.tell = teller(self.sites)

    def site(self, site: Site) -> int:
        """The number of a new site; functions of single rules are made by whichever thread first needs them."""
        with self._lock:
            self.sites.append(site)
            return len(self.sites) - 1

    def trace_of(self, collection: str) -> int:
        """The place of a list of items among those that events are about."""
        if collection not in self.traced:
            self.traced.append(collection)
        return self.traced.index(collection)

    def keys(self, places: Sequence[int]) -> list[str]:
        """The keys of rules that fired in one loop, from their places as they came."""
        return [self.forms[place].key for place in sorted(set(places))]

    def texts(self, path: str) -> Folded:
        """The kept texts of one field."""
        return self.folded.setdefault(path, Folded())

    def reads_with_care(self, path: tree.Path) -> bool:
        """Say whether a field may be absent from a record without anything being odd about it."""
        last = path.name.rpartition(".")[2]
        if not self.present or path.root == "books" or last in self.loose:
            return True
        self.assumed.add(last)
        return False

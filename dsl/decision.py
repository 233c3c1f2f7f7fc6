"""What the evaluation of one record comes to: changes when a decision has to say more; it decides nothing itself.

Paths of changes are those of the language with the item's number: `ship_to.state`, `order.lines[2].class`,
`books.custom["Channel"]`. Items are numbered from 1 as received; those that rules add follow.

What is made for every record or every change is a named tuple: a frozen dataclass takes three times as long to fill.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, SupportsIndex, overload

Outcome = Literal["sync", "skip", "hold", "fail"]


class Change(NamedTuple):
    """One write that changed a value; `before` and `after` are leaves of the record (an added item: None and a dict).

    `rule` is the rule's key, `item` the id of the item it was written to or for, where it was one.
    """

    path: str
    before: Any
    after: Any
    rule: str
    item: str | None = None


class LeftOut(NamedTuple):
    """An item that a rule left out of the document; `number` counts from 1, as received."""

    kind: str
    item_id: str
    number: int
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that people have to know; `code` is in `dsl.values.FAILURES` or GAVE_UP, `values` are printed."""

    code: str
    message: str
    rule: str
    values: Mapping[str, str]


GAVE_UP = "E301"
"""Code of the finding that a hold ran out of time."""


@dataclass(frozen=True, slots=True)
class Hold:
    """How a held record can go on: `until` is the wording of the condition, `due_days` the days from the first hold."""

    rule: str
    reason: str
    until: str | None = None
    due_days: int | None = None
    releasable: bool = True


class WithoutEffect(NamedTuple):
    """A statement that ran and changed nothing, and why, in words."""

    rule: str
    item: str | None
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotFired:
    """A rule whose statements did not run; `condition` is the first part that failed, `words` says it with the values.

    `otherwise` says that its `otherwise` branch ran instead. `item` is None where it is about the whole record.
    """

    rule: str
    item: str | None
    condition: str
    words: str
    otherwise: bool = False


class Happened:
    """What generated code noted of one record while it ran, as it noted it: told as changes and notes when asked.

    Most of what is traced is never looked at, or much later; making all of it at once would take longer than the rules.
    """

    __slots__ = ("_told", "events", "lists", "tell")

    events: Sequence[Any]
    lists: Sequence[Sequence[Mapping[str, Any]]]
    tell: Callable[[Sequence[Any], Sequence[Sequence[Mapping[str, Any]]]], tuple[list[Change], list[WithoutEffect]]]
    _told: tuple[tuple[Change, ...], tuple[WithoutEffect, ...]]

    @property
    def told(self) -> tuple[tuple[Change, ...], tuple[WithoutEffect, ...]]:
        """The changes and the statements without effect. Two threads may work it out twice, to the same end."""
        try:
            return self._told
        except AttributeError:
            changes, noted = self.tell(self.events, self.lists)
            self._told = tuple(changes), tuple(noted)
            return self._told


class Changes(Happened, Sequence[Change]):
    """The changes of one record in their order: a tuple of them in all but the moment when it is filled.

    It equals a tuple of the same changes, has its hash and its text, and is one once it is pickled.
    """

    __slots__ = ()

    @overload
    def __getitem__(self, index: SupportsIndex) -> Change: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Change, ...]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> Change | tuple[Change, ...]:
        return self.told[0][index]

    def __len__(self) -> int:
        return len(self.told[0])

    def __iter__(self) -> Iterator[Change]:
        return iter(self.told[0])

    def __contains__(self, change: object) -> bool:
        return change in self.told[0]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Changes):
            return self.told[0] == other.told[0]
        return self.told[0] == other if isinstance(other, tuple) else NotImplemented

    def __add__(self, other: "tuple[Change, ...] | Changes") -> tuple[Change, ...]:
        return self.told[0] + tuple(other)

    def __radd__(self, other: tuple[Change, ...]) -> tuple[Change, ...]:
        return other + self.told[0]

    def __hash__(self) -> int:
        return hash(self.told[0])

    def __repr__(self) -> str:
        return repr(self.told[0])

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self.told[0],)


class Trace:
    """What happened beside the changes.

    Why rules did not fire is worked out only when somebody asks (`why_not`): the record is run again, slowly, from the
    same inputs. Until then the received record must stay as it was.
    """

    __slots__ = ("noted", "replay")

    noted: "tuple[WithoutEffect, ...] | Happened"
    replay: tuple[Any, ...]
    """A function and its arguments: what happened to whom, should it be asked."""

    def __init__(self, noted: "tuple[WithoutEffect, ...] | Happened", replay: tuple[Any, ...]) -> None:
        self.noted = noted
        self.replay = replay

    @property
    def without_effect(self) -> tuple[WithoutEffect, ...]:
        """The statements that ran and changed nothing, in their order."""
        return self.noted.told[1] if isinstance(self.noted, Happened) else self.noted

    def why_not(self) -> tuple[NotFired, ...]:
        """For each rule (and item) whose `then` did not run: the first condition that failed, with the values."""
        run, *inputs = self.replay
        return tuple(run(*inputs))

    def __eq__(self, other: object) -> bool:
        return self.without_effect == other.without_effect if isinstance(other, Trace) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.without_effect)

    def __repr__(self) -> str:
        return f"Trace(without_effect={self.without_effect!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # The rule set stays behind, so what it would answer has to be asked now.
        return Trace, (self.without_effect, (tuple, self.why_not()))


class Decision(NamedTuple):
    """What the rules say about one record.

    `record` is the record after the rules, left-out items removed; parts that no rule may write are shared with the
    input, so treat both as read only. `rule` is the one that ended the record. `fired` are the keys of the rules whose
    `then` ran, in their order. `tags` are those that rules added. `changes` (a tuple, or `Changes`, which is as good as
    one) and `trace` are empty unless the trace was "full", `fired` unless it was "mask" or "full".
    """

    kind: str
    outcome: Outcome
    reason: str | None
    rule: str | None
    record: dict[str, Any]
    changes: Sequence[Change] = ()
    fired: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    tags: tuple[str, ...] = ()
    log: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    hold: Hold | None = None
    trace: Trace | None = None

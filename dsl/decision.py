"""What the evaluation of one record comes to: changes when a decision has to say more; it decides nothing itself.

Paths of changes are those of the language with the item's number: `ship_to.state`, `order.lines[2].class`,
`books.custom["Channel"]`. Items are numbered from 1 as received; those that rules add follow.

What is made for every record or every change is a named tuple: a frozen dataclass takes three times as long to fill.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that a rule left out of the document; `index` is its number from 1, as received."""

    kind: str
    item_id: str
    index: int
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


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened beside the changes.

    Why rules did not fire is worked out only when somebody asks (`why_not`): the record is run again, slowly, from the
    same inputs. Until then the received record must stay as it was.
    """

    without_effect: tuple[WithoutEffect, ...]
    replay: Callable[[], tuple[NotFired, ...]] = field(compare=False, repr=False)

    def why_not(self) -> tuple[NotFired, ...]:
        """For each rule (and item) whose `then` did not run: the first condition that failed, with the values."""
        return self.replay()


class Decision(NamedTuple):
    """What the rules say about one record.

    `record` is the record after the rules, left-out items removed; parts that no rule may write are shared with the
    input, so treat both as read only. `rule` is the one that ended the record. `fired` are the keys of the rules whose
    `then` ran, in their order. `tags` are those that rules added. `changes` and `trace` are empty unless the trace was
    "full", `fired` unless it was "mask" or "full".
    """

    kind: str
    outcome: Outcome
    reason: str | None
    rule: str | None
    record: dict[str, Any]
    changes: tuple[Change, ...] = ()
    fired: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    tags: tuple[str, ...] = ()
    log: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    hold: Hold | None = None
    trace: Trace | None = None

"""A decision told rule by rule: changes when a rule's part in a record has more to say. It words nothing that has a layout."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dsl import tree
from dsl.decision import Change, Decision
from dsl.evaluate.records import collection_of, rule_kinds, untagged
from dsl.evaluate.walk import Inputs, applies
from dsl.evaluate.wording import by_item
from dsl.explain.forms import Overwritten, change_json, finding_json, leaf_json, overwritten
from dsl.labels import Labels
from dsl.nearness import Lack, Miss, shown
from dsl.program import Program
from dsl.recording import Looked, Read, Recording, how_near, record_run
from dsl.resolved import ResolvedRule, Standing
from dsl.schema import Schema
from dsl.values import EvaluationFailure, Money, print_value

#: What a record does, behind its name.
OUTCOMES = {"sync": "goes to the books", "skip": "is skipped", "hold": "is held", "fail": "failed"}
_HOWS = {
    tree.Fill: "filled in",
    tree.Override: "overruled",
    tree.Replace: "replaced in the text",
    tree.Clear: "cleared",
    tree.Tag: "tagged",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One change as people see it: what it is called, before and after, and how it came ("filled in", or "" for set)."""

    change: Change
    label: str
    before: str
    after: str
    how: str = ""

    @property
    def words(self) -> str:
        """`shipping state: (not set) → MD, filled in`."""
        if isinstance(self.change.after, dict):
            return f"{self.label} was added: {self.after}"
        return f"{self.label}: {self.before} → {self.after}" + (f", {self.how}" if self.how else "")


@dataclass(frozen=True, slots=True)
class Heirloom:
    """A value that a rule read and an earlier rule had made."""

    path: str
    label: str
    value: str
    by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a table answered: for which keys, for which items where they asked alike, by which line of its file (0 where no
    row of the file did)."""

    table: str
    keys: tuple[str, ...]
    value: str
    items: tuple[int, ...]
    file: str
    line: int
    otherwise: bool

    @property
    def words(self) -> str:
        """`tax_code_for has Maryland for US, MD, 21201 (web_orders.rules:31)`."""
        keys = ", ".join(self.keys)
        if self.line:
            where = f"{self.file.rpartition('/')[2]}:{self.line}"
            return f"{self.table} has {'nothing' if self.value == 'not set' else self.value} for {keys} ({where})"
        if self.otherwise:
            return f"{self.table} has no row for {keys}, and otherwise {self.value}"
        return f"{self.table} has no row for {keys}"


@dataclass(frozen=True, slots=True)
class Near:
    """One miss of a rule, with the items that missed alike (by their numbers; none where it is about the whole record)."""

    items: tuple[int, ...]
    words: str
    lacks: tuple[Lack, ...]
    rank: tuple[int, float, int]
    selected: bool


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule and this record: `state` is one of fired, otherwise, not fired, not reached, not for this record, off."""

    rule: str
    state: str
    why: tuple[str, ...]
    changes: tuple[Change, ...]
    left_out: tuple[str, ...]
    log: tuple[str, ...]
    without_effect: tuple[str, ...]
    overwritten: tuple[Overwritten, ...]
    ended: str | None = None
    file: str = ""
    line: int = 0
    because: tuple[str, ...] = ()
    misses: tuple[Near, ...] = ()
    deeds: tuple[Deed, ...] = ()
    heirlooms: tuple[Heirloom, ...] = ()
    lost: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    kind: str = ""

    @property
    def acted(self) -> bool:
        """Whether it did, or ended, anything: its `otherwise` counts only where that came to something."""
        return self.state == "fired" or bool(
            self.changes
            or self.left_out
            or self.log
            or self.ended
            or (self.state == "otherwise" and self.without_effect)
        )

    @property
    def rank(self) -> tuple[int, float, int]:
        """How near it came; rules that say no how near come last."""
        return min((each.rank for each in self.misses), default=(99, 9.0, 0))

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "state": self.state,
            "file": self.file,
            "line": self.line,
            "because": list(self.because),
            "why": list(self.why),
            "near_misses": [
                {
                    "items": list(each.items),
                    "words": each.words,
                    "parts": [
                        {
                            "path": lack.path,
                            "label": lack.label,
                            "wanted": lack.wanted,
                            "actual": lack.actual,
                            "gap": lack.gap or None,
                            "words": lack.words,
                        }
                        for lack in each.lacks
                    ],
                }
                for each in self.misses
            ],
            "changes": [
                {**change_json(each.change), "label": each.label, "how": each.how or "set"} for each in self.deeds
            ],
            "read_from": [
                {"path": each.path, "label": each.label, "value": each.value, "rule": each.by}
                for each in self.heirlooms
            ],
            "looked_up": [
                {
                    "table": each.table,
                    "keys": list(each.keys),
                    "value": each.value,
                    "items": list(each.items),
                    "file": each.file,
                    "line": each.line or None,
                }
                for each in self.answers
            ],
            "left_out": list(self.left_out),
            "log": list(self.log),
            "without_effect": list(self.without_effect),
            "overwritten": [
                {"path": each.path, "value": leaf_json(each.value), "by": each.by} for each in self.overwritten
            ],
            "ended": self.ended,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision told rule by rule, in the order in which rules run."""

    decision: Decision
    name: str
    stories: tuple[RuleStory, ...]

    def as_json(self) -> dict[str, Any]:
        """The explanation as JSON values; numbers, money and dates are text. `v` is the form's version."""
        decision = self.decision
        return {
            "v": 1,
            "kind": decision.kind,
            "outcome": decision.outcome,
            "reason": decision.reason,
            "rule": decision.rule,
            "findings": [finding_json(finding) for finding in decision.findings],
            "rules": [story.as_json() for story in self.stories],
        }

    def text(self, verdict: str = "") -> str:
        """The whole explanation in plain words, every rule told. `verdict` is how the record ended where the rules had let
        it pass: it stands at the top in place of their word."""
        from dsl.explain.telling import plain, told

        return plain(told(self, verdict, everything=True))


def explain(
    program: Program,
    record: Mapping[str, Any],
    *,
    kind: str = "order",
    flow: str | None = None,
    source: str | None = None,
    today: date,
    held_since: Mapping[str, date] | None = None,
    releases: frozenset[str] = frozenset(),
    schema: Schema | None = None,
) -> Explanation:
    """Run a kept record through the rules again and tell every rule's part in it.

    The same inputs give the same decision as the run that is explained; only the words for what did and did not happen
    are worked out anew. Fields go by their labels of the `schema`, by their paths in words without one.
    """
    inputs = Inputs(today, flow, source, held_since or {}, releases)
    labels = Labels(schema, program.walker.wording)
    recording = record_run(program.walker, record, kind, inputs, words=labels)
    teller = _Teller(program, recording, record, kind, inputs, labels)
    ordered = sorted(
        program.resolved.rules,
        key=lambda rule: rule_kinds(kind).index(rule.kind) if rule.kind in rule_kinds(kind) else 9,
    )
    stories = tuple(teller.story(rule) for rule in ordered if rule.kind in rule_kinds(kind))
    return Explanation(recording.decision, record_name(record, kind), stories)


def kept_out(
    program: Program, record: Mapping[str, Any], *, kind: str, flow: str, today: date, schema: Schema | None = None
) -> str:
    """Why a flow's condition (`when`) keeps a record out, with the values; "" where it does not, or there is none."""
    found = next((each for each in program.resolved.flows if each.title.text == flow), None)
    if found is None or found.when is None:
        return ""
    labels = Labels(schema, program.walker.wording)
    near = how_near(program.walker, found.when, record, kind, Inputs(today, flow), labels)
    return "" if near is None else near.words


def record_name(record: Mapping[str, Any], kind: str) -> str:
    """What people call a record: `Order #1007`, `Product HAT`."""
    root = record.get("order" if kind == "refund" else kind) or {}
    number = root.get("number") or root.get("sku") or root.get("name") or root.get("id")
    shown = "" if number is None else f" {number}" if str(number).startswith("#") or kind != "order" else f" #{number}"
    return f"{'Refund of order' if kind == 'refund' else kind.capitalize()}{shown}"


class _Teller:
    """A recording's parts by rule."""

    def __init__(
        self,
        program: Program,
        recording: Recording,
        record: Mapping[str, Any],
        kind: str,
        inputs: Inputs,
        labels: Labels,
    ) -> None:
        self.program = program
        self.recording = recording
        self.decision = recording.decision
        self.kind = kind
        self.inputs = inputs
        self.labels = labels
        self.currency = str((record.get("order" if kind == "refund" else kind) or {}).get("currency") or "") or None
        self.fired = frozenset(self.decision.fired)
        trace = self.decision.trace
        self.otherwise = {each.rule for each in trace.why_not() if each.otherwise} if trace else set()
        self.nothing = {each.rule: each for each in trace.why_not() if each.item is None} if trace else {}
        self.lines: dict[str, list[int]] = {}
        self.last: dict[str, Change] = {}

    def story(self, rule: ResolvedRule) -> RuleStory:
        decision, key = self.decision, rule.key
        heirlooms = self._heirlooms(rule)
        state, why = self._state(rule)
        misses = _alike(self.recording.misses.get(key, ()))
        why += by_item(rule.item, ((_numbers(each.items), each.words) for each in misses))
        if key in self.nothing and not misses:
            why.append(self.nothing[key].words)
        changes, deeds = self._changes(key)
        without = [each for each in decision.trace.without_effect if each.rule == key] if decision.trace else []
        lost = tuple(each for title, each in overwritten(decision) if title == key)
        story = RuleStory(
            rule=key,
            state=state,
            why=tuple(why),
            changes=changes,
            left_out=tuple(
                f"{each.kind} {each.number} is left out: {each.reason}"
                for each in decision.left_out
                if each.rule == key
            ),
            log=tuple(line for title, line in decision.log if title == key),
            without_effect=tuple(
                dict.fromkeys(
                    f"{self.labels.of_change(each.path)}: {each.reason}" if each.path else each.reason
                    for each in without
                )
            ),
            overwritten=lost,
            ended=f"the record {OUTCOMES[decision.outcome]} here: {decision.reason}" if decision.rule == key else None,
            file=rule.rule.span.file,
            line=self._line(rule.rule.span),
            because=tuple(
                by_item(
                    rule.item,
                    (
                        ("" if told.item is None else str(told.item), ", ".join(told.words))
                        for told in self.recording.because.get(key, ())
                        if told.words
                    ),
                )
            ),
            misses=misses,
            deeds=deeds,
            heirlooms=heirlooms,
            lost=tuple(
                f"{self.labels.of_change(each.path)} {self._shown(each.path, each.value)} was overwritten later by"
                f' "{each.by}"'
                for each in lost
            ),
            answers=self._answers(key),
            kind=rule.kind,
        )
        for change in changes:
            self.last[change.path] = change
        return story

    def _state(self, rule: ResolvedRule) -> tuple[str, list[str]]:
        decision = self.decision
        if not rule.runs:
            return "off", [_standing_words(rule)]
        if not applies(rule, self.kind, self.inputs):
            scope = rule.rule.scope
            why = [f"it is for records from {scope.source.text}"] if scope.source is not None else []
            return "not for this record", why + ([f'it is for the flow "{scope.flow.text}"'] if scope.flow else [])
        if rule.key in self.fired:
            return "fired", []
        if rule.key in self.otherwise:
            return "otherwise", []
        if rule.key in self.recording.reached:
            return "not fired", []
        return "not reached", [] if decision.rule is None else [f'"{decision.rule}" had ended the record']

    def _changes(self, key: str) -> tuple[tuple[Change, ...], tuple[Deed, ...]]:
        chosen = [
            (change, how)
            for change, how in zip(self.decision.changes, self.recording.hows, strict=True)
            if change.rule == key
        ]
        deeds = tuple(
            Deed(
                change,
                self.labels.of_change(change.path),
                self._shown(change.path, change.before),
                self._shown(change.path, change.after),
                _HOWS.get(type(how), "") if not isinstance(change.after, dict) else "added",
            )
            for change, how in chosen
        )
        return tuple(change for change, _ in chosen), deeds

    def _heirlooms(self, rule: ResolvedRule) -> tuple[Heirloom, ...]:
        """What the rule read of the changes that stand above it."""
        found: dict[str, Heirloom] = {}
        for read in self.recording.reads.get(rule.key, {}).values():
            if read.path.original:
                continue
            place = self._place(rule, read)
            change = self.last.get(place)
            if change is not None and place not in found:
                shown = self._shown(place, untagged(read.value))
                found[place] = Heirloom(place, self.labels.of_change(place), shown, change.rule)
        return tuple(found.values())

    def _answers(self, key: str) -> tuple[Answer, ...]:
        """What tables answered to the rule, items that asked alike together."""
        groups: dict[tuple[str, tuple[str, ...]], tuple[list[int], Looked]] = {}
        for looked in self.recording.looked.get(key, ()):
            items, _ = groups.setdefault((looked.table, tuple(map(shown, looked.keys))), ([], looked))
            if looked.item is not None:
                items.append(looked.item)
        found = []
        for (name, keys), (items, looked) in groups.items():
            table = self.program.resolved.tables[name]
            span = tree.NOWHERE if looked.row is None else table.rows[looked.row].span
            line = self._line(span) if span.file else 0
            otherwise = looked.row is None and table.otherwise is not None
            found.append(Answer(name, keys, shown(looked.value), tuple(items), span.file, line, otherwise))
        return tuple(found)

    def _place(self, rule: ResolvedRule, read: Read) -> str:
        if read.item is None:
            return read.path.field
        collection = rule.collection if read.path.root == rule.item else collection_of(rule.kind, read.path.root)
        return f"{collection}[{read.item}].{read.path.field.partition('.')[2]}"

    def _shown(self, path: str, value: Any) -> str:
        """A leaf as people read it; amounts with the decimals of their currency."""
        return leaf_words(value, self.currency if _is_amount(path) else None)

    def _line(self, span: tree.Span) -> int:
        """The line of a rule in its file, from 1."""
        text = self.program.resolved.sources.get(span.file, "")
        starts = self.lines.get(span.file)
        if starts is None:
            starts = self.lines[span.file] = [place for place, letter in enumerate(text) if letter == "\n"]
        return bisect_left(starts, span.start) + 1


def _alike(misses: Sequence[Miss]) -> tuple[Near, ...]:
    """The misses of a rule, those of many items told once where they are the same."""
    groups: dict[str, tuple[list[int], Miss]] = {}
    for miss in misses:
        numbers, _ = groups.setdefault(miss.told, ([], miss))
        if miss.item is not None:
            numbers.append(miss.item)
    found = [
        Near(
            tuple(numbers),
            words,
            () if miss.nearness is None else miss.nearness.lacks,
            (99, 9.0, 0) if miss.nearness is None else miss.nearness.rank,
            miss.selected,
        )
        for words, (numbers, miss) in groups.items()
    ]
    return tuple(sorted(found, key=lambda each: each.rank))


def _numbers(items: tuple[int, ...]) -> str:
    if len(items) > 5:
        return ", ".join(str(each) for each in items[:5]) + " and more"
    return ", ".join(str(each) for each in items)


def _standing_words(rule: ResolvedRule) -> str:
    match rule.standing:
        case Standing.OFF:
            return "it is switched off in its file"
        case Standing.TURNED_OFF:
            return f"it is turned off where the pack {rule.pack} is used"
    return f'"{rule.replaced_by}" replaces it'


_AMOUNTS = ("amount", "total", "subtotal", "balance", "discount", "unit_price", "price", "cost")


def _is_amount(path: str) -> bool:
    name = path.rpartition(".")[2]
    return name in _AMOUNTS or name.endswith(("_total", "_amount"))


def leaf_words(value: Any, currency: str | None = None) -> str:
    """A leaf as an explanation shows it; an amount with its currency has the decimals of that."""
    if isinstance(value, list | tuple) and not value:
        return "(none)"
    if isinstance(value, dict):
        return ", ".join(
            f"{name} {leaf_words(entry, currency if _is_amount(name) else None)}"
            for name, entry in value.items()
            if name != "id" and entry is not None
        )
    if currency is not None and hasattr(value, "as_tuple"):
        try:
            return f"{print_value(Money(value, currency))} {currency}"
        except EvaluationFailure:
            return format(value, "f")
    return '""' if value == "" else print_value(value)

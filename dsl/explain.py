"""Why a record became what it did, and why not, in plain words and as JSON; it words a decision and makes none."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dsl.decision import Change, Decision, Finding, NotFired, WithoutEffect
from dsl.evaluate.records import rule_kinds
from dsl.evaluate.walk import Inputs, applies
from dsl.evaluate.wording import by_item
from dsl.program import Program
from dsl.resolved import ResolvedRule, Standing
from dsl.values import print_value

#: What a record does, behind its name.
OUTCOMES = {"sync": "goes to the books", "skip": "is skipped", "hold": "is held", "fail": "failed"}


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A change whose value a later rule replaced."""

    path: str
    value: Any
    by: str


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


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision told rule by rule, in the order in which rules run."""

    decision: Decision
    name: str
    stories: tuple[RuleStory, ...]

    def text(self, verdict: str = "") -> str:
        """The whole explanation in plain words, one line a fact.

        `verdict` is how the record ended where the rules had let it pass: it stands at the top in place of their word.
        """
        decision = self.decision
        reason = f": {decision.reason}" if decision.reason else ""
        by = f' (rule "{decision.rule}")' if decision.rule else ""
        lines = [verdict or f"{self.name} {OUTCOMES[decision.outcome]}{reason}{by}"]
        for finding in decision.findings:
            values = "".join(f"; {name} was {value}" for name, value in finding.values.items())
            lines.append(f"  {finding.code}: {finding.message}{values}")
        if decision.hold is not None:
            lines.extend(_hold_lines(decision))
        for number, story in enumerate(self.stories, 1):
            lines.append(f'{number}. "{story.rule}" {_state_words(story)}')
            lines.extend(f"     {change_words(change)}" for change in story.changes)
            lines.extend(f"     {line}" for line in story.left_out)
            lines.extend(f"     noted in the log: {line}" for line in story.log)
            lines.extend(f"     without effect: {line}" for line in story.without_effect)
            lines.extend(
                f'     {each.path} = {leaf_words(each.value)} was overwritten later by "{each.by}"'
                for each in story.overwritten
            )
            if story.ended:
                lines.append(f"     {story.ended}")
        return "\n".join(lines) + "\n"

    def as_json(self) -> dict[str, Any]:
        """The explanation as JSON values; numbers, money and dates are text. `v` is the form's version."""
        decision = self.decision
        return {
            "v": 1,
            "kind": decision.kind,
            "outcome": decision.outcome,
            "reason": decision.reason,
            "rule": decision.rule,
            "findings": [_finding_json(finding) for finding in decision.findings],
            "rules": [
                {
                    "rule": story.rule,
                    "state": story.state,
                    "why": list(story.why),
                    "changes": [change_json(change) for change in story.changes],
                    "left_out": list(story.left_out),
                    "log": list(story.log),
                    "without_effect": list(story.without_effect),
                    "overwritten": [
                        {"path": each.path, "value": leaf_json(each.value), "by": each.by} for each in story.overwritten
                    ],
                    "ended": story.ended,
                }
                for story in self.stories
            ],
        }


def as_json(decision: Decision, *, why_not: bool = True) -> dict[str, Any]:
    """A decision as JSON values, to be kept with the record; numbers and money are text, dates ISO, `v` the form's version.

    With `why_not` the rules that did not fire stand there with their reasons, which runs the record again, slowly.
    """
    trace, hold = decision.trace, decision.hold
    told: dict[str, Any] = {
        "v": 1,
        "kind": decision.kind,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "rule": decision.rule,
        "fired": list(decision.fired),
        "changes": [change_json(change) for change in decision.changes],
        "left_out": [
            {"kind": each.kind, "id": each.item_id, "number": each.index, "reason": each.reason, "rule": each.rule}
            for each in decision.left_out
        ],
        "tags": list(decision.tags),
        "log": [{"rule": rule, "text": text} for rule, text in decision.log],
        "overwritten": [
            {"rule": rule, "path": each.path, "value": leaf_json(each.value), "by": each.by}
            for rule, each in _overwritten(decision)
        ],
        "findings": [_finding_json(finding) for finding in decision.findings],
        "hold": None
        if hold is None
        else {
            "rule": hold.rule,
            "reason": hold.reason,
            "until": hold.until,
            "due_days": hold.due_days,
            "releasable": hold.releasable,
        },
    }
    if trace is not None:
        told["without_effect"] = [
            {"rule": each.rule, "item": each.item, "path": each.path, "reason": each.reason}
            for each in trace.without_effect
        ]
        if why_not:
            told["not_fired"] = [
                {
                    "rule": each.rule,
                    "item": each.item,
                    "condition": each.condition,
                    "words": each.words,
                    "otherwise": each.otherwise,
                }
                for each in trace.why_not()
            ]
    return told


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
) -> Explanation:
    """Run a kept record through the rules again and tell every rule's part in it.

    The same inputs give the same decision as the run that is explained; only the words for what did not happen are
    worked out anew.
    """
    inputs = Inputs(today, flow, source, held_since or {}, releases)
    decision = program.walker.evaluate(record, kind, inputs)
    told = _Told(decision)
    stories = tuple(
        _story(rule, told, kind, inputs, record) for rule in program.resolved.rules if rule.kind in rule_kinds(kind)
    )
    return Explanation(decision, record_name(record, kind), stories)


class _Told:
    """A decision's parts by rule."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.fired = frozenset(decision.fired)
        self.not_fired: defaultdict[str, list[NotFired]] = defaultdict(list)
        self.without_effect: defaultdict[str, list[WithoutEffect]] = defaultdict(list)
        self.changes: defaultdict[str, list[Change]] = defaultdict(list)
        self.overwritten: defaultdict[str, list[Overwritten]] = defaultdict(list)
        if decision.trace is not None:
            for each in decision.trace.why_not():
                self.not_fired[each.rule].append(each)
            for noted in decision.trace.without_effect:
                self.without_effect[noted.rule].append(noted)
        for change in decision.changes:
            self.changes[change.rule].append(change)
        for rule, lost in _overwritten(decision):
            self.overwritten[rule].append(lost)


def record_name(record: Mapping[str, Any], kind: str) -> str:
    """What people call a record: `Order #1007`, `Product HAT`."""
    root = record.get("order" if kind == "refund" else kind) or {}
    number = root.get("number") or root.get("sku") or root.get("name") or root.get("id")
    shown = "" if number is None else f" {number}" if str(number).startswith("#") or kind != "order" else f" #{number}"
    return f"{'Refund of order' if kind == 'refund' else kind.capitalize()}{shown}"


def _overwritten(decision: Decision) -> Iterator[tuple[str, Overwritten]]:
    """The changes whose value another rule replaced later, each with the rule that made it; one tag more replaces none."""
    last: dict[str, Change] = {}
    for change in decision.changes:
        earlier = last.get(change.path)
        if earlier is not None and earlier.rule != change.rule and not _only_adds(change):
            yield earlier.rule, Overwritten(earlier.path, earlier.after, change.rule)
        last[change.path] = change


def _only_adds(change: Change) -> bool:
    before, after = change.before, change.after
    return isinstance(before, list) and isinstance(after, list) and after[: len(before)] == before


def _numbers(record: Mapping[str, Any], collection: str) -> dict[str, str]:
    """The number of each received item of `order.lines` by its id: people count lines, they know no ids."""
    root, _, name = collection.partition(".")
    items = (record.get(root) or {}).get(name) or ()
    return {str(item.get("id")): str(number) for number, item in enumerate(items, 1)}


def _story(rule: ResolvedRule, told: _Told, kind: str, inputs: Inputs, record: Mapping[str, Any]) -> RuleStory:
    decision = told.decision
    not_fired = told.not_fired[rule.key]
    why: list[str] = []
    if not rule.runs:
        state = "off"
        why.append(_standing_words(rule))
    elif not applies(rule, kind, inputs):
        state = "not for this record"
        scope = rule.rule.scope
        if scope.source is not None:
            why.append(f"it is for records from {scope.source.text}")
        if scope.flow is not None:
            why.append(f'it is for the flow "{scope.flow.text}"')
    elif rule.key in told.fired:
        state = "fired"
    elif not_fired:
        state = "otherwise" if any(each.otherwise for each in not_fired) else "not fired"
    elif decision.rule == rule.key:
        state = "not fired"
    else:
        state = "not reached"
        if decision.rule is not None:
            why.append(f'"{decision.rule}" had ended the record')
    numbers = _numbers(record, rule.collection) if rule.item else {}
    why.extend(by_item(rule.item, ((numbers.get(each.item or "", each.item or ""), each.words) for each in not_fired)))
    return RuleStory(
        rule=rule.key,
        state=state,
        why=tuple(why),
        changes=tuple(told.changes[rule.key]),
        left_out=tuple(
            f"{each.kind} {each.index} is left out: {each.reason}"
            for each in decision.left_out
            if each.rule == rule.key
        ),
        log=tuple(line for title, line in decision.log if title == rule.key),
        without_effect=tuple(
            f"{each.path}: {each.reason}" if each.path else each.reason for each in told.without_effect[rule.key]
        ),
        overwritten=tuple(told.overwritten[rule.key]),
        ended=f"the record {OUTCOMES[decision.outcome]} here: {decision.reason}" if decision.rule == rule.key else None,
    )


def _standing_words(rule: ResolvedRule) -> str:
    match rule.standing:
        case Standing.OFF:
            return "it is switched off in its file"
        case Standing.TURNED_OFF:
            return f"it is turned off where the pack {rule.pack} is used"
    return f'"{rule.replaced_by}" replaces it'


def _state_words(story: RuleStory) -> str:
    why = "; ".join(story.why)
    match story.state:
        case "fired":
            return "fired" + (f" (not for {why})" if why else "")
        case "otherwise":
            return f"did not fire, its `otherwise` ran: {why}"
        case "not fired":
            return f"did not fire: {why}" if why else "did not fire"
        case "not reached":
            return "was not reached" + (f": {why}" if why else "")
        case "off":
            return f"does not run: {why}"
    return f"is not for this record: {why}"


def _hold_lines(decision: Decision) -> list[str]:
    hold = decision.hold
    if hold is None:
        return []
    lines = []
    if hold.until:
        lines.append(f"  It is looked at again when the record changes, and goes on once {hold.until}.")
    if hold.due_days is not None:
        lines.append(f"  It is given up {hold.due_days} days after it was first held.")
    if hold.releasable:
        lines.append("  A person can release it.")
    return lines


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "message": finding.message,
        "rule": finding.rule,
        "values": dict(finding.values),
    }


def change_words(change: Change) -> str:
    """One change in plain words: `ship_to.state: (not set) -> MD`."""
    if isinstance(change.after, dict):
        shown = ", ".join(f"{name} {leaf_words(value)}" for name, value in change.after.items() if name != "id")
        return f"{change.path} was added: {shown}"
    return f"{change.path}: {leaf_words(change.before)} -> {leaf_words(change.after)}"


def leaf_words(value: Any) -> str:
    """A leaf as an explanation shows it; amounts keep the decimals they are stored with."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple) and not value:
        return "(none)"
    if isinstance(value, dict):
        return ", ".join(f"{name} {leaf_words(entry)}" for name, entry in value.items())
    return '""' if value == "" else print_value(value)


def change_json(change: Change) -> dict[str, Any]:
    """One change as JSON values."""
    return {
        "path": change.path,
        "before": leaf_json(change.before),
        "after": leaf_json(change.after),
        "rule": change.rule,
        "item": change.item,
    }


def leaf_json(value: Any) -> Any:
    """A leaf, list or item as JSON values: numbers and money are text, dates are ISO."""
    match value:
        case None | str():  # most are
            return value
        case Decimal():
            return format(value, "f")
        case date():
            return print_value(value)
        case dict():
            return {name: leaf_json(entry) for name, entry in value.items()}
        case list() | tuple():
            return [leaf_json(entry) for entry in value]
    return value

"""A plan in words and as JSON: changes when its layout or its form does. It knows what was gathered, and no order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from dsl.explain.telling import Line
from engine.plan.groups import Group, Sum, Values, listed
from engine.plan.running import DocumentKey, FindingKey, OutcomeKey, Plan, StandingKey

_OUTCOMES = {
    "sync": "goes to the books",
    "skip": "is skipped",
    "hold": "is held",
    "fail": "fails",
    "none": "is not looked at",
    "": "ends otherwise",
}
_CHANGES = {"appears": "would appear", "vanishes": "would vanish", "changes": "would change"}
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
_ACTIONS = {
    "locked": "cannot be changed",
    "stays": "stay as they are",
    "amended": "would be amended",
    "replaced": "would be replaced by a document of another kind",
}
_MOST_OF_A_KIND = 12
_SUMS = ("document", "account", "class", "tax code", "tax")
_SUM_HEADINGS = {
    "document": "Documents",
    "account": "Accounts",
    "class": "Classes",
    "tax code": "Sold under tax codes",
    "tax": "Tax under tax codes",
}


def told(plan: Plan, old: str, new: str, *, everything: bool = False) -> list[Line]:
    """The lines of a plan; without `everything` the smallest groups are only counted."""
    lines = [Line(_headline(plan, old, new), "heading", 0, 2)]
    if plan.unreadable:
        lines.append(Line(f"{plan.unreadable:,} records cannot be read; neither version sees them.", "waiting", 2))
    if not plan.differs:
        return [*lines, Line("Nothing would change: same documents, same outcomes, same findings.", "good", 2)]
    most = None if everything else _MOST_OF_A_KIND
    for change, style in (("appears", "good"), ("vanishes", "bad"), ("changes", "value")):
        found = [(key, group) for key, group in plan.documents.ranked() if cast(DocumentKey, key).change == change]
        count = sum(group.count for _, group in found)
        if found:
            lines += [Line(""), Line(f"{_counted(count, 'document')} {_CHANGES[change]}", "heading")]
            lines += _some([_document(cast(DocumentKey, key), group, style) for key, group in found], most)
    if plan.outcomes.by:
        ranked = plan.outcomes.ranked()
        count = sum(group.count for _, group in ranked)
        lines += [Line(""), Line(f"{_counted(count, 'record')} would end otherwise", "heading")]
        lines += _some([_outcome(cast(OutcomeKey, key), group) for key, group in ranked], most)
    if plan.standing.by:
        lines += [Line(""), Line("What stands in the books already", "heading")]
        order = sorted(plan.standing.ranked(), key=lambda each: list(_ACTIONS).index(cast(StandingKey, each[0]).action))
        lines += _some([_standing(cast(StandingKey, key), group) for key, group in order], most)
    if plan.findings.by:
        lines += [Line(""), Line("What would be said of orders", "heading")]
        lines += _some([_finding(cast(FindingKey, key), group) for key, group in plan.findings.ranked()], most)
    lines += _sums(plan, everything=everything)
    return lines


def _headline(plan: Plan, old: str, new: str) -> str:
    same = plan.orders - plan.differing - plan.unreadable
    return (
        f"{_counted(plan.orders, 'order')} under {old} and {new}: "
        f"{plan.differing:,} would differ, {same:,} would be as they are"
    )


def _some(blocks: list[list[Line]], most: int | None) -> Iterator[Line]:
    for block in blocks[:most]:
        yield from block
    if most is not None and len(blocks) > most:
        yield Line(f"and {len(blocks) - most:,} smaller groups (--all shows them)", "quiet", 2)


def _document(key: DocumentKey, group: Group, style: str) -> list[Line]:
    what = [_part(part) for part in key.parts if part[3] or part[4]]
    other = [name for name in group.values if group.values[name].pairs]
    heading = f"{_counted(group.count, key.type)}"
    if what:
        heading += ": " + ", ".join(what)
    elif other:
        heading += ": " + ", ".join(other)
    lines = [Line(heading, style, 2, 4)]
    for name, values in group.values.items():
        lines.append(Line(f"{name}: {_values(values, group.count)}", "plain", 6))
    lines.append(Line(f"{_money(group)}e.g. {listed(group.examples, group.count)}", "quiet", 6))
    return lines


def _part(part: tuple[str, str, str, str, str]) -> str:
    what, line, name, before, after = part
    if what != "field":
        return f"a {line} line {'comes' if what == 'line comes' else 'goes'}"
    called = {"class_": "class"}.get(name, name.replace("_", " "))
    of = "" if not line else " of lines" if line == "item" else f" of the {line} line"
    return f"{called}{of} {before} → {after}"


def _values(values: Values, count: int) -> str:
    """One field of a group: its values where they are few, else a few of them."""
    pairs = list(values.pairs.items())
    befores, afters = {before for (before, _), _ in pairs}, {after for (_, after), _ in pairs}
    if len(pairs) == 1 and not values.more:
        (before, after), _ = pairs[0]
        return _arrow(before, after)
    if not values.more and len(pairs) <= 3:
        return "; ".join(f"{_arrow(before, after)} ({number:,})" for (before, after), number in pairs)
    if len(afters) == 1 and not values.more and count:
        return f"{len(befores)} different values → {afters.pop()}"
    (before, after), _ = pairs[0]
    return f"each its own, e.g. {_arrow(before, after)}"


def _arrow(before: str, after: str) -> str:
    return f"{before or 'none'} → {after or 'none'}"


def _outcome(key: OutcomeKey, group: Group) -> list[Line]:
    plural = group.count != 1
    new = _OUTCOMES[key.new]
    if plural:
        new = {
            "goes to the books": "go to the books",
            "is skipped": "are skipped",
            "is held": "are held",
            "fails": "fail",
        }.get(new, new.replace("is ", "are ", 1))
    style = {"sync": "good", "fail": "bad", "hold": "waiting"}.get(key.new, "plain")
    was = {"sync": "went to the books", "skip": "skipped", "hold": "held", "fail": "failed", "none": "not looked at"}
    before = f", before: {was.get(key.old, key.old)}" if key.old != key.new else ", for another reason"
    cause = f" ({_called(key.cause)})" if key.cause else ""
    lines = [Line(f"{_counted(group.count, key.kind)} {new}{before}{cause}", style, 2, 4)]
    values = group.values.get("reason")
    if values is not None:
        reasons = list(dict.fromkeys(after or before for before, after in values.pairs))
        shown = "; ".join(reason.rstrip(".") for reason in reasons[:2] if reason)
        more = len(reasons) - 2 + values.more
        if shown:
            lines.append(Line(shown + (f"; and {more:,} more" if more > 0 else ""), "plain", 6))
    lines.append(Line(f"{_money(group)}e.g. {listed(group.examples, group.count)}", "quiet", 6))
    return lines


def _called(cause: str) -> str:
    """A rule by its title; what no rule decided by its code, read as words."""
    return cause.replace("_", " ") if _CODE.fullmatch(cause) else f'"{cause}"'


def _standing(key: StandingKey, group: Group) -> list[Line]:
    style = "bad" if key.action == "locked" else "plain"
    why = f": {key.lock}" if key.lock else ""
    return [
        Line(f"{_counted(group.count, key.type)} {_ACTIONS.get(key.action, key.action)}{why}", style, 2, 4),
        Line(f"{_money(group)}e.g. {listed(group.examples, group.count)}", "quiet", 6),
    ]


def _finding(key: FindingKey, group: Group) -> list[Line]:
    values = group.values.get("text")
    texts = [] if values is None else [after for _, after in values.pairs]
    text = texts[0] if texts else key.code
    more = f" (and {len(texts) - 1 + (values.more if values else 0):,} like it)" if len(texts) > 1 else ""
    word = "newly" if key.comes else "no longer"
    style = "waiting" if key.comes and key.severity in ("hold", "fail") else "plain"
    return [
        Line(f"{word} for {_counted(group.count, key.where)}: {text}{more}", style, 2, 4),
        Line(f"e.g. {listed(group.examples, group.count)}", "quiet", 6),
    ]


def _sums(plan: Plan, *, everything: bool) -> Iterator[Line]:
    for by in _SUMS:
        rows = [
            (name, currency, found)
            for (kind, name, currency), found in sorted(plan.sums.items())
            if kind == by and (everything or found.differs)
        ]
        if not rows:
            continue
        yield Line("")
        yield Line(_SUM_HEADINGS[by], "heading")
        yield from (
            Line(row, "plain", 2) for row in _table(rows[: None if everything else 40], counts=by == "document")
        )


def _table(rows: list[tuple[str, str, Sum]], *, counts: bool) -> Iterator[str]:
    """Sums in straight columns: name, how many, what they come to, and the difference."""
    cells = [
        (
            name,
            *((f"{found.old_count:,}", "→", f"{found.new_count:,}") if counts else ()),
            f"{found.old:,.2f}",
            "→",
            f"{found.new:,.2f}",
            currency,
            f"{found.new - found.old:+,.2f}" if found.new != found.old else "",
        )
        for name, currency, found in rows
    ]
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    for row in cells:
        shown = [row[0].ljust(widths[0])]
        shown += [cell.rjust(widths[place]) for place, cell in enumerate(row) if place]
        yield "  ".join(shown).rstrip()


def _money(group: Group) -> str:
    amounts = ", ".join(f"{amount:+,.2f} {currency}" for currency, amount in sorted(group.money.items()) if amount)
    return f"{amounts}; " if amounts else ""


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


# -------------------------------------------------------------------------------------------------------------- as JSON


def as_form(plan: Plan, old: str, new: str) -> dict[str, Any]:
    """A plan as JSON; money is text with the currency beside it."""
    return {
        "old": old,
        "new": new,
        "orders": plan.orders,
        "differing": plan.differing,
        "unreadable": plan.unreadable,
        "documents": [
            {
                "change": key.change,
                "type": key.type,
                "fields": [
                    {
                        "what": what,
                        "line": line or None,
                        "field": name or None,
                        "before": before or None,
                        "after": after or None,
                    }
                    for what, line, name, before, after in key.parts
                ],
                **_group_form(group),
            }
            for key, group in ((cast(DocumentKey, key), group) for key, group in plan.documents.ranked())
        ],
        "outcomes": [
            {"kind": key.kind, "old": key.old, "new": key.new, "cause": key.cause or None, **_group_form(group)}
            for key, group in ((cast(OutcomeKey, key), group) for key, group in plan.outcomes.ranked())
        ],
        "standing": [
            {"action": key.action, "type": key.type, "why": key.lock or None, **_group_form(group)}
            for key, group in ((cast(StandingKey, key), group) for key, group in plan.standing.ranked())
        ],
        "findings": [
            {"comes": key.comes, "severity": key.severity, "code": key.code, "kind": key.where, **_group_form(group)}
            for key, group in ((cast(FindingKey, key), group) for key, group in plan.findings.ranked())
        ],
        "sums": [
            {
                "by": by,
                "name": name,
                "currency": currency,
                "old": _text(found.old),
                "new": _text(found.new),
                "old_count": found.old_count,
                "new_count": found.new_count,
            }
            for (by, name, currency), found in sorted(plan.sums.items())
        ],
    }


def _group_form(group: Group) -> dict[str, Any]:
    return {
        "count": group.count,
        "examples": list(group.examples),
        "difference": {currency: _text(amount) for currency, amount in sorted(group.money.items())},
        "values": {
            name: {
                "pairs": [
                    {"before": before, "after": after, "count": count}
                    for (before, after), count in values.pairs.items()
                ],
                "more": values.more,
            }
            for name, values in group.values.items()
        },
    }


def _text(amount: Decimal) -> str:
    return format(amount, "f")

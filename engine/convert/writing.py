"""Writes drafts as the text of a rule set, with a remark where each came from and a test that shows what it does.

Changes with how a converted file reads. The formatter lays it out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.convert.drafts import Draft, Entry, Refused, column_names
from engine.convert.values import quoted

SHOWN = "Shown: "
"""What the title of a test has before that of its rule."""
_LONGEST_REMARK = 110

#: What makes an item whole in a test, where a rule asks nothing of it.
_ITEMS: dict[str, dict[str, str]] = {
    "line": {"line.sku": '"A-1"'},
    "payment": {"payment.method": '"Card"'},
    "shipping": {"shipping.method": '"Parcel"', "shipping.amount": "5.00 USD"},
    "discount": {"discount.code": '"SAVE"', "discount.amount": "1.00 USD"},
}


def write(entries: Sequence[Entry], source: str, unit: str) -> str:
    """The text of the file that the entries make, not laid out yet."""
    title = f"Converted from {source}"
    note = f"Each rule says from which {unit} of the export it came. Look for NOT CONVERTED, and at rules that are off."
    blocks = [f"ruleset {quoted(title)}\n  language 1\n  note {quoted(note)}\nend"]
    for entry in entries:
        blocks.append("\n".join(_refused(entry, unit) if isinstance(entry, Refused) else _rule(entry, unit)))
        if isinstance(entry, Draft) and entry.tested and not entry.off:
            blocks.append("\n".join(_test(entry)))
    return "\n\n".join(blocks) + "\n"


def place(rows: Sequence[int], unit: str) -> str:
    """`row 12`, `rows 2 to 5, 9`."""
    stretches: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if stretches and stretches[-1][1] == row - 1:
            stretches[-1] = stretches[-1][0], row
        else:
            stretches.append((row, row))
    said = ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in stretches)
    plural = (
        unit
        if len(stretches) == 1 and stretches[0][0] == stretches[0][1]
        else f"{unit[:-1]}ies"
        if unit[-1] == "y"
        else f"{unit}s"
    )
    return f"{plural} {said}"


def _remark(text: str) -> Iterator[str]:
    """A remark on lines that are not too long."""
    line = "//"
    for word in text.split():
        if len(line) + 1 + len(word) > _LONGEST_REMARK and line != "//":
            yield line
            line = "//  "
        line += f" {word}"
    yield line


def _refused(entry: Refused, unit: str) -> Iterator[str]:
    yield from _remark(f"NOT CONVERTED, {place(entry.old.rows, unit)}, {quoted(entry.old.title)}: {entry.reason}")
    yield from _remark(f"  it said: {entry.old.words()}")


def _rule(draft: Draft, unit: str) -> Iterator[str]:
    yield from _remark(f"{place(draft.rows, unit)}{': ' + draft.said if draft.said else ''}")
    for note in draft.notes:
        yield from _remark(f"LOOK: {note}")
    for each in draft.left_out:
        yield from _remark(f"switched off there, {unit} {each.row}: {each.words()}")
    if draft.off:
        yield from _remark(f"OFF: {draft.off}")
    if draft.table:
        yield from _table(draft, unit)
    if draft.list_name and draft.asked.only:
        yield f"list {draft.list_name} is [{', '.join(draft.asked.only.values)}]"
    yield f"rule {quoted(draft.title)}{' off' if draft.off else ''}"
    if draft.note:
        yield f"note {quoted(draft.note)}"
    scope = draft.scope
    yield scope.words()
    if draft.asked.words:
        yield f"{'where' if scope.item else 'when'} {draft.asked.words}"
    statements = [each for done in draft.done for each in done.statements]
    if draft.override:
        statements = [_overriding(each) for each in statements]
    yield "then " + "\n".join(statements)
    yield "end"


def _overriding(statement: str) -> str:
    if not statement.startswith("set "):
        return statement
    target, _, value = statement.removeprefix("set ").partition(" to ")
    return f"override {target} with {value}"


def _table(draft: Draft, unit: str) -> Iterator[str]:
    key, output = column_names(draft)
    one_title = len({row.title for row in draft.table_rows}) == 1
    yield f"table {draft.table}"
    yield f"{key} -> {output}"
    for row in draft.table_rows:
        yield f"{row.key} -> {row.output}  // {unit} {row.row}{'' if one_title else ', ' + quoted(row.title)}"
    yield "otherwise -> missing"
    yield "end"


def _test(draft: Draft) -> Iterator[str]:
    scope = draft.scope
    given = {**draft.beside, **draft.asked.given}
    for done in draft.done:
        given |= {path: value for path, value in done.needs.items() if path not in given or path == draft.target}
    if scope.item and not any(path.startswith(f"{scope.item}.") for path in given):
        given |= _ITEMS.get(scope.item, {})
    yield f"test {quoted(SHOWN + draft.title)}"
    yield f"given {scope.record}"
    items = ("line", "payment", "shipping", "discount")
    for path, value in given.items():
        if path.partition(".")[0] not in items:
            yield f"{path} = {value}"
    for item in items:
        fields = [f"{path.partition('.')[2]} = {value}" for path, value in given.items() if path.startswith(f"{item}.")]
        if fields:
            yield f"{item} {' '.join(fields)}"
    yield "expect"
    if draft.tested == "whole":
        for done in draft.done:
            for path, words in done.expects:
                yield _expected(path, words, scope.item)
    yield f"fired {quoted(draft.title)}"
    yield "end"


def _expected(path: str, words: str, item: str) -> str:
    if not path:
        return words
    root, _, name = path.partition(".")
    return f"{item} 1 {name} {words}" if item and root == item else f"{path} {words}"

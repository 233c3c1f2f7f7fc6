"""Reads the exports of the old system, CSV or JSON, into its rules; changes with the forms of those exports.

Two forms, both as JSON or CSV, told apart by nothing but their columns: {Set Name, ObjectType, Action, ActionValue} with
{ItemField, ItemValue, ValueMatch, Enable}; and Rule Name, Action, Field, Map From, Comparison, Conjunction, Map To. Rows with
one name, action and value are one rule. Knows no meaning of any word but of the columns' names.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.convert.old import OldCondition, OldRule, Unreadable

#: What a column may be called, with everything but letters and digits left out.
_COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("rulename", "setname", "name", "rule", "title", "ruleset", "rulesetname"),
    "object_type": ("objecttype", "object", "type", "appliesto"),
    "action": ("action", "ruleaction", "actionname"),
    "value": ("mapto", "actionvalue", "to", "mapvalue", "newvalue"),
    "field": ("field", "itemfield", "mapfromfield", "fieldname"),
    "from": ("mapfrom", "itemvalue", "from", "oldvalue", "value"),
    "comparison": ("comparison", "valuematch", "match", "operator", "compare", "matchtype"),
    "joined": ("conjunction", "andor", "join", "joinedby", "logic"),
    "enabled": ("enable", "enabled", "active", "on"),
}
_NAMES = {name: column for column, names in _COLUMNS.items() for name in names}
_OFF = frozenset({"false", "no", "0", "off", "n", "disabled", "unchecked", "f", "inactive"})
_ON = frozenset({"", "true", "yes", "1", "on", "y", "enabled", "checked", "t", "active"})
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Export:
    """The rules of an export in the order of their first rows; `notes` are doubts about single rows (row, words)."""

    rules: tuple[OldRule, ...]
    notes: tuple[tuple[int, str], ...]
    unit: str
    """What a row is called: "row", or "entry" of JSON."""


def read_export(content: bytes) -> Export:
    """The rules of an export. Raises Unreadable with a next step where there is nothing to be read."""
    text = _decoded(content)
    rows: list[tuple[int, Mapping[str, str]]]
    if text.lstrip()[:1] in ("[", "{"):
        unit, rows = "entry", list(_from_json(text))
    else:
        unit, rows = "row", list(_from_csv(text))
    rules = _grouped(rows)
    if not rules:
        raise Unreadable("There is no rule in it", "Export the rules again, with their column names in the first row.")
    return Export(rules, tuple(_doubts(rows)), unit)


# --- letters ----------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise Unreadable(
            "This is a workbook (xlsx or xls), not a CSV file", 'Save the sheet as "CSV UTF-8" and convert that.'
        )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _holds_a_number(field: str) -> bool:
    return any(word in _plain(field) for word in _AMOUNTS)


def _cell(value: Any) -> str:
    """A value as text on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())


# --- CSV --------------------------------------------------------------------------------------------------------------


def _from_csv(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    columns: list[str] | None = None
    csv.field_size_limit(1 << 20)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1):
            if not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = [_NAMES.get(_plain(cell), "") for cell in row]
                missing = [name for name in ("action", "field") if name not in columns]
                if missing:
                    raise Unreadable(
                        f"The first row has no column for {' and '.join(missing)}",
                        "The columns are Rule Name, Action, Field, Map From, Comparison, Conjunction, Map To, "
                        "or Set Name, ObjectType, Action, ActionValue, ItemField, ItemValue, ValueMatch, Enable.",
                    )
                continue
            yield number, {column: _cell(cell) for column, cell in zip(columns, row, strict=False) if column}
    except csv.Error as error:
        raise Unreadable(f"It is no CSV file that can be read ({error})", 'Save the sheet as "CSV UTF-8".') from error


# --- JSON -------------------------------------------------------------------------------------------------------------


def _from_json(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        content = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"It is no JSON that can be read ({error})", "Export the rules again.") from error
    for number, entry in enumerate(_entries(content), 1):
        own = _named(entry)
        inner = [each for value in entry.values() for each in _entries(value) if _is_condition(each)]
        for each in inner or [{}]:
            yield number, {**own, **_named(each)}


def _entries(content: Any) -> list[dict[str, Any]]:
    """The objects of a list, or of the one list in an object."""
    if isinstance(content, dict):
        if "action" in _named(content):
            return [content]
        return next((found for value in content.values() if (found := _entries(value))), [])
    return [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []


def _is_condition(entry: Mapping[str, Any]) -> bool:
    return bool(_named(entry).keys() & {"field", "from"})


def _named(entry: Mapping[str, Any]) -> dict[str, str]:
    return {
        _NAMES[_plain(key)]: _cell(value)
        for key, value in entry.items()
        if _plain(key) in _NAMES and not isinstance(value, list | dict)
    }


# --- rules ------------------------------------------------------------------------------------------------------------


def _grouped(rows: Sequence[tuple[int, Mapping[str, str]]]) -> tuple[OldRule, ...]:
    """Rows with one name, action and value are one rule; a row that says none of these goes on with the one above it."""
    found: dict[tuple[str, ...], list[tuple[int, Mapping[str, str]]]] = {}
    heads: dict[tuple[str, ...], Mapping[str, str]] = {}
    last: tuple[str, ...] | None = None
    for number, row in rows:
        said = [row.get(name, "") for name in ("title", "object_type", "action", "value")]
        key: tuple[str, ...] = tuple(each.casefold() for each in said)
        if last is not None and not any(said[:1] + said[2:]):
            key = last
        elif not said[0]:
            key = (*key, str(number))
        heads.setdefault(key, row)
        found.setdefault(key, []).append((number, row))
        last = key
    return tuple(
        OldRule(
            head.get("title", ""),
            head.get("object_type", ""),
            head.get("action", ""),
            head.get("value", ""),
            tuple(
                OldCondition(
                    row.get("field", ""),
                    row.get("comparison", ""),
                    row.get("from", ""),
                    _joined(row.get("joined", "")),
                    number,
                    row.get("enabled", "").casefold() not in _OFF,
                )
                for number, row in found[key]
            ),
        )
        for key, head in heads.items()
    )


def _joined(said: str) -> str:
    return {"and": "and", "&": "and", "&&": "and", "all": "and", "or": "or", "||": "or", "any": "or"}.get(
        said.casefold(), ""
    )


# --- doubts -----------------------------------------------------------------------------------------------------------

_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)
_AMOUNTS = frozenset({"total", "amount", "price", "quantity", "balance", "subtotal"})
"""Words of fields that hold numbers: zeros at the front of those say nothing."""
_MONTH = re.compile(
    r"(\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2})",
    re.IGNORECASE,
)


def _doubts(rows: Sequence[tuple[int, Mapping[str, str]]]) -> Iterator[tuple[int, str]]:
    """Values that a spreadsheet has probably changed."""
    lengths: dict[tuple[str, str], list[int]] = {}
    for _, row in rows:
        for column in ("from", "value"):
            if row.get(column, "").isdigit():
                lengths.setdefault((row.get("field", "").casefold(), column), []).append(len(row[column]))
    for number, row in rows:
        enabled = row.get("enabled", "").casefold()
        if enabled not in _ON | _OFF:
            yield number, f'whether it is enabled says "{row["enabled"]}": taken for yes'
        for column in ("from", "value"):
            said = row.get(column, "")
            if _SCIENTIFIC.fullmatch(said):
                yield (
                    number,
                    f'"{said}" was a long number before a spreadsheet shortened it: its digits are lost, put them back',
                )
            elif _MONTH.fullmatch(said):
                yield number, f'"{said}" may have been a code such as "MAR-1" that a spreadsheet took for a date'
            elif said.isdigit() and not _holds_a_number(row.get("field", "")):
                known = lengths[row.get("field", "").casefold(), column]
                most = max(set(known), key=known.count)
                if len(known) >= 3 and len(said) < most and known.count(most) * 2 > len(known):
                    yield (
                        number,
                        f'"{said}" may have been "{said.rjust(most, "0")}": a spreadsheet takes zeros at the front away',
                    )
                elif "zip" in _plain(row.get("field", "")) + "" and column == "from" and len(said) == 4:
                    yield (
                        number,
                        f'the postal code "{said}" may have been "0{said}": a spreadsheet takes zeros at the front away',
                    )

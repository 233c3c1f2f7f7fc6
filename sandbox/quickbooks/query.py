"""Runs a query over the books: by index where it can, sorted and paged as the real service does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.quickbooks import recurring
from sandbox.quickbooks.books import COMPANY_ZONE
from sandbox.quickbooks.company import PSEUDO_TAX_CODES, Company
from sandbox.quickbooks.errors import Fault, Json
from sandbox.quickbooks.queryparser import Condition, Query, parse
from sandbox.quickbooks.schema import envelope

__all__ = ["candidates", "moment", "parse", "run"]

_NUMBERS = frozenset(
    [
        "Balance",
        "BalanceWithJobs",
        "TotalAmt",
        "CurrentBalance",
        "CurrentBalanceWithSubAccounts",
        "RateValue",
        "DueDays",
    ]
)
_TIMES = frozenset({"MetaData.CreateTime", "MetaData.LastUpdatedTime"})
_DATES = frozenset({"TxnDate", "DueDate", "AsOfDate"})
_BOOLEANS = frozenset(["Active", "Job", "SubAccount", "SubClass", "SubDepartment", "Adjustment"])


def run(company: Company, query: Query) -> Json:
    """The QueryResponse of a query."""
    rows = list(_matching(company, query))
    if query.count:
        return {"totalCount": len(rows)}
    if query.entity == "TaxCode":
        return _tax_codes(query, rows)
    page = _page(company, query, rows)
    if not page:
        return {}
    if query.entity == "RecurringTransaction":
        page = [recurring.shown(row) for row in page]
    return {envelope(query.entity): page, "startPosition": query.start, "maxResults": len(page)}


def _page(company: Company, query: Query, rows: list[Json]) -> list[Json]:
    rows = _sorted(query, rows)
    limit = query.limit + (1 if company.switches.extra_row else 0)
    page = rows[query.start - 1 : query.start - 1 + limit]
    if not query.columns:
        return page
    wanted = {"Id", "domain", "sparse", *(column.split(".")[0] for column in query.columns)}
    folded = {name.casefold() for name in wanted}
    return [{name: value for name, value in row.items() if name.casefold() in folded} for row in page]


def _tax_codes(query: Query, rows: list[Json]) -> Json:
    """The pseudo codes come on top of MAXRESULTS and stand first; the answer carries totalCount."""
    pseudo = [row for row in rows if row["Id"] in PSEUDO_TAX_CODES]
    real = _sorted(query, [row for row in rows if row["Id"] not in PSEUDO_TAX_CODES])
    page = [*pseudo, *real[query.start - 1 : query.start - 1 + query.limit]]
    if not page:
        return {}
    return {"TaxCode": page, "startPosition": query.start, "maxResults": len(page), "totalCount": len(rows)}


def _matching(company: Company, query: Query) -> Iterator[Json]:
    tests = [_test(company, query.entity, condition) for condition in query.conditions]
    hide_inactive = not any(condition.name == "Active" for condition in query.conditions) and not (
        query.entity == "TaxCode" and company.switches.tax_code_query_lists_inactive
    )
    for row in candidates(company, query):
        if hide_inactive and row.get("Active") is False:
            continue
        if all(test(row) for test in tests):
            yield row


def candidates(company: Company, query: Query) -> Iterable[Json]:
    """The rows that can match: by id or index where a condition allows it, else all."""
    books, entity = company.books, query.entity
    for condition in query.conditions:
        if condition.operator not in {"=", "in"}:
            continue
        if condition.name == "Id":
            found = [books.get(entity, value) for value in dict.fromkeys(condition.values)]
            return [row for row in found if row is not None]
        if books.has_index(entity, condition.name):
            keyed = {row["Id"]: row for value in condition.values for row in books.find(entity, condition.name, value)}
            return list(keyed.values())
    return books.all(entity).values()


def _sorted(query: Query, rows: list[Json]) -> list[Json]:
    if not query.order:
        if query.entity == "Account":
            return sorted(rows, key=lambda row: str(row["FullyQualifiedName"]).casefold())
        return sorted(rows, key=_id_key)
    for name, descending in reversed(query.order):
        rows = sorted(rows, key=_sort_key(name), reverse=descending)
    return rows


def _id_key(row: Json) -> tuple[int, str]:
    key = str(row["Id"])
    return (int(key), "") if key.isdigit() else (0, key)


def _sort_key(name: str) -> Callable[[Json], Any]:
    if name == "Id":
        return _id_key
    if name in _NUMBERS:
        return lambda row: Decimal(_get(row, name) or 0)
    return lambda row: str(_get(row, name) or "").casefold()


def _get(row: Json, name: str) -> Any:
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value = value.get("value", value.get("Address"))
    return value


def _test(company: Company, entity: str, condition: Condition) -> Callable[[Json], bool]:
    name = condition.name
    if entity == "Attachable" and name.startswith("AttachableRef"):
        return _attachable_test(condition)
    if condition.operator == "like":
        pattern = re.compile(
            ".*".join(re.escape(part) for part in condition.values[0].split("%")), re.IGNORECASE | re.DOTALL
        )
        return lambda row: pattern.fullmatch(str(_get(row, name) or "")) is not None
    convert = _converter(name)
    if name in _TIMES:
        # Our own stamps all have one offset, so they compare as text; parsing each row's would be slow.
        wanted = [company.clock.stamp(moment(company, value).timestamp()) for value in condition.values]
    else:
        wanted = [convert(value) for value in condition.values]
    if condition.operator == "in":
        choices = set(wanted)
        return lambda row: _read(row, name, convert) in choices
    compare = _COMPARE[condition.operator]
    right = wanted[0]

    def test(row: Json) -> bool:
        left = _read(row, name, convert)
        return left is not None and bool(compare(left, right))

    return test


def _read(row: Json, name: str, convert: Callable[[str], Any]) -> Any:
    value = _get(row, name)
    if value is None and name in _BOOLEANS:
        value = False
    return None if value is None else convert(str(value))


def _attachable_test(condition: Condition) -> Callable[[Json], bool]:
    field = "type" if condition.name.casefold().endswith("type") else "value"
    choices = {value.casefold() for value in condition.values}

    def test(row: Json) -> bool:
        refs = [ref.get("EntityRef", {}) for ref in row.get("AttachableRef", [])]
        return any(str(ref.get(field, "")).casefold() in choices for ref in refs)

    return test


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def _converter(name: str) -> Callable[[str], Any]:
    if name in _TIMES:
        return str
    if name in _NUMBERS:
        return _decimal
    if name in _DATES:
        return lambda text: text[:10]
    if name == "Id":
        return lambda text: (0, int(text), "") if text.isdigit() else (1, 0, text)
    return str.casefold


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Fault(4001, f"QueryValidationError: value {text} is not a number") from None


def moment(company: Company, text: str) -> datetime:
    """A point in time from a query or a call for changes; a day alone is its first moment."""
    try:
        # A plus sign that was not encoded arrives as a space.
        found = datetime.fromisoformat(re.sub(r" (\d\d:\d\d)$", r"+\1", text.strip()))
    except ValueError:
        raise Fault(4001, f"QueryValidationError: value {text} is not a date") from None
    if found.tzinfo is not None:
        return found
    return found.replace(tzinfo=UTC if company.switches.naive_times == "utc" else COMPANY_ZONE)

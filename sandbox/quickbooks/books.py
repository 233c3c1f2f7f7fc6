"""The rows of the company: stored by entity and id, indexed, undone when a call is refused, kept in a file on request.

It knows nothing of what the entities mean. A stored document is never changed in place: it is replaced, so that what
was handed out stays as it was and every call can be undone.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from sandbox.quickbooks.errors import Json
from sandbox.quickbooks.jsontext import dump, load
from sandbox.quickbooks.schema import TRANSACTIONS

# Intuit stamps times of the Pacific coast; a fixed offset keeps the stamps sortable as text.
COMPANY_ZONE = timezone(timedelta(hours=-8))
PEOPLE = ("Customer", "Vendor", "Employee")


def _sequence(kind: str) -> str:
    """Transactions share one sequence of ids, and so do the names."""
    return "Transaction" if kind in TRANSACTIONS else "Name" if kind in PEOPLE else kind


def _value_of(path: str) -> Callable[[Json], str | None]:
    def value(doc: Json) -> str | None:
        found = doc.get(path)
        if isinstance(found, dict):
            found = found.get("value")
        return None if found is None else str(found).casefold()

    return value


INDEXED: dict[str, dict[str, Callable[[Json], str | None]]] = {
    **{
        kind: {"DocNumber": _value_of("DocNumber"), "CustomerRef": _value_of("CustomerRef")}
        for kind in ("Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt")
    },
    **{
        kind: {"DocNumber": _value_of("DocNumber"), "VendorRef": _value_of("VendorRef")}
        for kind in ("Bill", "PurchaseOrder", "VendorCredit", "BillPayment")
    },
    **{kind: {"DocNumber": _value_of("DocNumber")} for kind in ("Purchase", "Deposit", "JournalEntry")},
    "Payment": {"CustomerRef": _value_of("CustomerRef"), "PaymentRefNum": _value_of("PaymentRefNum")},
    **{
        kind: {"DisplayName": _value_of("DisplayName"), "FullyQualifiedName": _value_of("FullyQualifiedName")}
        for kind in PEOPLE
    },
    "Item": {
        "Name": _value_of("Name"),
        "Sku": _value_of("Sku"),
        "FullyQualifiedName": _value_of("FullyQualifiedName"),
    },
    **{
        kind: {"Name": _value_of("Name"), "FullyQualifiedName": _value_of("FullyQualifiedName")}
        for kind in ("Account", "Class", "Department")
    },
    **{kind: {"Name": _value_of("Name")} for kind in ("Term", "PaymentMethod", "TaxCode", "TaxRate", "CustomerType")},
}


class Clock:
    """The company's time: the machine's, moved by `shift` seconds."""

    def __init__(self) -> None:
        self.shift = 0.0

    def seconds(self) -> float:
        return time.time() + self.shift

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds(), UTC)

    def stamp(self, seconds: float | None = None) -> str:
        moment = datetime.fromtimestamp(self.seconds() if seconds is None else seconds, COMPANY_ZONE)
        return moment.isoformat(timespec="seconds")

    def envelope_stamp(self) -> str:
        return datetime.fromtimestamp(self.seconds(), COMPANY_ZONE).isoformat(timespec="milliseconds")

    def today(self) -> str:
        return datetime.fromtimestamp(self.seconds(), COMPANY_ZONE).date().isoformat()


class Books:
    """Documents by entity and id. Whoever reads or writes holds `lock`, one call at a time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self._rows: dict[str, dict[str, Json]] = {}
        self._updated: dict[str, dict[str, float]] = {}
        self._gone: dict[str, dict[str, float]] = {}
        self._index: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
        self._next: dict[str, int] = {}
        self._undo: list[tuple[str, str, Json | None, float | None, float | None]] = []

    # -- reading

    def get(self, kind: str, key: str) -> Json | None:
        return self._rows.get(kind, {}).get(key)

    def all(self, kind: str) -> dict[str, Json]:
        return self._rows.get(kind, {})

    def kinds(self) -> list[str]:
        return list(self._rows)

    def updated(self, kind: str, key: str) -> float:
        return self._updated[kind][key]

    def was_deleted(self, kind: str, key: str) -> bool:
        return key in self._gone.get(kind, {})

    def gone_since(self, kind: str, since: float) -> Iterator[tuple[str, float]]:
        return ((key, at) for key, at in self._gone.get(kind, {}).items() if at >= since)

    def find(self, kind: str, field: str, value: str) -> list[Json]:
        """Documents whose indexed field has the value (case does not count), oldest first."""
        rows = self._rows.get(kind, {})
        return [rows[key] for key in self._index.get((kind, field), {}).get(value.casefold(), {})]

    def has_index(self, kind: str, field: str) -> bool:
        return field in INDEXED.get(kind, {})

    # -- writing (inside one call; `commit` or `rollback` ends it)

    def insert(self, kind: str, doc: Json, *, key: str | None = None, at: float | None = None) -> Json:
        """Stores a new document under the next id (transactions share one sequence) and returns it as stored."""
        sequence = _sequence(kind)
        if key is None:
            number = self._next.get(sequence, 1)
            while self.get(kind, str(number)) is not None or self.was_deleted(kind, str(number)):
                number += 1
            key = str(number)
        if key.isdigit():
            self._next[sequence] = max(self._next.get(sequence, 1), int(key) + 1)
        seconds = self.clock.seconds() if at is None else at
        stamp = self.clock.stamp(seconds)
        stored = {
            **doc,
            "domain": "QBO",
            "sparse": False,
            "Id": key,
            "SyncToken": "0",
            "MetaData": {"CreateTime": stamp, "LastUpdatedTime": stamp},
        }
        self._put(kind, key, stored, seconds)
        return stored

    def replace(self, kind: str, doc: Json, *, bump: bool = True) -> Json:
        """Stores the next state of a document: times move, and the SyncToken too unless `bump` is off."""
        key = doc["Id"]
        old = self._rows[kind][key]
        seconds = self.clock.seconds()
        stored = {
            **doc,
            "domain": "QBO",
            "sparse": False,
            "SyncToken": str(int(old["SyncToken"]) + (1 if bump else 0)),
            "MetaData": {**old["MetaData"], "LastUpdatedTime": self.clock.stamp(seconds)},
        }
        self._put(kind, key, stored, seconds)
        return stored

    def amend(self, kind: str, key: str, **values: Any) -> None:
        """Sets figures that follow from elsewhere (balances): neither times nor SyncToken move."""
        self._put(kind, key, {**self._rows[kind][key], **values}, self._updated[kind][key])

    def remove(self, kind: str, key: str) -> None:
        self._remember(kind, key)
        self._unindex(kind, self._rows[kind].pop(key))
        self._updated[kind].pop(key)
        self._gone.setdefault(kind, {})[key] = self.clock.seconds()

    def moved(self) -> list[tuple[str, str, bool]]:
        """What the open call has made, changed or removed so far: (entity, id, was there before)."""
        first: dict[tuple[str, str], float | None] = {}
        for kind, key, _, updated, _ in self._undo:
            first.setdefault((kind, key), updated)
        return [
            (kind, key, before is not None)
            for (kind, key), before in first.items()
            if self._updated.get(kind, {}).get(key) != before
        ]

    def commit(self) -> list[tuple[str, str]]:
        """Ends a call that went well; returns what it touched as (entity, id)."""
        touched = list(dict.fromkeys((kind, key) for kind, key, *_ in self._undo))
        self._undo.clear()
        return touched

    def rollback(self) -> None:
        """Undoes everything since the last commit."""
        while self._undo:
            kind, key, doc, updated, gone = self._undo.pop()
            current = self._rows.get(kind, {}).pop(key, None)
            if current is not None:
                self._unindex(kind, current)
                self._updated[kind].pop(key)
            self._gone.get(kind, {}).pop(key, None)
            if gone is not None:
                self._gone[kind][key] = gone
            if doc is not None and updated is not None:
                self._rows[kind][key] = doc
                self._updated[kind][key] = updated
                self._enindex(kind, doc)

    # -- inside

    def _remember(self, kind: str, key: str) -> None:
        self._undo.append(
            (kind, key, self.get(kind, key), self._updated.get(kind, {}).get(key), self._gone.get(kind, {}).get(key))
        )

    def _put(self, kind: str, key: str, doc: Json, seconds: float) -> None:
        self._remember(kind, key)
        rows = self._rows.setdefault(kind, {})
        old = rows.get(key)
        rows[key] = doc
        self._updated.setdefault(kind, {})[key] = seconds
        for field, value_of in INDEXED.get(kind, {}).items():
            before = None if old is None else value_of(old)
            after = value_of(doc)
            if before == after:
                continue
            index = self._index.setdefault((kind, field), {})
            if before is not None:
                self._drop(index, before, key)
            if after is not None:
                index.setdefault(after, {})[key] = None

    def _enindex(self, kind: str, doc: Json) -> None:
        for field, value_of in INDEXED.get(kind, {}).items():
            value = value_of(doc)
            if value is not None:
                self._index.setdefault((kind, field), {}).setdefault(value, {})[doc["Id"]] = None

    def _unindex(self, kind: str, doc: Json) -> None:
        for field, value_of in INDEXED.get(kind, {}).items():
            value = value_of(doc)
            if value is not None:
                self._drop(self._index[(kind, field)], value, doc["Id"])

    @staticmethod
    def _drop(index: dict[str, dict[str, None]], value: str, key: str) -> None:
        keys = index.get(value)
        if keys is not None:
            keys.pop(key, None)
            if not keys:
                del index[value]

    # -- for the file

    def state_of(self, touched: Iterable[tuple[str, str]]) -> list[list[Any]]:
        """What the file must know of the touched rows: [entity, id, updated, document or null]."""
        return [
            [kind, key, self._updated[kind][key], doc]
            if (doc := self.get(kind, key)) is not None
            else [kind, key, self._gone[kind][key], None]
            for kind, key in touched
            if doc_known(self, kind, key)
        ]

    def everything(self) -> Iterator[tuple[str, str]]:
        for kind, rows in self._rows.items():
            for key in rows:
                yield kind, key
        for kind, gone in self._gone.items():
            for key in gone:
                yield kind, key

    def discard(self, kind: str, key: str) -> None:
        """Forgets a row as if it had never been (before the file's rows are taken over)."""
        doc = self._rows.get(kind, {}).pop(key, None)
        if doc is not None:
            self._unindex(kind, doc)
            self._updated[kind].pop(key)
        self._gone.get(kind, {}).pop(key, None)

    def restore(self, kind: str, key: str, seconds: float, doc: Json | None) -> None:
        """Takes a row over from the file."""
        sequence = _sequence(kind)
        if key.isdigit():
            self._next[sequence] = max(self._next.get(sequence, 1), int(key) + 1)
        old = self._rows.setdefault(kind, {}).pop(key, None)
        if old is not None:
            self._unindex(kind, old)
            self._updated[kind].pop(key)
        if doc is None:
            self._gone.setdefault(kind, {})[key] = seconds
            return
        self._rows[kind][key] = doc
        self._updated.setdefault(kind, {})[key] = seconds
        self._enindex(kind, doc)


def doc_known(books: Books, kind: str, key: str) -> bool:
    return books.get(kind, key) is not None or books.was_deleted(kind, key)


class BooksFile:
    """The books as lines of JSON: one line for each call that changed something, rewritten whole when opened.

    A line is written in one go after the call is done, so a killed sandbox keeps all it has answered; a last line
    that is cut off is left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None

    def read(self) -> Iterator[Json]:
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8") as file:
            for line in file:
                try:
                    entry = load(line)
                except (json.JSONDecodeError, UnicodeDecodeError):
                    return
                if isinstance(entry, dict):
                    yield entry

    def rewrite(self, entries: Iterable[Json]) -> None:
        """Replaces the file as a whole (written beside it, then renamed) and keeps it open for more."""
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(self.path.name + ".new")
        with beside.open("w", encoding="utf-8") as file:
            for entry in entries:
                file.write(dump(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
        self._file = self.path.open("a", encoding="utf-8")

    def append(self, entry: Json) -> None:
        if self._file is not None:
            self._file.write(dump(entry) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def decimal(value: Any) -> Decimal:
    """A stored number, or zero where there is none."""
    return value if isinstance(value, Decimal) else Decimal(value or 0)

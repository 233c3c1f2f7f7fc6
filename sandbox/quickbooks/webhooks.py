"""Webhooks: what changed in the books is told to an address, signed, in either of Intuit's two forms.

Source: Intuit's pages on webhooks; CloudEvents since May 2026, the older form before. It knows no entity's rules.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import queue
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.quickbooks.errors import Json

Operation = Literal["Create", "Update", "Delete", "Void", "Emailed"]
_ATTEMPTS = 3
_TIMEOUT = 5.0
_PAST = {"Create": "created", "Update": "updated", "Delete": "deleted", "Void": "voided", "Emailed": "emailed"}
#: Updates that have a name of their own.
_TOLD_APART: dict[str, Operation] = {"void": "Void", "send": "Emailed"}
SILENT = frozenset({"Preferences", "CompanyInfo", "TaxCode", "TaxRate", "TaxAgency", "ExchangeRate", "Attachable"})


@dataclass(frozen=True, slots=True)
class Change:
    """One entity that was changed: `at` is the stamp of the change."""

    entity: str
    key: str
    operation: Operation
    at: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where changes are told. `form` is "cloudevents" or "legacy"; `copies`: how often each message is sent."""

    url: str
    verifier_token: str = "sandbox-verifier-token"
    form: Literal["cloudevents", "legacy"] = "cloudevents"
    copies: int = 1


def message(realm_id: str, changes: Sequence[Change], form: str) -> bytes:
    """The body of one message."""
    if form == "legacy":
        entities = [
            {"name": each.entity, "id": each.key, "operation": each.operation, "lastUpdated": each.at}
            for each in changes
        ]
        note: Any = {"eventNotifications": [{"realmId": realm_id, "dataChangeEvent": {"entities": entities}}]}
        return json.dumps(note).encode()
    source = f"intuit.{hashlib.sha256(realm_id.encode()).hexdigest()[:24]}"
    events = [
        {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": source,
            "type": f"qbo.{each.entity.lower()}.{_PAST[each.operation]}.v1",
            "datacontenttype": "application/json",
            "time": each.at,
            "intuitentityid": each.key,
            "intuitaccountid": realm_id,
            "data": {},
        }
        for each in changes
    ]
    return json.dumps(events).encode()


def signature(verifier_token: str, body: bytes) -> str:
    """The value of the header intuit-signature."""
    return base64.b64encode(hmac.new(verifier_token.encode(), body, hashlib.sha256).digest()).decode("ascii")


class Messenger:
    """Sends messages from a thread of its own, so that no call waits for a receiver; it tries three times."""

    def __init__(self, realm_id: str) -> None:
        self._realm_id = realm_id
        self.receiver: Receiver | None = None
        self._queue: queue.Queue[tuple[Receiver, bytes] | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def tell(self, changes: Sequence[Change]) -> None:
        receiver = self.receiver
        if receiver is None or not changes:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
            self._thread.start()
        body = message(self._realm_id, changes, receiver.form)
        for _ in range(receiver.copies):
            self._queue.put((receiver, body))

    def stop(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_TIMEOUT * _ATTEMPTS)
            self._thread = None

    def _work(self) -> None:
        while (entry := self._queue.get()) is not None:
            receiver, body = entry
            for _ in range(_ATTEMPTS):
                if _delivered(receiver, body):
                    break


def _delivered(receiver: Receiver, body: bytes) -> bool:
    headers = {
        "Content-Type": "application/json" if receiver.form == "legacy" else "application/cloudevents+json",
        "intuit-signature": signature(receiver.verifier_token, body),
    }
    request = urllib.request.Request(receiver.url, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def changes_of(operation: str, entity: str | None, moved: Sequence[tuple[str, str, bool]], books: Any) -> list[Change]:
    """The changes of one call: rows that are new, moved or gone, and what was done to the row that was asked for.

    `moved` holds (entity, id, was there before) of rows whose times have moved.
    """
    out = []
    for kind, key, existed in moved:
        if kind in SILENT:
            continue
        doc: Json | None = books.get(kind, key)
        told: Operation = "Delete" if doc is None else "Update" if existed else "Create"
        if kind == entity and told == "Update":
            told = _TOLD_APART.get(operation, told)
        if doc is not None or existed:
            out.append(Change(kind, key, told, books.clock.stamp()))
    return out

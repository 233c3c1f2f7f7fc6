"""What a record is called for ever: the ledger's key, and the marker by which a document in the books is known as ours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MARKER_PREFIX = "cloudcart:"


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    """`store` is the shop's identity (the same however often it is connected), `kind` the record's kind, `source_id` its id.

    The document's type and the connection's row are no part of it: a changed type stays in its slot, and reconnecting
    doubles nothing.
    """

    store: str
    kind: str
    source_id: str

    def marker(self, slot: str) -> str:
        """`cloudcart:` and 20 hex digits, derived from key and slot."""
        digest = hashlib.sha256("\x1f".join((self.store, self.kind, self.source_id, slot)).encode()).hexdigest()
        return MARKER_PREFIX + digest[:20]

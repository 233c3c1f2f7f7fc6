"""What a record is called for ever: the ledger's key, and the marker by which a document in the books is known as ours."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    """Which record: the shop's own identity (not the connection's row, so that reconnecting doubles nothing), the
    kind of record ("order", "refund", …) and its id there."""

    store: str
    kind: str
    source_id: str


def marker(company_identity: str, key: RecordKey, slot: str) -> str:
    """The last line of a document's private note, by which it is known as ours: the same for the same slot, whatever
    database or connection made it. 26 characters, for example `cloudcart:ABCDEFGHIJKLMNOP`."""
    place = "\x1f".join((company_identity, key.store, key.kind, key.source_id, slot))
    return "cloudcart:" + b32encode(hashlib.sha256(place.encode("utf-8", "surrogatepass")).digest()[:10]).decode()

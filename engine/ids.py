"""Ids that leave the database: changes when what other programs see as an id changes. It knows no table."""

from __future__ import annotations

import os
import time
import uuid


def new_uid() -> str:
    """A UUID of version 7 (RFC 9562) as 36 characters: ordered by the millisecond it was made in, else random."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    value |= 0b10 << 62 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return str(uuid.UUID(int=value))


def new_request_id() -> str:
    """An id for one send: 32 characters, where QuickBooks allows 36 in a batch. Random, never derived from content."""
    return uuid.uuid4().hex

"""What a remote system answered over HTTP, read safely and shown without secrets; it knows no system and no socket."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whole. `url` is where it came from after redirects, without its query."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    redirected: bool = False

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        """The body as text; what is no UTF-8 is shown as �."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON; NaN, Infinity and numbers too large for a computer stay text. ValueError if it is none."""
        return read_json(self.body)


def read_json(body: bytes) -> Any:
    """JSON from bytes, with or without byte order mark. Raises ValueError for all that is no JSON, however deep."""
    told = body.decode("utf-8-sig", errors="replace").lstrip("\ufeff \t\r\n")
    try:
        return json.loads(told, parse_constant=str, parse_float=_float)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _float(told: str) -> float | str:
    value = float(told)
    return value if math.isfinite(value) else told


_LOOKS_SECRET = re.compile(
    r"(?i)\bc[ks]_[0-9a-f]{8,64}"
    r"|\b(?:Basic|Bearer|OAuth)\s+(?=\S*[0-9+/=])[A-Za-z0-9+/=_.~-]{8,}"
    r"|(?:consumer_secret|consumer_key|oauth_signature|oauth_consumer_key|access_token|refresh_token|client_secret|"
    r"password)(?:=|%3D|\"\s*:\s*\"?)[^&\s\"<>]{1,300}"
)


def scrub(told: str, secrets: Iterable[str] = ()) -> str:
    """A text without these secrets and without what looks like one."""
    for secret in secrets:
        if len(secret) >= 6:
            told = told.replace(secret, "…")
    return _LOOKS_SECRET.sub("…", told)


def excerpt(answer: Answer, secrets: Iterable[str] = (), limit: int = 300) -> str:
    """The beginning of an answer for a log: HTML without tags, no secrets, one line."""
    told = answer.body[:20_000].decode("utf-8", errors="replace")
    if "<" in told and told.lstrip()[:1] not in ("{", "["):
        told = re.sub(r"(?is)<(script|style)\b.*?(</\1>|$)", " ", told)
        told = re.sub(r"(?s)<!--.*?(-->|$)|<[^>]*(>|$)", " ", told)
    told = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", told).split())
    return scrub(told, secrets)[:limit]


def retry_after(answer: Answer, now: float, most: float = 3600.0) -> float | None:
    """Seconds to wait that the answer asks for (`Retry-After` as seconds or date); `now` is the epoch's seconds."""
    told = answer.headers.get("Retry-After", "").strip()
    if not told:
        return None
    if told.isascii() and told.isdecimal():
        return min(float(told), most)
    try:
        return min(max(parsedate_to_datetime(told).timestamp() - now, 0.0), most)
    except (ValueError, TypeError, OverflowError):
        return None

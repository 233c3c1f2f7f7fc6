"""How one shop's API is asked: keys in header, query or signature, short addresses, a few retries, JSON or an error.

It knows no resource: what is asked and what the answer means is up to others.
"""

from __future__ import annotations

import base64
import re
import secrets as randomness
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

from connectors.answers import Answer
from connectors.errors import ConnectorError, Rejected, Retry
from connectors.http import HttpSession
from connectors.ports import Clock
from connectors.woocommerce.refusals import refusal
from connectors.woocommerce.signing import header, signed

LONGEST_URL: Final = 254
"""iThemes Security refuses addresses of more than about 255 characters ("Filter long URL strings")."""

Auth = Literal["header", "query", "oauth_header", "oauth_query"]
_TRIES: Final = 3
#: What is often over in a second.
_PASSING: Final = frozenset({"connection_broken", "shop_error", "answer_cut", "answer_empty", "nonce_used"})
_LONGEST_WAIT: Final = 20.0
_SAFE_IN_QUERY: Final = "-._~:,"


Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Got:
    """A success: the JSON, the headers, and whether PHP warnings had to be cut off before it."""

    data: Any
    answer: Answer
    with_notices: bool = False

    def count(self, *names: str) -> int | None:
        for name in names:
            told = self.answer.headers.get(name, "")
            if told.isdigit():
                return int(told)
        return None


class ShopClient:
    """One API of one shop.

    `root` ends in a slash (`https://shop.example/wp-json/wc/v3/`); `home` is the shop's own address, with which it
    checks signatures; `legacy` the number of the legacy API (2 or 3), 0 for `wc/v…`. Plain http works with signatures
    only (WooCommerce ignores Basic there).
    """

    def __init__(
        self,
        *,
        session: HttpSession,
        clock: Clock,
        root: str,
        home: str,
        key: str,
        secret: str,
        legacy: int = 0,
        auth: Auth | None = None,
        counts: Counter[str] | None = None,
    ) -> None:
        self.root = root
        self.legacy = legacy
        self.counts: Counter[str] = counts if counts is not None else Counter()
        self._session = session
        self._clock = clock
        self._home = home.rstrip("/")
        self._key, self._secret = key, secret
        modes: tuple[Auth, ...]
        if urlsplit(root).scheme == "https":
            modes = ("header", "query")
        else:
            # The legacy API reads signatures from the query only.
            modes = ("oauth_query",) if legacy else ("oauth_header", "oauth_query")
        self._modes = (auth, *(mode for mode in modes if mode != auth)) if auth and auth in modes else modes

    @property
    def auth(self) -> Auth:
        """How the keys are sent; after a success the way that worked."""
        return self._modes[0]

    @property
    def header_is_stripped(self) -> bool:
        """Whether the keys had to be put into the address because the shop's host drops the header."""
        return self.auth == "query"

    def get(self, path: str, params: Params = (), *, kind: str = "list") -> Got:
        """GET with retries. Raises errors of `connectors.errors`; the second kind of authentication is tried before a
        key counts as unknown."""
        first: ConnectorError | None = None
        for mode in self._modes:
            try:
                got = self._patiently(path, params, mode, kind)
            except ConnectorError as error:
                if error.code not in ("key_unknown", "signature_wrong") or error.status not in (401, 404):
                    raise
                first = first or error
                continue
            if mode != self._modes[0]:
                self._modes = (mode, *(other for other in self._modes if other != mode))
            return got
        raise first or AssertionError("no way of sending keys")

    def _patiently(self, path: str, params: Params, mode: Auth, kind: str) -> Got:
        for attempt in range(1, _TRIES + 1):
            try:
                return self._once(path, params, mode, kind)
            except Retry as error:
                wait = error.after if error.after is not None else 5.0
                if error.code in _PASSING:
                    wait = min(wait, 1.0 * 3 ** (attempt - 1))
                if attempt == _TRIES or wait > _LONGEST_WAIT:
                    raise
                self._clock.sleep(wait)
        raise AssertionError("unreachable")

    def _once(self, path: str, params: Params, mode: Auth, kind: str) -> Got:
        url, headers = self._build(path, params, mode)
        self.counts[kind] += 1
        answer = self._session.request(
            "GET", url, headers={"Accept": "application/json"}, secret_headers=headers, follow=False
        )
        if 200 <= answer.status < 300:
            found = read_success(answer)
            if found is not None:
                return Got(found[0], answer, found[1])
        raise refusal(answer, secrets=(self._secret, self._key), now=self._clock.now().timestamp())

    def _build(self, path: str, params: Params, mode: Auth) -> tuple[str, dict[str, str]]:
        """Address and secret headers of a request; `Rejected` ("address_too_long") where firewalls would stop it."""
        url, headers = self._address(path, list(params), mode)
        if len(url) <= LONGEST_URL or mode == "oauth_query":
            # A signature is longer than that by itself: it goes into the address only on plain http to old shops.
            return url, headers
        raise Rejected(
            f"The address for this request has {len(url)} characters, more than firewalls let through.",
            code="address_too_long",
            next_step="Ask the shop's host to pass the Authorization header on to PHP, so that keys need not be in the "
            "address.",
            scope="connection",
        )

    def _address(self, path: str, pairs: list[tuple[str, str]], mode: Auth) -> tuple[str, dict[str, str]]:
        headers: dict[str, str] = {}
        if mode == "header":
            told = base64.b64encode(f"{self._key}:{self._secret}".encode()).decode()
            headers["Authorization"] = f"Basic {told}"
        elif mode == "query":
            pairs = [*pairs, ("consumer_key", self._key), ("consumer_secret", self._secret)]
        else:
            # Some versions sort `filter[…]` before they check the signature, some keep the order that was sent.
            pairs = sorted(pairs)
            oauth = signed(
                "GET",
                self._home + self.root[len(_origin(self.root, self._home)) :] + path,
                pairs,
                key=self._key,
                secret=self._secret,
                timestamp=int(self._clock.now().timestamp()),
                nonce=randomness.token_hex(8),
                bare_secret=self.legacy in (1, 2),
            )
            if mode == "oauth_header":
                headers["Authorization"] = header(oauth)
            else:
                pairs = [*pairs, *oauth]
        query = "&".join(f"{quote(name, safe='_')}={quote(value, safe=_SAFE_IN_QUERY)}" for name, value in pairs)
        return self.root + path + ("?" + query if query else ""), headers

    def room_for(self, path: str, params: Params) -> int:
        """Characters left in the address for one more parameter's value, the way keys are sent now."""
        if self.auth == "oauth_query":
            return 400
        url, _ = self._address(path, list(params), self.auth)
        return max(LONGEST_URL - len(url) - 1, 0)


def _origin(root: str, home: str) -> str:
    """The part of `root` that stands for the shop's home: the API lies right below it."""
    for mark in ("/index.php/wp-json/", "/wp-json/", "/wc-api/"):
        found = root.rfind(mark)
        if found >= 0:
            return root[:found]
    return home


_NOTICE: Final = re.compile(r"(?i)<b>(warning|notice|deprecated|fatal error|strict standards)</b>|php (warning|notice)")


def read_success(answer: Answer) -> tuple[Any, bool] | None:
    """The JSON of a success, even where PHP printed warnings before it; missing if there is none."""
    try:
        data = answer.json()
        return (data, False) if isinstance(data, dict | list) else None
    except ValueError:
        pass
    told = answer.text()
    if not _NOTICE.search(told[:20_000]):
        return None
    for found in list(re.finditer(r"[\[{]", told))[:200]:
        try:
            data = Answer(status=200, headers={}, body=told[found.start() :].encode(errors="replace"), url="").json()
        except ValueError:
            continue
        if isinstance(data, dict | list):
            return data, True
    return None

"""Bytes to Intuit and back: sessions that add nothing of their own, and one request with its whole answer.

What surely was not sent is told from what may have arrived by `connectors.watched`. It knows no token and no document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.auth import AuthBase

from connectors.answers import Answer
from connectors.http import USER_AGENT
from connectors.watched import InFlight, TooLarge, WatchedAdapter, allowed


class Broken(Exception):
    """No whole answer came. `sent`: the request may have arrived; `late`: the time was up."""

    def __init__(self, reason: str, *, sent: bool, late: bool) -> None:
        super().__init__(reason)
        self.sent = sent
        self.late = late


class Bearer(AuthBase):
    """Set as `auth`, so that no netrc of the machine puts its own header in place of ours."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def open_session() -> requests.Session:
    """A session with watched connections, without retries of its own, cookies or redirects to follow."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    adapter = WatchedAdapter()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def ask(
    session: requests.Session,
    method: str,
    url: str,
    *,
    timeout: tuple[float, float],
    total: float,
    limit: int,
    before_write: Callable[[], None] = allowed,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    data: bytes | str | None = None,
    auth: AuthBase | tuple[str, str] | None = None,
) -> Answer:
    """One request and its whole answer, of any status. `timeout` is for connecting and for each read, `total` for all,
    in seconds; `limit` is in bytes. Raises Broken, or what `before_write` raises just before the first byte."""
    with InFlight(total, before_write) as watched:
        try:
            response = session.request(
                method,
                url,
                params=params,
                headers=headers,
                data=data,
                auth=auth,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            )
            try:
                content = watched.body(response, limit)
            finally:
                response.close()
        except TooLarge:
            raise Broken("the answer is too large", sent=watched.sent, late=False) from None
        except (requests.RequestException, OSError) as error:
            late = watched.expired or isinstance(error, requests.Timeout | TimeoutError)
            raise Broken(type(error).__name__, sent=watched.sent, late=late) from None
    return Answer(status=response.status_code, headers=response.headers, body=content, url=url.partition("?")[0])

"""One company's line to QuickBooks: python-quickbooks' client with what it lacks around its requests.

Tokens renewed once, the rate budget, counts, the last check before a write, and every answer classified before it is
parsed. It knows URLs and bytes, no documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from quickbooks.client import QuickBooks

from connectors import errors
from connectors.answers import Answer, scrub
from connectors.ports import Clock, RateBudget, Tokens, TokenStore
from connectors.quickbooks import faults, wire
from connectors.quickbooks.meanings import LOOKED_FOR, RECONNECT, THROTTLE_PAUSE
from connectors.quickbooks.oauth import OAuth, Settings
from connectors.watched import allowed

# Renewed a little before it ends, so that no write meets a 401.
_RENEW_BEFORE = timedelta(seconds=60)


class Transport(QuickBooks):  # type: ignore[misc]  # the library is untyped
    """python-quickbooks' client for one company. Not shared between threads.

    `before_write` is called just before the first byte of a write leaves; what it raises (the lease is gone) comes out
    unchanged, and nothing was sent.
    """

    def __new__(cls, *args: object, **kwargs: object) -> Transport:
        made: Transport = super().__new__(cls, minorversion=QuickBooks.MINIMUM_MINOR_VERSION, use_decimal=True)
        return made

    def __init__(
        self,
        settings: Settings,
        company_id: str,
        tokens: TokenStore,
        clock: Clock,
        budget: RateBudget,
        before_write: Callable[[], None] = allowed,
    ) -> None:
        if not company_id.isdigit():
            raise ValueError(f"{company_id!r} is not the id of a QuickBooks company")
        self.settings = settings
        self.company_id = company_id
        self.minorversion = settings.minor_version
        self.api_url_v3 = self.sandbox_api_url_v3 = f"{settings.api}/v3"
        self.counts: Counter[str] = Counter()
        self.before_write = before_write
        self._tokens = tokens
        self._clock = clock
        self._budget = budget
        self._secrets: set[str] = {settings.client_secret} - {""}
        self._last_used = float("-inf")
        # Intuit's id of the last answer, which their support asks for.
        self.last_trace_id: str | None = None
        self.session = wire.open_session()
        self._oauth = OAuth(settings, self.session)

    def close(self) -> None:
        """Let go of the connections."""
        self.session.close()

    def redact(self, said: str) -> str:
        """The text without our tokens and keys."""
        return scrub(said, self._secrets)

    # ------------------------------------------------------------------------------------------- the library's hooks

    def make_request(
        self,
        request_type: str,
        url: str,
        request_body: str | bytes | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
        file_path: str | None = None,
        file_bytes: bytes | None = None,
        request_id: str | None = None,
    ) -> dict[str, Any]:
        """Every call of the library comes through here. A POST that is no query counts as a write."""
        if file_path or file_bytes:
            raise ValueError("attachments are not sent by this program")
        query = url.rpartition("/")[2]
        write = request_type != "GET" and query != "query"
        kind = {"query": "query", "batch": "batch", "cdc": "changes"}.get(query, "single" if write else "read")
        wanted = {**(params or {}), "minorversion": str(self.minorversion)}
        if request_id:
            wanted["requestid"] = request_id
        data = request_body.encode() if isinstance(request_body, str) else request_body
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        return self.call(kind, request_type, url, params=wanted, headers=headers, data=data or None, write=write)

    # ------------------------------------------------------------------------------------------------ one whole call

    def call(
        self,
        kind: str,
        method: str,
        url: str,
        *,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        data: bytes | None,
        write: bool,
    ) -> dict[str, Any]:
        """One call with the token renewed where needed: at most two requests, byte for byte the same.

        Raises `errors.Retry` (surely not done), `errors.Unknown` (writes that may be done), `errors.Rejected`,
        `errors.ReconnectNeeded`.
        """
        tokens = self._token()
        for second in (False, True):
            self._budget.take("batch" if kind == "batch" else "call")
            answer = self._once(kind, method, url, params, headers, data, write, tokens)
            self.last_trace_id = faults.trace_of(answer)
            if not faults.token_expired(answer):
                break
            if second:
                raise errors.ReconnectNeeded(
                    "QuickBooks refuses even a fresh token for this company",
                    next_step=RECONNECT,
                    status=401,
                    trace_id=faults.trace_of(answer),
                )
            tokens = self._renew(tokens)
        try:
            return faults.read_answer(answer, write=write, redact=self.redact, now=self._clock.now().timestamp())
        except errors.Retry as error:
            if error.code == "throttled":
                self._budget.pause(error.after or THROTTLE_PAUSE, error.message)
            raise

    def _token(self) -> Tokens:
        tokens = self._tokens.read()
        self._secrets |= {tokens.access_token, tokens.refresh_token} - {""}
        if tokens.expires - _RENEW_BEFORE <= self._clock.now():
            tokens = self._renew(tokens)
        return tokens

    def _renew(self, stale: Tokens) -> Tokens:
        def exchange(stored: Tokens) -> Tokens:
            self.counts["token"] += 1
            return self._oauth.refresh(stored)

        renewed = self._tokens.refresh(stale.access_token, exchange)
        self._secrets |= {renewed.access_token, renewed.refresh_token} - {""}
        return renewed

    def _once(
        self,
        kind: str,
        method: str,
        url: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        data: bytes | None,
        write: bool,
        tokens: Tokens,
    ) -> Answer:
        now = self._clock.monotonic()
        if now - self._last_used > self.settings.idle_limit:
            self.session.close()  # the other side may have hung up; a write into that would be an unknown
        self.counts[kind] += 1
        try:
            return wire.ask(
                self.session,
                method,
                url,
                params=params,
                headers=headers,
                data=data,
                auth=wire.Bearer(tokens.access_token),
                timeout=(self.settings.connect_timeout, self.settings.read_timeout),
                total=self.settings.total_timeout,
                limit=self.settings.answer_limit,
                before_write=self.before_write if write else allowed,
            )
        except wire.Broken as broken:
            raise self._broken(broken, write) from None
        finally:
            self._last_used = self._clock.monotonic()

    def _broken(self, broken: wire.Broken, write: bool) -> errors.ConnectorError:
        if broken.sent and write:
            return errors.Unknown(
                f"QuickBooks did not confirm in time ({broken})"
                if broken.late
                else f"The line to QuickBooks broke before it confirmed ({broken})",
                code="no_answer",
                next_step=LOOKED_FOR,
            )
        if str(broken) == "SSLError" and not broken.sent:
            return errors.Retry(
                "The certificate at the address of QuickBooks is not trusted by this machine",
                code="certificate",
                next_step="Check the machine's clock and certificates, and whether a proxy opens encrypted connections.",
                scope="connection",
                counts=False,
                after=60.0,
            )
        return errors.Retry(
            f"QuickBooks cannot be reached ({broken})",
            code="unreachable",
            next_step="Check the network of this machine; work goes on by itself.",
            scope="connection",
            counts=False,
            after=15.0,
        )

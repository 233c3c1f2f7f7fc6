"""OAuth 2 as Intuit grants it: codes, access tokens that expire, refresh tokens that change; it knows no books."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.quickbooks.books import Clock
from sandbox.quickbooks.options import Options

SCOPE = "com.intuit.quickbooks.accounting"
HARD_LIFE_SECONDS = 5 * 365 * 86400


class Refused(Exception):
    """An OAuth error: HTTP status, `error` and `error_description`."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


@dataclass(slots=True)
class Grant:
    """What a person granted once: its current tokens and how long they live (seconds of the sandbox's clock)."""

    refresh_token: str
    refresh_expires: float
    granted_at: float
    rotated_at: float
    access: dict[str, float] = field(default_factory=dict)
    previous: dict[str, float] = field(default_factory=dict)
    revoked: bool = False


class Tokens:
    """All grants of the company; callers hold the books' lock."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._codes: dict[str, tuple[float, str]] = {}
        self.grants: list[Grant] = []

    def configure(self, options: Options) -> None:
        self._options = options

    # -- the three calls

    def authorize(self, redirect_uri: str) -> str:
        """A code for the redirect; good once and for some minutes."""
        code = f"AB1{secrets.token_urlsafe(24)}"
        self._codes[code] = (self._clock.seconds() + self._options.authorization_code_seconds, redirect_uri)
        return code

    def token(self, authorization: str | None, form: dict[str, str], *, hard_expiry: bool = False) -> dict[str, Any]:
        """The token call. Raises Refused."""
        self._check_client(authorization)
        kind = form.get("grant_type")
        if kind == "authorization_code":
            expires, redirect_uri = self._codes.pop(form.get("code", ""), (0.0, ""))
            if expires < self._clock.seconds():
                raise Refused(400, "invalid_grant", "Invalid authorization code")
            if form.get("redirect_uri", "") != redirect_uri:
                raise Refused(400, "invalid_grant", "Invalid redirect_uri")
            return self._answer(self.grant(), hard_expiry=hard_expiry)
        if kind == "refresh_token":
            return self._answer(self._refresh(form.get("refresh_token", "")), hard_expiry=hard_expiry)
        raise Refused(400, "unsupported_grant_type", "The grant type is not supported")

    def revoke(self, authorization: str | None, token: str) -> None:
        self._check_client(authorization)
        for grant in self.grants:
            if token in {grant.refresh_token, *grant.access, *grant.previous}:
                grant.revoked = True
                return
        raise Refused(400, "invalid_request", "The token is not known")

    # -- asked by the API

    def why_refused(self, token: str) -> str | None:
        """None for a good access token, else the detail of the 401."""
        for grant in self.grants:
            expires = grant.access.get(token)
            if expires is None:
                continue
            if grant.revoked:
                return f"Token revoked: {token[:12]}"
            return None if expires > self._clock.seconds() else f"Token expired: {token[:12]}"
        return "Malformed bearer token or token not known"

    def grant(self) -> Grant:
        """A new grant with tokens of its own."""
        now = self._clock.seconds()
        grant = Grant(_refresh_value(), now + self._options.refresh_token_seconds, now, now)
        self._new_access(grant)
        self.grants.append(grant)
        return grant

    def expire_access(self) -> None:
        for grant in self.grants:
            grant.access = dict.fromkeys(grant.access, 0.0)

    def state(self) -> list[dict[str, Any]]:
        return [asdict(grant) for grant in self.grants]

    def restore(self, state: list[dict[str, Any]]) -> None:
        self.grants = [
            Grant(
                str(entry["refresh_token"]),
                float(entry["refresh_expires"]),
                float(entry["granted_at"]),
                float(entry["rotated_at"]),
                {token: float(expires) for token, expires in entry["access"].items()},
                {token: float(expires) for token, expires in entry["previous"].items()},
                bool(entry["revoked"]),
            )
            for entry in state
        ]

    # -- inside

    def _refresh(self, token: str) -> Grant:
        now = self._clock.seconds()
        for grant in self.grants:
            current = token == grant.refresh_token and grant.refresh_expires > now
            if grant.revoked or not (current or grant.previous.get(token, 0.0) > now):
                continue
            if now - grant.rotated_at >= self._options.switches.refresh_rotation and current:
                grant.previous = {grant.refresh_token: now + self._options.switches.refresh_grace}
                grant.refresh_token = _refresh_value()
                grant.rotated_at = now
            grant.refresh_expires = min(now + self._options.refresh_token_seconds, grant.granted_at + HARD_LIFE_SECONDS)
            self._new_access(grant)
            return grant
        raise Refused(400, "invalid_grant", "Incorrect or invalid refresh token")

    def _new_access(self, grant: Grant) -> None:
        now = self._clock.seconds()
        grant.access = {token: expires for token, expires in grant.access.items() if expires > now - 86400}
        grant.access[f"eyJlbmMi.{secrets.token_urlsafe(32)}"] = now + self._options.access_token_seconds

    def _answer(self, grant: Grant, *, hard_expiry: bool) -> dict[str, Any]:
        now = self._clock.seconds()
        answer: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": list(grant.access)[-1],
            "expires_in": self._options.access_token_seconds,
            "refresh_token": grant.refresh_token,
            "x_refresh_token_expires_in": round(grant.refresh_expires - now),
        }
        if hard_expiry:
            answer["x_refresh_token_hard_expires_in"] = round(grant.granted_at + HARD_LIFE_SECONDS - now)
        return answer

    def _check_client(self, authorization: str | None) -> None:
        expected = f"{self._options.client_id}:{self._options.client_secret}".encode()
        scheme, _, value = (authorization or "").partition(" ")
        try:
            given = base64.b64decode(value, validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        if not secrets.compare_digest(given, expected):
            raise Refused(401, "invalid_client", "Client authentication failed")


def _refresh_value() -> str:
    return f"RT1-{secrets.token_urlsafe(30)}"

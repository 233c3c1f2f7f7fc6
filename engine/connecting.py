"""How a person connects a shop or a company by typed or handed-over credentials: which boxes there are, and what becomes of them.

It asks nobody: the caller shows what is to be shown. Pages of the authorise flows are none of its business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from connectors.ports import CredentialField, Tokens
from connectors.quickbooks import LoopbackRedirect, OAuth, new_state, read_callback
from engine.systems import SHOPS, SYSTEMS, Office, connect_quickbooks, connect_shop, quickbooks_settings

#: Other names under which programs hand over the same thing.
_SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "woocommerce": {"base_url": "url", "key": "consumer_key", "secret": "consumer_secret"},
    "quickbooks": {"realmId": "realm_id", "company_id": "realm_id"},
}


class CredentialsIncomplete(Exception):
    """A box that has to be filled in is empty; the message names it."""


def boxes(kind: str) -> tuple[CredentialField, ...]:
    """The boxes of a system's credentials form. Raises CredentialsIncomplete for a kind that cannot be connected."""
    if kind not in SYSTEMS:
        raise CredentialsIncomplete(f"'{kind}' cannot be connected; these can: {', '.join(SYSTEMS)}.")
    return SYSTEMS[kind].credentials


def understood(kind: str, given: Mapping[str, object]) -> dict[str, str]:
    """The known boxes of what was handed over (the line that a sandbox prints, for instance), by their own names."""
    synonyms = _SYNONYMS.get(kind, {})
    known = {box.name for box in boxes(kind)} | {"discovery_url", "ca_file"}
    named = {synonyms.get(name, name) if name not in known else name: value for name, value in given.items()}
    return {name: str(value) for name, value in named.items() if name in known and value not in (None, "")}


def missing(kind: str, credentials: Mapping[str, str]) -> tuple[CredentialField, ...]:
    """The boxes that have to be filled in and are not."""
    return tuple(box for box in boxes(kind) if box.required and not credentials.get(box.name))


def connect(
    office: Office,
    *,
    kind: str,
    name: str,
    credentials: Mapping[str, str],
    send_browser_to: Callable[[str], None],
    redirect_port: int = 0,
) -> str:
    """Connect under a name, or give new credentials to the connection of that name; what it is, in a line.

    QuickBooks: with tokens in the credentials, those; else a person's browser is sent to Intuit and comes back to a port
    of this machine (which development keys allow). Raises CredentialsIncomplete and the connector's errors; then
    nothing is stored.
    """
    lacking = missing(kind, credentials)
    if lacking:
        raise CredentialsIncomplete(f"{lacking[0].label} ({lacking[0].name}) is missing. {lacking[0].help}".rstrip())
    now = office.clock.now()
    if kind in SHOPS:
        shop = connect_shop(office, kind=kind, name=name, credentials=credentials, at=now)
        return f"{shop.title or shop.identity}, {SHOPS[kind].title} {shop.version}, {shop.currency}, {shop.zone}"
    settings = quickbooks_settings(credentials)
    if credentials.get("refresh_token"):
        held = _handed_over(credentials, now)
        company_id = credentials.get("realm_id", "")
        if not company_id:
            raise CredentialsIncomplete("Tokens need the id of their company (realm_id) beside them.")
    else:
        held, company_id = _by_browser(OAuth(settings), send_browser_to, redirect_port)
    profile = connect_quickbooks(office, name=name, settings=settings, company_id=company_id, held=held, at=now)
    return f"{profile.title}, QuickBooks Online {profile.country}, {profile.currency}"


def _handed_over(credentials: Mapping[str, str], now: datetime) -> Tokens:
    # How long an access token handed over still lives is not known; the first refusal refreshes it.
    return Tokens(
        access_token=credentials.get("access_token") or "none",
        refresh_token=credentials["refresh_token"],
        expires=now.astimezone(UTC) + timedelta(minutes=30),
    )


def _by_browser(oauth: OAuth, send_browser_to: Callable[[str], None], port: int) -> tuple[Tokens, str]:
    state = new_state()
    with LoopbackRedirect(port) as redirect:
        send_browser_to(oauth.authorization_url(state, redirect.redirect_uri))
        answer = read_callback(redirect.wait(), state)
        return oauth.exchange(answer.code, redirect.redirect_uri), answer.company_id

"""Opens connectors from stored connections, and stores connections once they answered. The only place that builds a connector.

Adding a system means one entry here beside its own file in `connectors/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors import errors
from connectors.ports import BooksProfile, Clock, ConnectorDeclaration, ShopProfile, Tokens
from connectors.quickbooks import DECLARATION as QUICKBOOKS
from connectors.quickbooks import OAuth, QuickBooksOnline
from connectors.quickbooks import Settings as QuickBooksSettings
from connectors.woocommerce import DECLARATION as WOOCOMMERCE
from connectors.woocommerce import WooCommerce
from engine import connections, tokens
from engine.connections import CompanyRow, ConnectionRow
from engine.posting import leases
from engine.posting.limits import CompanyBudget
from engine.store.engine import Store
from engine.store.scope import TenantScope
from engine.store.seal import Sealer

SHOPS: Mapping[str, ConnectorDeclaration] = {"woocommerce": WOOCOMMERCE}
SYSTEMS: Mapping[str, ConnectorDeclaration] = {**SHOPS, "quickbooks": QUICKBOOKS}
# Calls a minute and company: a tenth of what QuickBooks allows is left to other programs of the customer.
LIMITS: Mapping[str, int] = {kind: most * 9 // 10 for kind, most in QUICKBOOKS.limits.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What opening a connector takes: the store, whose data, the seal, the clock, and whether private addresses are allowed.

    `limits` are the calls a minute and company that we allow ourselves.
    """

    store: Store
    scope: TenantScope
    sealer: Sealer
    clock: Clock
    allow_private: bool = False
    limits: Mapping[str, int] = field(default_factory=lambda: LIMITS)


class _FixedTokens:
    """Tokens before there is a connection to store them with; a refresh stays in memory until it is stored."""

    def __init__(self, held: Tokens) -> None:
        self.held = held

    def read(self) -> Tokens:
        return self.held

    def refresh(self, stale_access_token: str, exchange: Callable[[Tokens], Tokens]) -> Tokens:
        if self.held.access_token == stale_access_token:
            self.held = exchange(self.held)
        return self.held


class _NoBudget:
    """The first few calls of a connection that is not stored yet count against nothing."""

    def take(self, kind: str) -> None:
        return None

    def pause(self, seconds: float, reason: str) -> None:
        raise errors.Retry(reason, code="busy", after=seconds, scope="connection")


# ------------------------------------------------------------------------------------------------------------ opening


def open_shop(office: Office, row: ConnectionRow) -> WooCommerce:
    """The shop behind a connection. Close it when done. Raises UnknownConnection for a kind that is no shop."""
    if row.kind not in SHOPS:
        raise connections.UnknownConnection(f"'{row.name}' is no shop but {row.kind}.")
    connections.refuse_gone(row)
    with office.store.read() as session:
        secrets = connections.secrets_of(office.scope, session, office.sealer, row)
    return WooCommerce(
        {**row.settings, **secrets},
        clock=office.clock,
        allow_private=office.allow_private,
        known=_shop_profile(row),
        ca_file=row.settings.get("ca_file") or None,
        parent_skus=row.settings.get("parent_skus") or {},
    )


def _shop_profile(row: ConnectionRow) -> ShopProfile | None:
    if not row.profile:
        return None
    return ShopProfile(identity=row.identity, zone=row.zone, currency=row.currency or "", **row.profile)


def open_books(office: Office, row: CompanyRow) -> QuickBooksOnline:
    """The company behind a connection; just before each write it asks whether the poster still has its lease."""
    with office.store.read() as session:
        connection = connections.by_id(office.scope, session, row.connection_id)
        connections.refuse_gone(connection)
        secrets = connections.secrets_of(office.scope, session, office.sealer, connection)
    return QuickBooksOnline(
        quickbooks_settings({**connection.settings, **secrets}),
        row.identity,
        tokens.StoredTokens(office.store, office.scope, row.connection_id, office.sealer, office.clock),
        office.clock,
        CompanyBudget(office.store, office.scope, row.id, office.limits, office.clock),
        before_write=leases.check_before_call,
    )


def quickbooks_settings(given: Mapping[str, Any]) -> QuickBooksSettings:
    """The app's keys and addresses from what a connection holds (plain and secret together)."""
    return QuickBooksSettings(
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        redirect_uri=given.get("redirect_uri", ""),
        environment=given.get("environment", "production"),
        base_url=given.get("base_url") or None,
        discovery_url=given.get("discovery_url") or None,
    )


# --------------------------------------------------------------------------------------------------------- connecting


def connect_shop(office: Office, *, kind: str, name: str, credentials: Mapping[str, str], at: datetime) -> ShopProfile:
    """Say hello to a shop and store the connection. Raises the connector's errors; then nothing is stored."""
    if kind not in SHOPS:
        raise connections.UnknownConnection(f"'{kind}' is no shop; shops: {', '.join(SHOPS)}.")
    shop = WooCommerce(
        credentials, clock=office.clock, allow_private=office.allow_private, ca_file=credentials.get("ca_file") or None
    )
    try:
        profile = shop.profile()
    finally:
        shop.close()
    secret = {field.name for field in SHOPS[kind].credentials if field.secret}
    with office.store.write() as session:
        connections.save(
            office.scope,
            session,
            office.sealer,
            kind=kind,
            name=name,
            identity=profile.identity,
            zone=profile.zone,
            currency=profile.currency,
            settings={key: value for key, value in credentials.items() if key not in secret},
            secrets={key: value for key, value in credentials.items() if key in secret},
            profile=connections.shop_profile_form(profile),
            at=at,
        )
    return profile


def connect_quickbooks(
    office: Office, *, name: str, settings: QuickBooksSettings, company_id: str, held: Tokens, at: datetime
) -> BooksProfile:
    """Say hello to a company with fresh tokens and store connection, tokens and company. Raises the connector's errors."""
    fixed = _FixedTokens(held)
    books = QuickBooksOnline(settings, company_id, fixed, office.clock, _NoBudget())
    try:
        profile = books.profile()
    finally:
        books.close()
    with office.store.write() as session:
        id_ = connections.save(
            office.scope,
            session,
            office.sealer,
            kind="quickbooks",
            name=name,
            identity=profile.id,
            zone=profile.zone or "UTC",
            currency=profile.currency,
            settings={
                "client_id": settings.client_id,
                "redirect_uri": settings.redirect_uri,
                "environment": settings.environment,
                "base_url": settings.base_url,
                "discovery_url": settings.discovery_url,
            },
            secrets={"client_secret": settings.client_secret},
            profile={},
            at=at,
        )
        connections.save_company(office.scope, session, id_, "quickbooks", profile, at=at)
    # A second transaction, because the seal is bound to the connection's stored id; without tokens it asks to reconnect.
    kept = tokens.StoredTokens(office.store, office.scope, id_, office.sealer, office.clock)
    with office.store.write() as session:
        kept.save(session, fixed.held)
    return profile


def disconnect(office: Office, name: str) -> ConnectionRow:
    """End a connection: tokens are given back, secrets are forgotten, and nothing moves over it any more.

    What was posted stays, and so does the ledger: connecting the same shop or company again goes on where it stopped.
    Raises UnknownConnection, or the connector's errors where the tokens cannot be given back now.
    """
    with office.store.read() as session:
        row = connections.named(office.scope, session, name)
        secrets = connections.secrets_of(office.scope, session, office.sealer, row)
    if row.kind not in SHOPS and secrets:
        kept = tokens.StoredTokens(office.store, office.scope, row.id, office.sealer, office.clock)
        try:
            held = kept.read()
        except errors.ReconnectNeeded:
            held = None  # nothing is left to give back
        if held is not None:
            OAuth(quickbooks_settings({**row.settings, **secrets})).revoke(held)
    with office.store.write() as session:
        connections.forget(office.scope, session, row.id)
    return row


def refresh_profile(office: Office, row: CompanyRow, books: QuickBooksOnline, *, at: datetime) -> CompanyRow:
    """Read the company's preferences anew (people switch features on and off) and store them."""
    profile = books.profile()
    with office.store.write() as session:
        connections.save_company(office.scope, session, row.connection_id, row.kind, profile, at=at)
        return connections.company_of(office.scope, session, id_=row.id)

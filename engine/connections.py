"""Connections to shops and companies: stored with their secrets sealed, and opened as connectors. Nothing else opens one.

A connection's name is what people call it. Its identity is the shop's or company's own: reconnecting under another
name doubles nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from connectors.errors import ConnectorError, ReconnectNeeded, Retry
from connectors.ports import BooksProfile, ShopProfile
from engine.ids import new_uid
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.seal import SealBroken, Sealed, Sealer
from engine.store.tables import company, connection, credential, tenant, token

DEFAULT_TENANT = "default"


class UnknownConnection(Exception):
    """No connection of that name; the message lists those that there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """A stored connection. `settings` holds nothing secret; `zone` is the shop's or company's own (IANA)."""

    id: int
    uid: str
    kind: str
    name: str
    identity: str
    zone: str
    currency: str | None
    settings: Mapping[str, Any]
    profile: Mapping[str, Any]
    state: str
    state_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRow:
    """The target company behind a connection to books."""

    id: int
    uid: str
    connection_id: int
    kind: str
    identity: str
    title: str
    currency: str
    zone: str
    profile: BooksProfile
    profile_read_at: datetime | None
    state: str
    state_reason: str | None


def default_scope(store: Store, *, at: datetime) -> TenantScope:
    """The tenant that the command line works for, made on first use."""
    with store.write() as session:
        found = session.execute(select(tenant.c.id).where(tenant.c.name == DEFAULT_TENANT)).scalar_one_or_none()
        if found is None:
            found = session.execute(
                insert(tenant).values(uid=new_uid(), name=DEFAULT_TENANT, created_at=at).returning(tenant.c.id)
            ).scalar_one()
    return TenantScope(found)


def save(
    scope: TenantScope, session: Session, sealer: Sealer, *, kind: str, name: str, identity: str, zone: str, currency: str | None,
    settings: Mapping[str, Any], secrets: Mapping[str, str], profile: Mapping[str, Any], at: datetime,
) -> int:  # fmt: skip
    """Store a connection, or the new credentials of one that has that name; its id."""
    found = session.execute(
        select(connection.c.id, connection.c.uid, connection.c.kind).where(
            scope.of(connection), connection.c.name == name
        )
    ).one_or_none()
    values = {
        "kind": kind,
        "name": name,
        "identity": identity,
        "zone": zone,
        "currency": currency,
        "settings": dict(settings),
        "profile": dict(profile),
        "state": "active",
        "state_reason": None,
        "not_before": None,
    }
    if found is None:
        uid = new_uid()
        id_ = session.execute(
            insert(connection)
            .values(tenant_id=scope.tenant_id, uid=uid, created_at=at, **values)
            .returning(connection.c.id)
        ).scalar_one()
    else:
        id_, uid = found.id, found.uid
        session.execute(update(connection).where(scope.of(connection), connection.c.id == id_).values(values))
    for field, value in secrets.items():
        sealed = sealer.seal(value, tenant_id=scope.tenant_id, connection_uid=uid, field=field)
        kept = {"key_id": sealed.key_id, "sealed": sealed.data}
        changed = session.execute(
            update(credential)
            .where(scope.of(credential), credential.c.connection_id == id_, credential.c.field == field)
            .values(kept)
        ).rowcount
        if not changed:
            session.execute(
                insert(credential).values(tenant_id=scope.tenant_id, connection_id=id_, field=field, **kept)
            )
    return int(id_)


def secrets_of(scope: TenantScope, session: Session, sealer: Sealer, row: ConnectionRow) -> dict[str, str]:
    """The connection's secrets, opened. They go to a connector and nowhere else. Raises Retry where they do not open."""
    rows = session.execute(select(credential).where(scope.of(credential), credential.c.connection_id == row.id))
    try:
        return {
            held.field: sealer.open(
                Sealed(held.key_id, held.sealed), tenant_id=scope.tenant_id, connection_uid=row.uid, field=held.field
            )
            for held in rows
        }
    except SealBroken as error:
        raise Retry(
            f"The secrets of '{row.name}' no longer open: {error}",
            code="sealed",
            scope="connection",
            next_step="Put the key that they were sealed with back, behind the new one in CLOUDCART_SECRET_KEYS; or connect "
            "again under the same name.",
        ) from error


def _row(held: Row[Any]) -> ConnectionRow:
    return ConnectionRow(
        id=held.id, uid=held.uid, kind=held.kind, name=held.name, identity=held.identity, zone=held.zone,
        currency=held.currency, settings=held.settings, profile=held.profile, state=held.state, state_reason=held.state_reason,
    )  # fmt: skip


def every(scope: TenantScope, session: Session) -> list[ConnectionRow]:
    """All connections, by name."""
    rows = session.execute(select(connection).where(scope.of(connection)).order_by(connection.c.name))
    return [_row(held) for held in rows]


def named(scope: TenantScope, session: Session, name: str) -> ConnectionRow:
    """The connection of that name; raises UnknownConnection, which names those that there are."""
    held = session.execute(select(connection).where(scope.of(connection), connection.c.name == name)).one_or_none()
    if held is None:
        known = ", ".join(f"'{row.name}'" for row in every(scope, session)) or "none yet"
        raise UnknownConnection(f"There is no connection called '{name}'. Connections: {known}.")
    return _row(held)


def by_id(scope: TenantScope, session: Session, id_: int) -> ConnectionRow:
    """The connection of that id; raises UnknownConnection."""
    held = session.execute(select(connection).where(scope.of(connection), connection.c.id == id_)).one_or_none()
    if held is None:
        raise UnknownConnection(f"There is no connection {id_}.")
    return _row(held)


def of_kind(scope: TenantScope, session: Session, kind: str) -> list[ConnectionRow]:
    """The connections to one kind of system."""
    return [row for row in every(scope, session) if row.kind == kind and row.state != "gone"]


def set_state(scope: TenantScope, session: Session, id_: int, state: str, reason: str | None) -> None:
    """Say how a connection stands ("active", "paused", "reconnect_needed", "gone") and why."""
    session.execute(
        update(connection).where(scope.of(connection), connection.c.id == id_).values(state=state, state_reason=reason)
    )


def refuse_gone(row: ConnectionRow) -> None:
    """Raises UnknownConnection for a connection that was ended."""
    if row.state == "gone":
        raise UnknownConnection(
            f"'{row.name}' was disconnected. Connect it again: cloudcart connect {row.kind} --name \"{row.name}\""
        )


def forget(scope: TenantScope, session: Session, id_: int) -> None:
    """End a connection: its secrets and tokens are deleted, its company takes no more posts. Everything else stays."""
    for kept in (credential, token):
        session.execute(delete(kept).where(scope.of(kept), kept.c.connection_id == id_))
    gone = {"state": "gone", "state_reason": "disconnected"}
    session.execute(update(connection).where(scope.of(connection), connection.c.id == id_).values(gone))
    session.execute(update(company).where(scope.of(company), company.c.connection_id == id_).values(gone))


def shop_profile_form(profile: ShopProfile) -> dict[str, Any]:
    """A shop's profile as it is stored."""
    return {
        "title": profile.title,
        "version": profile.version,
        "api": profile.api,
        "prices_include_tax": profile.prices_include_tax,
        "details": dict(profile.details),
    }


def books_profile_form(profile: BooksProfile) -> dict[str, Any]:
    """A company's profile as it is stored."""
    form = asdict(profile)
    form["custom_fields"] = dict(profile.custom_fields)
    form["features"] = dict(profile.features)
    return form


def books_profile_of(form: Mapping[str, Any]) -> BooksProfile:
    """The profile that `books_profile_form` wrote; keys of a newer program are left aside."""
    known = BooksProfile.__dataclass_fields__
    return BooksProfile(**{name: held for name, held in form.items() if name in known})


def _profile_values(profile: BooksProfile, at: datetime) -> dict[str, Any]:
    return {
        "title": profile.title,
        "country": profile.country,
        "currency": profile.currency,
        "zone": profile.zone or "UTC",
        "profile": books_profile_form(profile),
        "profile_read_at": at,
    }


def keep_profile(scope: TenantScope, session: Session, id_: int, profile: BooksProfile, *, at: datetime) -> None:
    """Store what a company says of itself now; how its connection stands is not touched."""
    session.execute(update(company).where(scope.of(company), company.c.id == id_).values(_profile_values(profile, at)))


def save_company(
    scope: TenantScope, session: Session, connection_id: int, kind: str, profile: BooksProfile, *, at: datetime
) -> int:
    """Store what the company said of itself; its id."""
    values = {
        **_profile_values(profile, at),
        "connection_id": connection_id,
        "state": "active",
        "state_reason": None,
        "failures": 0,
    }
    found = session.execute(
        select(company.c.id).where(scope.of(company), company.c.kind == kind, company.c.identity == profile.id)
    ).scalar_one_or_none()
    if found is None:
        return int(
            session.execute(
                insert(company)
                .values(
                    tenant_id=scope.tenant_id, uid=new_uid(), kind=kind, identity=profile.id, created_at=at, **values
                )
                .returning(company.c.id)
            ).scalar_one()
        )
    session.execute(update(company).where(scope.of(company), company.c.id == found).values(values))
    return int(found)


def stop_company(scope: TenantScope, session: Session, company_id: int, error: ConnectorError) -> bool:
    """A company and its connection take no calls until a person acts; says whether they did until now, so that people
    are told once."""
    state = "reconnect_needed" if isinstance(error, ReconnectNeeded) else "paused"
    stopped = session.execute(
        update(company)
        .where(scope.of(company), company.c.id == company_id, company.c.state == "active")
        .values(state=state, state_reason=error.message)
        .returning(company.c.connection_id)
    ).scalar_one_or_none()
    if stopped is not None:
        set_state(scope, session, stopped, state, error.message)
    return stopped is not None


def company_of(
    scope: TenantScope, session: Session, *, connection_id: int | None = None, id_: int | None = None
) -> CompanyRow:
    """The company of a connection (or by its own id); raises UnknownConnection."""
    condition = company.c.id == id_ if id_ is not None else company.c.connection_id == connection_id
    held = session.execute(select(company).where(scope.of(company), condition)).one_or_none()
    if held is None:
        raise UnknownConnection("That connection has no company: connect to QuickBooks again.")
    return CompanyRow(
        id=held.id, uid=held.uid, connection_id=held.connection_id, kind=held.kind, identity=held.identity,
        title=held.title, currency=held.currency, zone=held.zone, profile=books_profile_of(held.profile),
        profile_read_at=held.profile_read_at, state=held.state, state_reason=held.state_reason,
    )  # fmt: skip


def companies(scope: TenantScope, session: Session) -> list[CompanyRow]:
    """All companies, by their ids."""
    ids = session.execute(select(company.c.id).where(scope.of(company)).order_by(company.c.id)).scalars().all()
    return [company_of(scope, session, id_=id_) for id_ in ids]

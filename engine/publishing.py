"""Rule sets as they are published: versions that never change, their flows bound to connections, programs compiled once.

A version is a bundle with one hash: text, tables, and the packs that it uses. Publishing the same bundle again makes nothing new.
What a version means is kept by its number for ever: a record that stands in the books is decided by the version that first
posted it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, insert, select, update

from connectors.errors import ConnectorError
from dsl.diagnostics import Diagnostic
from dsl.packs import Library
from dsl.program import FlowSpec, Program
from engine import agenda, connections, lists, unknown_names
from engine.connections import CompanyRow, ConnectionRow
from engine.ids import new_uid
from engine.packs.libraries import Bundles, Remembering, hashes
from engine.packs.pack import bundle_hash
from engine.rulesets import CannedRuleSets, RuleSetBroken, carried, compile_text
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import flow, ruleset, ruleset_version, schedule


class FlowUnbound(Exception):
    """A flow's source or target is no connection, or could be several; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """A published flow. `first_published_at` is when it began to be: nothing older moves unless `starting` says so."""

    id: int
    uid: str
    name: str
    ruleset_id: int
    version_id: int
    connection_id: int
    company_id: int
    first_published_at: datetime
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What publishing made: the version, whether it is new, and its flows.

    `warnings` are the checker's, with those of names that the books do not have; `unread` are the companies whose books
    could not be looked into for that, with the reason: their names are compared at the first run. `idle` are, in words,
    the flows that do nothing yet.
    """

    version_id: int
    number: int
    new: bool
    flows: tuple[FlowRow, ...]
    warnings: tuple[Diagnostic, ...]
    unread: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()


def publish(
    store: Store, scope: TenantScope, *, name: str, text: str, tables: Mapping[str, str], author: str, at: datetime,
    note: str = "", read_lists: Callable[[CompanyRow], object] | None = None, library: Library | None = None,
) -> Published:  # fmt: skip
    """Check a rule set, keep it as a version, and bind its flows.

    Packs are those of `library`, else the ones that come with the product; the version carries along those that it uses.
    `read_lists` reads a company's lists from its books; it is called, outside of transactions, for companies whose lists
    have never been read, and may raise the connector's errors, which refuse nothing. Raises RuleSetBroken with the
    diagnostics where it has errors, FlowUnbound where a flow's source or target cannot be found.
    """
    asked = Remembering(library or CannedRuleSets())
    compiled = compile_text(text, file=name, tables=tables, library=asked)
    packs = asked.bundled()
    moved = [spec for spec in compiled.program.flows if not spec.off and spec.sync in (None, "orders")]
    with store.read() as session:
        companies = {company.id: company for _, company in (bind(scope, session, spec) for spec in moved)}
        latest = _latest(scope, session, name)
    names = _Names()
    if not _is_same(latest, text, tables, packs):
        names = _compare_names(
            store, scope, companies.values(), name, text, tables, asked, compiled.diagnostics, read_lists
        )  # fmt: skip
    with store.write() as session:
        ruleset_id = _ruleset_id(scope, session, name, at)
        latest = _latest(scope, session, name)
        if latest is not None and _is_same(latest, text, tables, packs):
            version_id, number, new = latest.id, latest.number, False
        else:
            number, new = (latest.number + 1 if latest else 1), True
            version_id = session.execute(
                insert(ruleset_version)
                .values(
                    tenant_id=scope.tenant_id,
                    uid=new_uid(),
                    ruleset_id=ruleset_id,
                    number=number,
                    hash=bundle_hash(text, tables, hashes(packs)),
                    text=text,
                    tables=dict(tables),
                    packs=packs,
                    author=author,
                    note=note,
                    published_at=at,
                )
                .returning(ruleset_version.c.id)
            ).scalar_one()
        rows = []
        for spec in moved:
            shop, company = bind(scope, session, spec)
            row, begins = _keep_flow(scope, session, spec, ruleset_id, version_id, shop, company, at)
            rows.append(row)
            if begins:
                agenda.decide_all(scope, session, row.id, at=at)
            elif new:
                agenda.decide_what_does_not_stand(scope, session, row.id, at=at)
        for company in names.compared:
            unknown_names.told(scope, session, company, ruleset_id=ruleset_id, version_id=version_id, at=at)
        # A flow that the new version no longer has stops; what it posted stays.
        stopped = session.execute(
            update(flow)
            .where(
                scope.of(flow),
                flow.c.ruleset_id == ruleset_id,
                flow.c.name.not_in([row.name for row in rows]),
                flow.c.active,
            )
            .values(active=False)
            .returning(flow.c.id)
        ).scalars()
        agenda.forget(scope, session, list(stopped))
    return Published(
        version_id=version_id,
        number=number,
        new=new,
        flows=tuple(rows),
        warnings=(*compiled.diagnostics, *names.unknown),
        unread=tuple(names.unread),
        idle=tuple(
            f"Flow '{spec.name}' moves {spec.sync}, and this version moves orders only: it does nothing yet."
            for spec in compiled.program.flows
            if not spec.off and spec not in moved
        ),
    )


@dataclass(slots=True)
class _Names:
    """What came of comparing the names of a text with the books of its flows' companies."""

    compared: list[CompanyRow] = field(default_factory=list)
    unknown: list[Diagnostic] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def _compare_names(
    store: Store, scope: TenantScope, companies: Iterable[CompanyRow], name: str, text: str, tables: Mapping[str, str],
    library: Library, of_its_own: Sequence[Diagnostic], read_lists: Callable[[CompanyRow], object] | None,
) -> _Names:  # fmt: skip
    names = _Names()
    for company in companies:
        with store.read() as session:
            reason = "" if lists.were_read(scope, session, company.id) else "not read yet"
        if reason and read_lists is not None:
            try:
                read_lists(company)
            except ConnectorError as error:
                reason = f"{error.message} {error.next_step}".rstrip()
            except connections.UnknownConnection as error:
                reason = str(error)
        with store.read() as session:
            found = unknown_names.in_text(
                store, scope, session, company.id, name=name, text=text, tables=tables, library=library,
                of_its_own=of_its_own,
            )  # fmt: skip
        if found is None:
            names.unread.append(f"{company.title}: {reason}")
            continue
        names.compared.append(company)
        names.unknown += [each for each in found if each not in names.unknown]
    return names


def _is_same(latest: Row[Any] | None, text: str, tables: Mapping[str, str], packs: Bundles) -> bool:
    """Whether the newest version is this bundle. Those of before versions carried packs along are compared without."""
    if latest is None:
        return False
    used = {} if latest.packs is None else hashes(packs)
    return bool(latest.hash == bundle_hash(text, tables, used))


def _latest(scope: TenantScope, session: Session, name: str) -> Row[Any] | None:
    """The newest version of a rule set."""
    return session.execute(
        select(ruleset_version)
        .join_from(
            ruleset_version,
            ruleset,
            (ruleset.c.tenant_id == ruleset_version.c.tenant_id) & (ruleset.c.id == ruleset_version.c.ruleset_id),
        )
        .where(scope.of(ruleset_version), ruleset.c.name == name)
        .order_by(ruleset_version.c.number.desc())
        .limit(1)
    ).one_or_none()


def _ruleset_id(scope: TenantScope, session: Session, name: str, at: datetime) -> int:
    found = session.execute(select(ruleset.c.id).where(scope.of(ruleset), ruleset.c.name == name)).scalar_one_or_none()
    if found is not None:
        return int(found)
    return int(
        session.execute(
            insert(ruleset)
            .values(tenant_id=scope.tenant_id, uid=new_uid(), name=name, created_at=at)
            .returning(ruleset.c.id)
        ).scalar_one()
    )


def bind(scope: TenantScope, session: Session, spec: FlowSpec) -> tuple[ConnectionRow, CompanyRow]:
    """The connections that a flow moves between: by name where it names them, else the only one of that kind."""
    shop = _one(scope, session, spec, spec.source or "", named=spec.source_named, side="from")
    target = _one(scope, session, spec, spec.target or "", named=spec.target_named, side="to")
    return shop, connections.company_of(scope, session, connection_id=target.id)


def _one(scope: TenantScope, session: Session, spec: FlowSpec, wanted: str, *, named: bool, side: str) -> ConnectionRow:
    if named:
        try:
            return connections.named(scope, session, wanted)
        except connections.UnknownConnection as unknown:
            raise FlowUnbound(f"Flow '{spec.name}', {side} \"{wanted}\": {unknown}") from unknown
    found = connections.of_kind(scope, session, wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise FlowUnbound(
            f"Flow '{spec.name}' goes {side} {wanted}, but nothing of that kind is connected yet."
            f" Connect one first: cloudcart connect {wanted} --name NAME"
        )
    names = ", ".join(f'"{row.name}"' for row in found)
    raise FlowUnbound(
        f"Flow '{spec.name}' goes {side} {wanted}, and there are several: {names}. Write the name in quotes instead."
    )


def _keep_flow(
    scope: TenantScope, session: Session, spec: FlowSpec, ruleset_id: int, version_id: int, shop: ConnectionRow,
    company: CompanyRow, at: datetime,
) -> tuple[FlowRow, bool]:  # fmt: skip
    """The flow as it is from now on, and whether it begins: it is new, was stopped, or moves between others than before."""
    values = {
        "ruleset_id": ruleset_id,
        "ruleset_version_id": version_id,
        "connection_id": shop.id,
        "company_id": company.id,
        "active": True,
    }
    held = session.execute(select(flow).where(scope.of(flow), flow.c.name == spec.name)).one_or_none()
    begins = True
    if held is None:
        id_ = session.execute(
            insert(flow)
            .values(tenant_id=scope.tenant_id, uid=new_uid(), name=spec.name, first_published_at=at, **values)
            .returning(flow.c.id)
        ).scalar_one()
    else:
        id_ = held.id
        begins = not held.active or (held.connection_id, held.company_id) != (shop.id, company.id)
        session.execute(update(flow).where(scope.of(flow), flow.c.id == id_).values(values))
    _keep_schedule(scope, session, id_, spec, company, at)
    return by_id(scope, session, id_), begins


def _keep_schedule(
    scope: TenantScope, session: Session, flow_id: int, spec: FlowSpec, company: CompanyRow, at: datetime
) -> None:
    minutes = int(spec.every.total_seconds() // 60) if isinstance(spec.every, timedelta) else None
    daily = spec.every.strftime("%H:%M") if isinstance(spec.every, time) else None
    if minutes is None and daily is None:
        session.execute(update(schedule).where(scope.of(schedule), schedule.c.flow_id == flow_id).values(active=False))
        return
    values = {"every_minutes": minutes, "daily_at": daily, "zone": company.zone, "active": True}
    held = session.execute(select(schedule).where(scope.of(schedule), schedule.c.flow_id == flow_id)).one_or_none()
    if held is None:
        session.execute(insert(schedule).values(tenant_id=scope.tenant_id, flow_id=flow_id, next_at=at, **values))
    else:
        session.execute(update(schedule).where(scope.of(schedule), schedule.c.id == held.id).values(values))


def _flow_row(held: Any) -> FlowRow:
    return FlowRow(
        id=held.id, uid=held.uid, name=held.name, ruleset_id=held.ruleset_id, version_id=held.ruleset_version_id,
        connection_id=held.connection_id, company_id=held.company_id, first_published_at=held.first_published_at,
        active=held.active,
    )  # fmt: skip


def by_id(scope: TenantScope, session: Session, flow_id: int) -> FlowRow:
    """A published flow; raises LookupError."""
    held = session.execute(select(flow).where(scope.of(flow), flow.c.id == flow_id)).one_or_none()
    if held is None:
        raise LookupError(f"There is no flow {flow_id}.")
    return _flow_row(held)


def named(scope: TenantScope, session: Session, name: str) -> FlowRow | None:
    """A published flow by its title."""
    held = session.execute(select(flow).where(scope.of(flow), flow.c.name == name)).one_or_none()
    return None if held is None else _flow_row(held)


def flows(scope: TenantScope, session: Session) -> list[FlowRow]:
    """All flows that are active, in the order in which they were published."""
    rows = session.execute(select(flow).where(scope.of(flow), flow.c.active).order_by(flow.c.id))
    return [_flow_row(held) for held in rows]


def rivals(scope: TenantScope, session: Session, of: FlowRow) -> frozenset[int]:
    """The other flows between the same shop and the same company: each order is taken by one of them."""
    return frozenset(
        each.id
        for each in flows(scope, session)
        if each.id != of.id and (each.connection_id, each.company_id) == (of.connection_id, of.company_id)
    )


def starting_day(row: FlowRow, spec: FlowSpec, zone: str) -> date:
    """The first day whose orders a flow takes: the one it says, else the day on which it was first published, as the shop
    counts days (`zone`), since it is compared with the days of the shop's orders."""
    return spec.starting or row.first_published_at.astimezone(ZoneInfo(zone)).date()


class Programs:
    """Compiled versions by id, kept in the process: a version never changes."""

    def __init__(self, store: Store, scope: TenantScope) -> None:
        self._store = store
        self._scope = scope
        self._programs: dict[int, Program] = {}
        self._lock = Lock()

    def of_version(self, version_id: int) -> Program:
        """The program of a version; raises LookupError for one that is not this tenant's."""
        with self._lock:
            known = self._programs.get(version_id)
        if known is not None:
            return known
        with self._store.read() as session:
            row = session.execute(
                select(ruleset_version, ruleset.c.name)
                .join_from(
                    ruleset_version,
                    ruleset,
                    (ruleset.c.tenant_id == ruleset_version.c.tenant_id)
                    & (ruleset.c.id == ruleset_version.c.ruleset_id),
                )
                .where(self._scope.of(ruleset_version), ruleset_version.c.id == version_id)
            ).one_or_none()
        if row is None:
            raise LookupError(f"There is no rule-set version {version_id}.")
        program = compile_text(row.text, file=row.name, tables=row.tables, library=carried(row.packs)).program
        with self._lock:
            return self._programs.setdefault(version_id, program)


__all__ = ["FlowRow", "FlowUnbound", "Programs", "Published", "RuleSetBroken", "publish"]

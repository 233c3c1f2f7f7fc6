"""Which names of a published rule set (accounts, classes, tax codes, …) are not in the books that its flows go to.

Changes with what is compared and when it is told. They refuse nothing: only an order that needs such a name waits, and
says so itself. Each version is compared once with each company, as soon as that company's lists have been read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from dsl.diagnostics import Diagnostic
from dsl.packs import Library
from engine import cursors, lists, log
from engine.connections import CompanyRow
from engine.lists import KINDS, Lists
from engine.log import Event
from engine.rulesets import carried, compile_text, diagnostics_with_books
from engine.snapshot import checked_entries
from engine.store.engine import Session, Store
from engine.store.scope import TenantScope
from engine.store.tables import company as company_table
from engine.store.tables import ruleset, ruleset_version


def in_text(
    store: Store, scope: TenantScope, session: Session, company_id: int, *, name: str, text: str,
    tables: Mapping[str, str], library: Library, of_its_own: Sequence[Diagnostic],
) -> list[Diagnostic] | None:  # fmt: skip
    """What the checker says of a text with the company's lists at hand, beyond what it says `of_its_own`; missing where
    the lists have not been read yet."""
    if not lists.were_read(scope, session, company_id):
        return None
    kept = Lists(store, scope, company_id)
    kept.renew_in(session)
    entries = [entry for kind in KINDS for entry in kept.all(kind)]
    currency: str = session.execute(
        select(company_table.c.currency).where(scope.of(company_table), company_table.c.id == company_id)
    ).scalar_one()
    books = checked_entries(entries, currency)
    with_books = diagnostics_with_books(text, books, file=name, tables=tables, library=library)
    return [each for each in with_books if each not in of_its_own]


def told(
    scope: TenantScope, session: Session, company: CompanyRow, *, ruleset_id: int, version_id: int, at: datetime
) -> None:
    """Keep that a version was compared with the company's lists."""
    cursors.advance(scope, session, company.connection_id, _stream(ruleset_id), str(version_id), at=at)


def tell(
    store: Store, scope: TenantScope, company: CompanyRow, *, ruleset_id: int, version_id: int, at: datetime
) -> list[str]:
    """The first run of a version whose names could not be compared when it was published: what is not in the books, one
    line each, in the log too. Empty where that was told before, or the lists have still not been read."""
    with store.read() as session:
        if cursors.read(scope, session, company.connection_id, _stream(ruleset_id)) == str(version_id):
            return []
        version = session.execute(
            select(ruleset_version.c.text, ruleset_version.c.tables, ruleset_version.c.packs, ruleset.c.name)
            .join_from(
                ruleset_version,
                ruleset,
                (ruleset.c.tenant_id == ruleset_version.c.tenant_id) & (ruleset.c.id == ruleset_version.c.ruleset_id),
            )
            .where(scope.of(ruleset_version), ruleset_version.c.id == version_id)
        ).one()
        library = carried(version.packs)
        compiled = compile_text(version.text, file=version.name, tables=version.tables, library=library)
        found = in_text(
            store, scope, session, company.id, name=version.name, text=version.text, tables=version.tables,
            library=library, of_its_own=compiled.diagnostics,
        )  # fmt: skip
    if found is None:
        return []
    events = [
        Event(
            code="not_in_books",
            level="warning",
            company_id=company.id,
            values={"message": _line(version.name, each), "next_step": _step(each)},
        )
        for each in found
    ]
    with store.write() as session:
        log.write_many(scope, session, events, at=at)
        told(scope, session, company, ruleset_id=ruleset_id, version_id=version_id, at=at)
    return [log.words(event.code, event.values) for event in events]


def _stream(ruleset_id: int) -> str:
    return f"names:{ruleset_id}"


def _line(name: str, said: Diagnostic) -> str:
    return f"'{name}', line {said.start.line}: {said.message}."


def _step(said: Diagnostic) -> str:
    sentences = (each if each.endswith("?") else f"{each}." for each in (said.label, said.help) if each)
    return " ".join(each[:1].upper() + each[1:] for each in sentences)

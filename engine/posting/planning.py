"""Plans what is to be done in the books, so that a slot never has two creates that may both go out: changes when a newer
wish meets an older one in another way. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from connectors.canonical import content_hash, form_hash, to_canonical
from connectors.documents import Document
from engine.ids import new_uid
from engine.keys import RecordKey
from engine.ledger import SlotKey
from engine.posting import reading, states
from engine.posting.names import is_name
from engine.posting.operations import (
    IN_FLIGHT,
    INTERACTIVE,
    REMOVALS,
    USUAL,
    WAITING,
    Action,
    ForbiddenTransition,
    Planned,
    State,
    Step,
    wave_of,
)
from engine.store.engine import Session
from engine.store.keyed import are_records, chunks, key_of
from engine.store.scope import TenantScope
from engine.store.tables import OPEN_STATES, operation, operation_need

_ACTIONS: tuple[Action, ...] = ("create", "update", "void", "delete")


def plan(scope: TenantScope, session: Session, company_id: int, step: Step, *, at: datetime) -> Planned:
    """Plan one step (`plan_many`)."""
    return plan_many(scope, session, company_id, [step], at=at)[0]


def plan_many(
    scope: TenantScope, session: Session, company_id: int, steps: Sequence[Step], *, at: datetime
) -> list[Planned]:
    """Plan steps, in one round of statements for all of them; the answers are in the order of the steps.

    An equal operation that waits stays ("same") and carries the newer decision from now on: what goes out names the
    decision, and the rule-set version, that last wanted it so. A version that is published between two looks at an
    order is told by all of decision, operation, ledger and log, or by none. Names, which serve many records, keep
    their first decision. One that waits with another content is superseded by the new one, which names it and inherits
    who needs it. One that is on its way is never touched: a changed document of a create on its way becomes an update
    that needs it (a document of the same type; another type answers "waiting"), a create needs what takes away the
    document that it is to replace, anything else answers "waiting". Creates of names with a name that is planned already
    are the same operation, whatever their details: the first one wins.
    """
    states.lock(scope, session, company_id)
    forms: list[Mapping[str, Any] | None] = []
    hashes: list[str] = []
    for step in steps:
        if (step.document is None) != (step.action in REMOVALS):
            raise ValueError(
                f"{step.action} of {step.slot} {'needs a' if step.document is None else 'has no'} document"
            )
        form = None if step.document is None else to_canonical(step.document)
        forms.append(form)
        hashes.append("" if form is None else form_hash(form))
    open_now = _open_in(scope, session, company_id, {step.key for step in steps})
    answers: list[Planned | None] = [None] * len(steps)
    rows: list[dict[str, Any]] = []
    made: list[tuple[int, Step]] = []  # index of the step, the step as it is inserted
    supersede: list[tuple[_Open, int]] = []  # old row, index in `rows`
    in_batch: dict[tuple[SlotKey, Action], int] = {}  # -> index in `rows`
    twins: list[tuple[int, int]] = []  # index of a step -> index in `rows` of the equal one
    carried: list[tuple[_Open, Step]] = []  # an equal operation that waits, the step that wants it now
    extra: list[Sequence[int]] = []  # what each of `rows` needs beside what its step says
    for index, step in enumerate(steps):
        place = SlotKey(step.key, step.slot)
        if (place, step.action) in in_batch:
            twins.append((index, in_batch[place, step.action]))
            continue
        others = open_now.get(place, [])
        removals = [row for row in others if row.action in REMOVALS] if step.action == "create" else []
        flying = [row for row in others if row.state in IN_FLIGHT and row not in removals]
        waiting = [row for row in others if row.state in WAITING and row.action == step.action]
        needs = [row.id for row in removals]
        if is_name(step.key) and (flying or waiting):
            row = (flying or waiting)[0]
            answers[index] = Planned(step=step, operation_id=row.id, status="same")
            continue
        same = [row for row in waiting if row.document_hash == hashes[index]]
        if same and not flying:
            carried.append((same[0], step))
            answers[index] = Planned(step=step, operation_id=same[0].id, status="same")
            continue
        if flying:
            row = flying[0]
            if row.action == step.action and row.document_hash == hashes[index]:
                answers[index] = Planned(step=step, operation_id=row.id, status="same")
                continue
            if not (row.action == step.action == "create" and _same_type(scope, session, row.id, forms[index])):
                answers[index] = Planned(step=step, operation_id=row.id, status="waiting")
                continue
            step = replace(step, action="update")
            waiting = [other for other in others if other.state in WAITING and other.action == "update"]
            if waiting and waiting[0].document_hash == hashes[index]:
                carried.append((waiting[0], step))
                answers[index] = Planned(step=step, operation_id=waiting[0].id, status="same")
                continue
            needs.append(row.id)
        overtaken = list(waiting)
        if step.action in REMOVALS:
            # What is to go needs no other change any more.
            overtaken += [row for row in others if row.state in WAITING and row.action not in REMOVALS]
            open_now[place] = [row for row in others if row not in overtaken]
        position = len(rows)
        supersede.extend((row, position) for row in overtaken)
        rows.append(
            {
                "tenant_id": scope.tenant_id,
                "uid": new_uid(),
                "company_id": company_id,
                "store": step.key.store,
                "kind": step.key.kind,
                "source_id": step.key.source_id,
                "slot": step.slot,
                "action": step.action,
                "wave": wave_of(step.document, step.slot),
                "priority": USUAL,
                "document": forms[index],
                "document_hash": hashes[index],
                "adopt": step.adopt,
                "state": "held" if step.held else "planned",
                "reason": None if step.held is None else step.held.form,
                "replaces_id": overtaken[0].id if overtaken else None,
                "ruleset_version_id": step.version_id,
                "decision_id": step.decision_id,
                "remarks": list(step.remarks),
                "created_at": at,
            }
        )
        made.append((index, step))
        in_batch[place, step.action] = position
        in_batch.setdefault((place, steps[index].action), position)
        extra.append(needs)
    if supersede:
        states.supersede(scope, session, [row.id for row, _ in supersede], was=WAITING, at=at)
    ids: list[int] = []
    if rows:
        ids = list(
            session.execute(insert(operation).returning(operation.c.id, sort_by_parameter_order=True), rows).scalars()
        )
    for old, position in supersede:
        _hand_over(scope, session, old.id, ids[position])
    for (index, step), id_ in zip(made, ids, strict=True):
        answers[index] = Planned(step=step, operation_id=id_, status="new")
    for index, position in twins:
        answers[index] = Planned(step=steps[index], operation_id=ids[position], status="same")
    _note_needs(scope, session, company_id, made, ids, extra, in_batch)
    _carry(scope, session, carried)
    return [answer for answer in answers if answer is not None]


def _same_type(scope: TenantScope, session: Session, operation_id: int, wanted: Mapping[str, Any] | None) -> bool:
    """Whether an operation's document is of the type that is wanted: only then can a change make the one of the other."""
    form = session.execute(
        select(operation.c.document).where(scope.of(operation), operation.c.id == operation_id)
    ).scalar_one()
    return form is not None and wanted is not None and all(form.get(k) == wanted.get(k) for k in ("form", "type"))


def _carry(scope: TenantScope, session: Session, carried: Sequence[tuple[_Open, Step]]) -> None:
    """Let waiting operations name the decision that wants them now, and its rule-set version."""
    renewed = [
        {
            "b_id": row.id,
            "b_tenant": scope.tenant_id,
            "decision_id": step.decision_id,
            "ruleset_version_id": step.version_id,
            "remarks": list(step.remarks),
        }
        for row, step in carried
        if step.decision_id is not None and step.decision_id != row.decision_id
    ]
    if renewed:
        session.execute(
            update(operation).where(
                operation.c.tenant_id == bindparam("b_tenant"), operation.c.id == bindparam("b_id")
            ),
            renewed,
        )


@dataclass(frozen=True, slots=True)
class _Open:
    """As much of an operation as planning needs."""

    id: int
    action: Action
    state: State
    document_hash: str
    decision_id: int | None


def _open_in(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[SlotKey, list[_Open]]:
    found: dict[SlotKey, list[_Open]] = {}
    for some in chunks(keys):
        rows = session.execute(
            select(
                operation.c.id,
                operation.c.store,
                operation.c.kind,
                operation.c.source_id,
                operation.c.slot,
                operation.c.action,
                operation.c.state,
                operation.c.document_hash,
                operation.c.decision_id,
            )
            .where(
                scope.of(operation),
                operation.c.company_id == company_id,
                operation.c.state.in_((*OPEN_STATES, "dead")),
                are_records(operation, some),
            )
            .order_by(operation.c.id)
        )
        for row in rows:
            place = SlotKey(key_of(row), row.slot)
            found.setdefault(place, []).append(_Open(row.id, row.action, row.state, row.document_hash, row.decision_id))
    return found


def _note_needs(
    scope: TenantScope,
    session: Session,
    company_id: int,
    made: Sequence[tuple[int, Step]],
    ids: Sequence[int],
    extra: Sequence[Sequence[int]],
    in_batch: Mapping[tuple[SlotKey, Action], int],
) -> None:
    elsewhere = {
        need.key
        for _, step in made
        for need in step.needs
        if not any((need, action) in in_batch for action in _ACTIONS)
    }
    under_way = _open_in(scope, session, company_id, elsewhere) if elsewhere else {}
    pairs: set[tuple[int, int]] = set()
    for (_, step), id_, more in zip(made, ids, extra, strict=True):
        pairs.update((id_, other) for other in more)
        if step.action == "create":
            place = SlotKey(step.key, step.slot)
            pairs.update((id_, ids[in_batch[place, action]]) for action in REMOVALS if (place, action) in in_batch)
        for need in step.needs:
            here = {in_batch[need, action] for action in _ACTIONS if (need, action) in in_batch}
            pairs.update((id_, ids[position]) for position in here if ids[position] != id_)
            pairs.update((id_, row.id) for row in under_way.get(need, ()))
    if pairs:
        session.execute(
            insert(operation_need),
            [{"tenant_id": scope.tenant_id, "operation_id": a, "needs_id": b} for a, b in sorted(pairs)],
        )


def again(
    scope: TenantScope,
    session: Session,
    operation_id: int,
    *,
    at: datetime,
    document: Document | None = None,
    adopt: bool | None = None,
) -> int:
    """A new operation in place of one that was rejected, is held or dead (after a mend), or found stale: it names the
    one it replaces and inherits who needs it. Returns its id."""
    old = reading.get(scope, session, operation_id)
    if old.state not in (*WAITING, *IN_FLIGHT):
        raise ForbiddenTransition(f"operation {operation_id} is {old.state}: nothing to replace")
    states.lock(scope, session, old.company_id)
    moved = states.supersede(scope, session, [operation_id], was=(old.state,), at=at)
    if moved != 1:
        raise ForbiddenTransition(f"operation {operation_id} is no longer {old.state}")
    values: dict[str, Any] = {
        "tenant_id": scope.tenant_id,
        "uid": new_uid(),
        "company_id": old.company_id,
        "store": old.key.store,
        "kind": old.key.kind,
        "source_id": old.key.source_id,
        "slot": old.slot,
        "action": old.action,
        "wave": old.wave,
        "priority": old.priority,
        "document": old.document_form if document is None else to_canonical(document),
        "document_hash": old.document_hash if document is None else content_hash(document),
        "adopt": old.adopt if adopt is None else adopt,
        "alone": True,
        "state": "planned",
        "attempts": 0 if old.state in WAITING else old.attempts + 1,
        "replaces_id": old.id,
        "ruleset_version_id": old.version_id,
        "decision_id": old.decision_id,
        "remarks": list(old.remarks),
        "created_at": at,
    }
    new: int = session.execute(insert(operation).values(values).returning(operation.c.id)).scalar_one()
    needs = list(
        session.execute(
            select(operation_need.c.needs_id).where(
                scope.of(operation_need), operation_need.c.operation_id == operation_id
            )
        ).scalars()
    )
    _hand_over(scope, session, operation_id, new)
    if needs:
        session.execute(
            insert(operation_need),
            [{"tenant_id": scope.tenant_id, "operation_id": new, "needs_id": other} for other in needs],
        )
    return new


def hurry(scope: TenantScope, session: Session, operation_ids: Collection[int]) -> None:
    """Somebody waits for these: they go out before all others, and so does what they need."""
    found = fresh = set(operation_ids)
    while fresh:
        needed = session.execute(
            select(operation_need.c.needs_id).where(
                scope.of(operation_need), operation_need.c.operation_id.in_(sorted(fresh))
            )
        ).scalars()
        fresh = set(needed) - found
        found = found | fresh
    if found:
        session.execute(
            update(operation)
            .where(scope.of(operation), operation.c.id.in_(sorted(found)), operation.c.state.in_(WAITING))
            .values(priority=INTERACTIVE)
        )


def withdraw(
    scope: TenantScope,
    session: Session,
    company_id: int,
    keys: Iterable[RecordKey],
    *,
    wanted: Collection[int],
    at: datetime,
    spared: Collection[SlotKey] = (),
) -> list[int]:
    """Supersede the operations that wait for these records and are not `wanted` any more (the order was cancelled, is
    skipped or held now, or is again what stands); what is on its way is left, and so are the `spared` slots. Who needed
    one of them needs it no more. Returns the ids."""
    found = _open_in(scope, session, company_id, keys)
    ids = [
        row.id
        for place, rows in found.items()
        if place not in spared
        for row in rows
        if row.state in WAITING and row.id not in wanted
    ]
    if ids:
        states.lock(scope, session, company_id)
        states.supersede(scope, session, ids, was=WAITING, at=at)
        need = operation_need
        session.execute(delete(need).where(scope.of(need), or_(need.c.needs_id.in_(ids), need.c.operation_id.in_(ids))))
    return ids


def _hand_over(scope: TenantScope, session: Session, old: int, new: int) -> None:
    """Who needed the old operation now needs the new one; the old one needs nothing any more."""
    need = operation_need
    already = select(need.c.operation_id).where(scope.of(need), need.c.needs_id == new)
    session.execute(
        update(need)
        .where(
            scope.of(need),
            need.c.needs_id == old,
            need.c.operation_id != new,
            need.c.operation_id.not_in(already.scalar_subquery()),
        )
        .values(needs_id=new)
    )
    session.execute(delete(need).where(scope.of(need), or_(need.c.needs_id == old, need.c.operation_id == old)))

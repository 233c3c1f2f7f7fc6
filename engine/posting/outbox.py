"""Operations on the books, from planned to settled: changes when the life of an operation does. It talks to nobody.

The one dict of allowed transitions stands here and is asserted on every write. Only this module writes the state of an
operation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from connectors.canonical import content_hash, form_hash, from_canonical, to_canonical
from connectors.documents import CustomerDocument, Document, ListDocument, PaymentDocument, ProductDocument
from engine.books_view import folded
from engine.ids import new_uid
from engine.keys import RecordKey
from engine.ledger import SlotKey
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import (
    OPEN_STATES,
    OPERATION_STATES,
    company,
    decision,
    flow,
    operation,
    operation_need,
    send,
)
from engine.store.types import storable

Action = Literal["create", "update", "void", "delete"]
State = Literal["planned", "sending", "unknown", "done", "rejected", "held", "superseded", "dead"]

#: What may become what. *planned* was surely not sent; *sending* may have been; *unknown* was perhaps, and is looked
#: for; *done*, *superseded* and *dead* are ends; *rejected* and *held* wait for a person.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    "planned": frozenset({"sending", "rejected", "held", "superseded", "done", "dead"}),
    "sending": frozenset({"done", "rejected", "held", "unknown", "planned", "dead", "superseded"}),
    "unknown": frozenset({"done", "planned", "held", "rejected", "superseded"}),
    "rejected": frozenset({"superseded"}),
    "held": frozenset({"planned", "superseded"}),
    "done": frozenset(),
    "superseded": frozenset(),
    "dead": frozenset({"superseded"}),
}
assert set(TRANSITIONS) == set(OPERATION_STATES)  # noqa: S101  # a state without a row would never be left

#: Waves across orders: names first, then sales documents, then payments. Only efficiency: what an operation truly
#: needs is said by its needs.
NAMES, SALES, PAYMENTS = 0, 1, 2
INTERACTIVE, LIVE, BACKFILL = 0, 1, 2

_WAITING: tuple[State, ...] = ("planned", "held", "rejected", "dead")
_IN_FLIGHT: tuple[State, ...] = ("sending", "unknown")


class ForbiddenTransition(AssertionError):
    """A program error: an operation was to go where it may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an operation is where it is: a stable code, words for a bookkeeper, what to do."""

    code: str
    message: str
    next_step: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One difference between what should stand and what does: an operation to be planned.

    `document` is what should stand (missing for void and delete). `needs` are slots whose operations must be done
    first, of the same record or of names (`name_key`); a slot in which nothing is under way is no need. `held` plans
    it but lets nothing out (review first). `adopt` lets a document of the same number, customer, date and total that
    somebody else entered be taken as ours. `remarks` are what the log adds to its line once it is done ("rule
    'Register 1 is in Maryland' filled in the state").
    """

    key: RecordKey
    slot: str
    action: Action
    document: Document | None = None
    needs: tuple[SlotKey, ...] = ()
    version_id: int | None = None
    decision_id: int | None = None
    priority: int = LIVE
    held: Reason | None = None
    adopt: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What became of a step: "new"; "same" (it was planned already, or waits for a person with the same content);
    "waiting" (another operation of its slot is being sent: plan again when that is settled; `operation_id` is that
    one)."""

    step: Step
    operation_id: int
    status: Literal["new", "same", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation as it stands in the store."""

    id: int
    uid: str
    company_id: int
    key: RecordKey
    slot: str
    action: Action
    wave: int
    priority: int
    document_form: Mapping[str, Any] | None
    document_hash: str
    adopt: bool
    alone: bool
    state: State
    reason: Reason | None
    attempts: int
    not_before: datetime | None
    send_id: int | None
    sent_at: datetime | None
    look_at: datetime | None
    looks: int
    replaces_id: int | None
    version_id: int | None
    decision_id: int | None
    remarks: tuple[str, ...]
    created_at: datetime
    settled_at: datetime | None
    #: The document once it was decoded; copies of an operation share it.
    decoded: list[Document] = field(default_factory=list, repr=False, compare=False)

    @property
    def document(self) -> Document | None:
        """What should stand; missing for void and delete."""
        if self.document_form is None:
            return None
        if not self.decoded:
            self.decoded.append(from_canonical(self.document_form))
        return self.decoded[0]


#: The slot of operations that make a name (customer, item, term, …); they belong to no record.
NAME_SLOT = "name"


def name_key(kind: str, name: str) -> SlotKey:
    """The slot of a new name in the books: one for all records that need it. `kind` as in `ports.ListKind`."""
    return SlotKey(RecordKey("", f"name:{kind}", folded(storable(name))), NAME_SLOT)


def is_name(key: RecordKey) -> bool:
    """Whether an operation makes a name, which the ledger does not remember (the cached lists do)."""
    return key.kind.startswith("name:")


def wave_of(step_document: Document | None, slot: str) -> int:
    """In which wave an operation goes out."""
    match step_document:
        case CustomerDocument() | ProductDocument() | ListDocument():
            return NAMES
        case PaymentDocument():
            return PAYMENTS
        case None:
            return PAYMENTS if slot.startswith("payment") else SALES
        case _:
            return SALES


# ------------------------------------------------------------------------------------------------------------ planning


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
    that needs it, anything else answers "waiting". Creates of names with a name that is planned already are the same
    operation, whatever their details: the first one wins.
    """
    lock(scope, session, company_id)
    forms: list[Mapping[str, Any] | None] = []
    hashes: list[str] = []
    for step in steps:
        if (step.document is None) != (step.action in ("void", "delete")):
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
    for index, step in enumerate(steps):
        place = SlotKey(step.key, step.slot)
        if (place, step.action) in in_batch:
            twins.append((index, in_batch[place, step.action]))
            continue
        others = open_now.get(place, [])
        flying = [row for row in others if row.state in _IN_FLIGHT]
        waiting = [row for row in others if row.state in _WAITING and row.action == step.action]
        needs: tuple[int, ...] = ()
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
            if not (row.action == "create" and step.action == "create"):
                answers[index] = Planned(step=step, operation_id=row.id, status="waiting")
                continue
            step = replace(step, action="update")
            waiting = [other for other in others if other.state in _WAITING and other.action == "update"]
            if waiting and waiting[0].document_hash == hashes[index]:
                carried.append((waiting[0], step))
                answers[index] = Planned(step=step, operation_id=waiting[0].id, status="same")
                continue
            needs = (row.id,)
        overtaken = list(waiting)
        if step.action in ("void", "delete"):
            # What is to go needs no other change any more.
            overtaken += [row for row in others if row.state in _WAITING and row.action in ("create", "update")]
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
                "priority": step.priority,
                "document": forms[index],
                "document_hash": hashes[index],
                "adopt": step.adopt,
                "state": "held" if step.held else "planned",
                "reason": _reason_form(step.held),
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
        if needs:
            rows[position]["_needs"] = needs
    extra = [row.pop("_needs", ()) for row in rows]
    if supersede:
        _move(
            scope,
            session,
            [row.id for row, _ in supersede],
            "superseded",
            allowed_from=_WAITING,
            at=at,
        )
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
    wanted = list(keys)
    for start in range(0, len(wanted), 2000):
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
                tuple_(operation.c.store, operation.c.kind, operation.c.source_id).in_(
                    [(key.store, key.kind, key.source_id) for key in wanted[start : start + 2000]]
                ),
            )
            .order_by(operation.c.id)
        )
        for row in rows:
            place = SlotKey(RecordKey(row.store, row.kind, row.source_id), row.slot)
            found.setdefault(place, []).append(_Open(row.id, row.action, row.state, row.document_hash, row.decision_id))
    return found


def _note_needs(
    scope: TenantScope,
    session: Session,
    company_id: int,
    made: Sequence[tuple[int, Step]],
    ids: Sequence[int],
    extra: Sequence[tuple[int, ...]],
    in_batch: Mapping[tuple[SlotKey, Action], int],
) -> None:
    elsewhere = {
        need.key
        for _, step in made
        for need in step.needs
        if not any((need, action) in in_batch for action in TYPICAL_ACTIONS)
    }
    under_way = _open_in(scope, session, company_id, elsewhere) if elsewhere else {}
    pairs: set[tuple[int, int]] = set()
    for (_, step), id_, more in zip(made, ids, extra, strict=True):
        pairs.update((id_, other) for other in more)
        for need in step.needs:
            here = {in_batch[need, action] for action in TYPICAL_ACTIONS if (need, action) in in_batch}
            pairs.update((id_, ids[position]) for position in here if ids[position] != id_)
            pairs.update((id_, row.id) for row in under_way.get(need, ()))
    if pairs:
        session.execute(
            insert(operation_need),
            [{"tenant_id": scope.tenant_id, "operation_id": a, "needs_id": b} for a, b in sorted(pairs)],
        )


TYPICAL_ACTIONS: tuple[Action, ...] = ("create", "update", "void", "delete")


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


# --------------------------------------------------------------------------------------------------- people's decisions


def let_out(scope: TenantScope, session: Session, operation_ids: Sequence[int], *, at: datetime) -> int:
    """Release operations that were held for review; says how many."""
    return _move(scope, session, operation_ids, "planned", allowed_from=("held",), at=at, reason=None, send_id=None)


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
    old = get(scope, session, operation_id)
    if old.state not in (*_WAITING, *_IN_FLIGHT):
        raise ForbiddenTransition(f"operation {operation_id} is {old.state}: nothing to replace")
    lock(scope, session, old.company_id)
    moved = _move(scope, session, [operation_id], "superseded", allowed_from=(old.state,), at=at)
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
        "attempts": 0 if old.state in _WAITING else old.attempts + 1,
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


def withdraw(
    scope: TenantScope,
    session: Session,
    company_id: int,
    keys: Iterable[RecordKey],
    *,
    wanted: Collection[SlotKey],
    at: datetime,
) -> list[int]:
    """Supersede the creates and updates that wait for these records in slots that are not `wanted` any more (the order
    was cancelled, is skipped or held now); what is on its way is left. Returns the ids."""
    found = _open_in(scope, session, company_id, keys)
    ids = [
        row.id
        for place, rows in found.items()
        if place not in wanted
        for row in rows
        if row.state in _WAITING and row.action in ("create", "update")
    ]
    if ids:
        lock(scope, session, company_id)
        _move(scope, session, ids, "superseded", allowed_from=_WAITING, at=at)
    return ids


def on_their_way(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, dict[str, int | None]]:
    """By record and slot: the rule-set version of the creates that are being sent or whose fate is unknown. They may
    stand already, so nobody may plan as if they did not."""
    found: dict[RecordKey, dict[str, int | None]] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 2000):
        rows = session.execute(
            select(
                operation.c.store,
                operation.c.kind,
                operation.c.source_id,
                operation.c.slot,
                operation.c.ruleset_version_id,
            ).where(
                scope.of(operation),
                operation.c.company_id == company_id,
                operation.c.state.in_(_IN_FLIGHT),
                operation.c.action == "create",
                tuple_(operation.c.store, operation.c.kind, operation.c.source_id).in_(
                    [(key.store, key.kind, key.source_id) for key in wanted[start : start + 2000]]
                ),
            )
        )
        for row in rows:
            found.setdefault(RecordKey(row.store, row.kind, row.source_id), {})[row.slot] = row.ruleset_version_id
    return found


def gone_out(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, frozenset[tuple[int, State]]]:
    """By record: (id, state) of its operations that are on their way or done. Who judged a record and finds another
    answer when he writes has judged what is no longer so. Records without any are absent."""
    found: dict[RecordKey, set[tuple[int, State]]] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 2000):
        rows = session.execute(
            select(operation.c.id, operation.c.state, operation.c.store, operation.c.kind, operation.c.source_id).where(
                scope.of(operation),
                operation.c.company_id == company_id,
                operation.c.state.in_(("done", *_IN_FLIGHT)),
                tuple_(operation.c.store, operation.c.kind, operation.c.source_id).in_(
                    [(key.store, key.kind, key.source_id) for key in wanted[start : start + 2000]]
                ),
            )
        )
        for row in rows:
            found.setdefault(RecordKey(row.store, row.kind, row.source_id), set()).add((row.id, row.state))
    return {key: frozenset(stages) for key, stages in found.items()}


def first_flows(
    scope: TenantScope, session: Session, company_id: int, keys: Iterable[RecordKey]
) -> dict[RecordKey, str]:
    """By record: the title of the flow that first put something of it into the books, or is just doing so. Records of
    which nothing is there are absent."""
    found: dict[RecordKey, str] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 2000):
        rows = session.execute(
            select(operation.c.store, operation.c.kind, operation.c.source_id, flow.c.name)
            .join_from(
                operation,
                decision,
                and_(decision.c.tenant_id == operation.c.tenant_id, decision.c.id == operation.c.decision_id),
            )
            .join(flow, and_(flow.c.tenant_id == decision.c.tenant_id, flow.c.id == decision.c.flow_id))
            .where(
                scope.of(operation),
                operation.c.company_id == company_id,
                operation.c.state.in_(("done", *_IN_FLIGHT)),
                operation.c.action == "create",
                tuple_(operation.c.store, operation.c.kind, operation.c.source_id).in_(
                    [(key.store, key.kind, key.source_id) for key in wanted[start : start + 2000]]
                ),
            )
            .order_by(operation.c.id.desc())
        )
        found.update({RecordKey(row.store, row.kind, row.source_id): row.name for row in rows})
    return found


# --------------------------------------------------------------------------------------------------------------- states


def get(scope: TenantScope, session: Session, operation_id: int) -> Operation:
    """One operation. Raises LookupError."""
    found = load(scope, session, [operation_id])
    if not found:
        raise LookupError(f"no operation {operation_id}")
    return found[0]


def load(scope: TenantScope, session: Session, operation_ids: Sequence[int]) -> list[Operation]:
    """Operations by id, in the order of the ids."""
    rows = session.execute(select(operation).where(scope.of(operation), operation.c.id.in_(operation_ids)))
    found = {row.id: _operation(row) for row in rows}
    return [found[id_] for id_ in operation_ids if id_ in found]


def in_states(
    scope: TenantScope,
    session: Session,
    company_id: int,
    states: Sequence[State],
    *,
    due: datetime | None = None,
    limit: int = 1000,
) -> list[Operation]:
    """Operations in these states, oldest first; with `due`, only those whose next look is due."""
    where = [scope.of(operation), operation.c.company_id == company_id, operation.c.state.in_(states)]
    if due is not None:
        where.append(operation.c.look_at <= due)
    rows = session.execute(select(operation).where(*where).order_by(operation.c.id).limit(limit))
    return [_operation(row) for row in rows]


def of_record(scope: TenantScope, session: Session, company_id: int, key: RecordKey) -> list[Operation]:
    """All operations of a record, oldest first."""
    rows = session.execute(
        select(operation)
        .where(
            scope.of(operation),
            operation.c.company_id == company_id,
            operation.c.store == key.store,
            operation.c.kind == key.kind,
            operation.c.source_id == key.source_id,
        )
        .order_by(operation.c.id)
    )
    return [_operation(row) for row in rows]


def counts(scope: TenantScope, session: Session, company_id: int) -> dict[str, int]:
    """How many operations stand in each state."""
    rows = session.execute(
        select(operation.c.state, func.count().label("number"))
        .where(scope.of(operation), operation.c.company_id == company_id)
        .group_by(operation.c.state)
    )
    return {row.state: row.number for row in rows}


def _blocked() -> ColumnElement[bool]:
    """That an operation needs one that is not done."""
    needed = operation.alias("needed")
    return exists(
        select(literal(1))
        .select_from(operation_need)
        .join(
            needed,
            and_(needed.c.tenant_id == operation_need.c.tenant_id, needed.c.id == operation_need.c.needs_id),
        )
        .where(
            operation_need.c.tenant_id == operation.c.tenant_id,
            operation_need.c.operation_id == operation.c.id,
            needed.c.state != "done",
        )
    )


def companies_due(session: Session, *, now: datetime) -> list[tuple[int, int]]:
    """(tenant, company) of all companies, of all tenants, that have something to be sent or looked for now, may be
    talked to, and have no poster that is alive."""
    send_again = exists(
        select(literal(1)).where(
            send.c.tenant_id == company.c.tenant_id,
            send.c.company_id == company.c.id,
            send.c.state == "repeat",
            or_(send.c.not_before.is_(None), send.c.not_before <= now),
        )
    )
    work = exists(
        select(literal(1)).where(
            operation.c.tenant_id == company.c.tenant_id,
            operation.c.company_id == company.c.id,
            or_(
                operation.c.state == "sending",
                and_(operation.c.state == "unknown", operation.c.look_at <= now),
                and_(
                    operation.c.state == "planned",
                    operation.c.send_id.is_(None),
                    or_(operation.c.not_before.is_(None), operation.c.not_before <= now),
                    ~_blocked(),
                ),
            ),
        )
    )
    rows = session.execute(
        select(company.c.tenant_id, company.c.id)
        .where(
            company.c.state == "active",
            or_(company.c.not_before.is_(None), company.c.not_before <= now),
            or_(company.c.lease_until.is_(None), company.c.lease_until <= now),
            or_(company.c.post_not_before.is_(None), company.c.post_not_before <= now),
            or_(send_again, work),
        )
        .order_by(company.c.id)
        .execution_options(cross_tenant=True)
    )
    return [(row.tenant_id, row.id) for row in rows]


def sendable(scope: TenantScope, session: Session, company_id: int, *, now: datetime, limit: int) -> list[Operation]:
    """The next operations that may go out: planned, due, nothing they need still open, of one priority and one wave.
    They are only read here; `claim` decides."""
    rows = session.execute(
        select(operation)
        .where(
            scope.of(operation),
            operation.c.company_id == company_id,
            operation.c.state == "planned",
            operation.c.send_id.is_(None),
            or_(operation.c.not_before.is_(None), operation.c.not_before <= now),
            ~_blocked(),
        )
        .order_by(operation.c.priority, operation.c.wave, operation.c.id)
        .limit(limit)
    )
    found = [_operation(row) for row in rows]
    if not found:
        return []
    first = found[0]
    if first.alone:
        return [first]
    return [item for item in found if item.priority == first.priority and item.wave == first.wave and not item.alone]


def claim(
    scope: TenantScope,
    session: Session,
    operation_ids: Sequence[int],
    send_id: int,
    *,
    sent_at: datetime,
    look_at: datetime,
    decisions: Sequence[int | None] = (),
) -> int:
    """planned -> sending, in the transaction that stores the send; says how many rows it got (all, or roll back).
    `decisions`, beside the ids: what the caller believes they carry; one that carries another by now is not got, so
    that ledger and log tell the decision that was sent."""
    _assert_allowed("planned", "sending")
    believed = list(zip(operation_ids, (each or 0 for each in decisions), strict=bool(decisions)))
    return session.execute(
        update(operation)
        .where(
            scope.of(operation),
            operation.c.id.in_(operation_ids),
            operation.c.state == "planned",
            or_(operation.c.send_id.is_(None), operation.c.send_id == send_id),
            *([tuple_(operation.c.id, func.coalesce(operation.c.decision_id, 0)).in_(believed)] if believed else []),
        )
        .values(state="sending", send_id=send_id, sent_at=sent_at, look_at=look_at, looks=0, not_before=None)
    ).rowcount


def settle(
    scope: TenantScope,
    session: Session,
    operation_id: int,
    state: State,
    *,
    was: State,
    at: datetime,
    reason: Reason | None = None,
    **values: Any,
) -> bool:
    """Move one operation by compare-and-swap; says whether it was still where the caller believed. `values` are other
    columns that change with it (attempts, not_before, look_at, looks, send_id, alone)."""
    return _move(scope, session, [operation_id], state, allowed_from=(was,), at=at, reason=reason, **values) == 1


def _move(
    scope: TenantScope,
    session: Session,
    operation_ids: Sequence[int],
    state: State,
    *,
    allowed_from: Sequence[State],
    at: datetime,
    **values: Any,
) -> int:
    for before in allowed_from:
        _assert_allowed(before, state)
    if not operation_ids:
        return 0
    if "reason" in values:
        values["reason"] = _reason_form(values["reason"])
    if not TRANSITIONS[state] or state in ("rejected", "held", "dead"):
        values["settled_at"] = at
    return session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.id.in_(operation_ids), operation.c.state.in_(allowed_from))
        .values(state=state, **values)
    ).rowcount


def _assert_allowed(before: State, after: State) -> None:
    if after not in TRANSITIONS[before]:
        raise ForbiddenTransition(f"an operation may not go from {before} to {after}")


def lock(scope: TenantScope, session: Session, company_id: int) -> None:
    """Let nobody else plan or settle for this company until the transaction ends (SQLite has one writer anyway)."""
    if session.dialect.name == "postgresql":
        session.execute(
            select(company.c.id).where(scope.of(company), company.c.id == company_id).with_for_update(key_share=True)
        )


def _reason_form(reason: Reason | None) -> dict[str, Any] | None:
    if reason is None:
        return None
    return {
        "code": reason.code,
        "message": reason.message,
        "next_step": reason.next_step,
        "values": dict(reason.values),
    }


def _operation(row: Row[Any]) -> Operation:
    return Operation(
        id=row.id,
        uid=row.uid,
        company_id=row.company_id,
        key=RecordKey(row.store, row.kind, row.source_id),
        slot=row.slot,
        action=row.action,
        wave=row.wave,
        priority=row.priority,
        document_form=row.document,
        document_hash=row.document_hash,
        adopt=row.adopt,
        alone=row.alone,
        state=row.state,
        reason=None if row.reason is None else Reason(**row.reason),
        attempts=row.attempts,
        not_before=row.not_before,
        send_id=row.send_id,
        sent_at=row.sent_at,
        look_at=row.look_at,
        looks=row.looks,
        replaces_id=row.replaces_id,
        version_id=row.ruleset_version_id,
        decision_id=row.decision_id,
        remarks=tuple(row.remarks),
        created_at=row.created_at,
        settled_at=row.settled_at,
    )


def finish(scope: TenantScope, session: Session, operation_ids: Sequence[int], *, was: State, at: datetime) -> int:
    """Move operations to done in one statement; says how many moved."""
    return _move(scope, session, operation_ids, "done", allowed_from=(was,), at=at, reason=None)


def postpone(
    scope: TenantScope,
    session: Session,
    operation_ids: Sequence[int],
    *,
    not_before: datetime,
    attempts: int,
    reason: Reason,
    send_id: None = None,
) -> None:
    """Let planned operations wait: they stay planned."""
    session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.id.in_(operation_ids), operation.c.state == "planned")
        .values(not_before=not_before, attempts=attempts, reason=_reason_form(reason), send_id=send_id)
    )


def look_later(scope: TenantScope, session: Session, operation_id: int, *, look_at: datetime, looks: int) -> None:
    """An unknown operation was looked for and not found yet."""
    session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.id == operation_id, operation.c.state == "unknown")
        .values(look_at=look_at, looks=looks)
    )


def dependants(scope: TenantScope, session: Session, operation_ids: Sequence[int]) -> list[Operation]:
    """The open operations that need these."""
    rows = session.execute(
        select(operation)
        .join_from(
            operation,
            operation_need,
            and_(
                operation_need.c.tenant_id == operation.c.tenant_id,
                operation_need.c.operation_id == operation.c.id,
            ),
        )
        .where(scope.of(operation), operation_need.c.needs_id.in_(operation_ids), operation.c.state.in_(OPEN_STATES))
        .order_by(operation.c.id)
    )
    return [_operation(row) for row in rows]


def replaced_by(scope: TenantScope, session: Session, operation_id: int) -> list[int]:
    """The operation and all that it came to stand for, newest first."""
    chain: list[int] = []
    following: int | None = operation_id
    while following is not None and following not in chain:
        chain.append(following)
        following = session.execute(
            select(operation.c.replaces_id).where(scope.of(operation), operation.c.id == following)
        ).scalar_one_or_none()
    return chain


def next_look(scope: TenantScope, session: Session, company_id: int) -> datetime | None:
    """When something unknown is next looked for; missing where nothing is unknown."""
    found: datetime | None = session.execute(
        select(func.min(operation.c.look_at)).where(
            scope.of(operation), operation.c.company_id == company_id, operation.c.state == "unknown"
        )
    ).scalar_one()
    return found


def next_planned(scope: TenantScope, session: Session, company_id: int, *, now: datetime) -> datetime | None:
    """When an operation may next go out, `now` if at once; missing where none may (what needs another waits for it)."""
    found: datetime | None = session.execute(
        select(func.min(func.coalesce(operation.c.not_before, literal(now, operation.c.not_before.type)))).where(
            scope.of(operation),
            operation.c.company_id == company_id,
            operation.c.state == "planned",
            operation.c.send_id.is_(None),
            ~_blocked(),
        )
    ).scalar_one()
    return None if found is None else max(found, now)


def lost(scope: TenantScope, session: Session, send_id: int, *, look_at: datetime) -> int:
    """The poster that had these on their way is gone: sending -> unknown; says how many."""
    _assert_allowed("sending", "unknown")
    return session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.send_id == send_id, operation.c.state == "sending")
        .values(state="unknown", look_at=look_at, looks=0)
    ).rowcount


def part(scope: TenantScope, session: Session, send_id: int) -> int:
    """A batch was refused as a whole: its operations are planned again, each to go alone; says how many."""
    _assert_allowed("sending", "planned")
    return session.execute(
        update(operation)
        .where(scope.of(operation), operation.c.send_id == send_id, operation.c.state == "sending")
        .values(state="planned", send_id=None, alone=True)
    ).rowcount

"""What one tenant's scope can see and change of another's data in the same database: nothing, whatever store function is asked."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import GeneratorType
from typing import Any

import pytest
from sqlalchemy import ForeignKeyConstraint, Row, Table, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError, NoResultFound

from connectors.errors import Retry
from connectors.ports import Posted
from connectors.records import Fetched
from engine import connections, decisions, holds, ledger, publishing, records
from engine.agenda import Moments
from engine.connections import UnknownConnection
from engine.ids import new_uid
from engine.keys import RecordKey
from engine.ledger import SlotKey
from engine.log import Event
from engine.posting import reading, sends
from engine.posting.leases import LeaseLost
from engine.posting.operations import ForbiddenTransition, Reason, Step
from engine.posting.sends import Superseded
from engine.publishing import FlowUnbound
from engine.rulesets import CannedRuleSets
from engine.store.engine import Session
from engine.store.scope import TenantScope
from engine.store.tables import flow, hold, metadata, operation, send, source_record, tenant
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain

ENGINE = Path(__file__).parents[2] / "engine"
#: They open their own transactions and are asked by name below, or say nothing of any row.
ELSEWHERE = {
    "lists.load", "lists.refresh", "poster.drain", "poster.settle_unknown", "publishing.publish", "rotation.rotate",
    "schedule.press", "schedule.claim", "schedule.last_run", "progress.of_run", "progress.overview",
    "progress.most_touched", "preferences.refresh", "unknown_names.tell",
}  # fmt: skip
REFUSALS = (
    LookupError, IntegrityError, NoResultFound, ForbiddenTransition, Superseded, LeaseLost, Retry, UnknownConnection, FlowUnbound,
)  # fmt: skip


def scoped_functions() -> list[str]:
    """Every public function of the engine that takes a tenant's scope and a session."""
    found = []
    for file in sorted(ENGINE.rglob("*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = (*node.args.args, *node.args.kwonlyargs)
                if any(each.arg == "scope" and not _of_rules(each) for each in arguments):
                    module = ".".join(file.relative_to(ENGINE).with_suffix("").parts)
                    found.append(f"{module}.{node.name}")
    return found


def _of_rules(argument: ast.arg) -> bool:
    """Whether it is the scope of a rule (`for order`), which knows of no tenant."""
    return argument.annotation is not None and ast.unparse(argument.annotation) == "Scope"


def short(function: str) -> str:
    """`planning.plan` of `posting.planning.plan`."""
    return ".".join(function.split(".")[-2:])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("tenants")
    with World(f"sqlite:///{folder / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice") + 'rule "Look" for order when order.note is not missing then hold "look" end')
        made.simple_order()
        made.simple_order(customer_note="please look")
        made.sync()
        made.simple_order()
        made.fetch_and_plan()
        yield made


@pytest.fixture(scope="module")
def stranger(world: World) -> TenantScope:
    with world.store.write() as session:
        id_ = session.execute(
            insert(tenant)
            .values(uid=new_uid(), name="Somebody else", created_at=world.clock.now())
            .returning(tenant.c.id)
        ).scalar_one()
    return TenantScope(id_)


def all_rows(session: Session, owner: TenantScope) -> str:
    """Everything in the tenant's tables, as one text."""
    held = {}
    for name, table in sorted(metadata.tables.items()):
        if "tenant_id" in table.c:
            rows = session.execute(
                select(table).where(table.c.tenant_id == owner.tenant_id), execution_options={"cross_tenant": True}
            )
            held[name] = sorted(json.dumps(list(row), default=repr) for row in rows)
    return json.dumps(held)


@pytest.fixture(scope="module")
def of_owner(world: World) -> Callable[[str, str], Any]:
    """What an argument of that name would be if the owner asked: ids, keys and names of rows that are there."""
    mine = world.office.scope
    now = world.clock.now()
    with world.store.read() as session:

        def one(table: Table, **has: str) -> Row[Any]:
            of = [mine.of(table), *(table.c[name] == value for name, value in has.items())]
            return session.execute(select(table).where(*of).order_by(table.c.id).limit(1)).one()

        planned, any_send, any_hold = one(operation, state="planned"), one(send), one(hold, state="held")
        any_flow, record = one(flow), one(source_record)
        row = publishing.by_id(mine, session, any_flow.id)
        shop = connections.named(mine, session, "shop")
        spec = publishing.Programs(world.store, mine).of_version(row.version_id).flows[0]
        standing = world.documents("Invoice")[0]
        key = RecordKey(planned.store, planned.kind, planned.source_id)
        document = reading.get(mine, session, planned.id).document
        kept = sends.by_ids(mine, session, [any_send.id])[any_send.id]
    record_key = RecordKey(record.store, record.kind, record.source_id)
    values: dict[str, Any] = {
        "company_id": world.company.id, "connection_id": shop.id, "id_": shop.id, "connections.named.name": "shop",
        "name": "Web orders", "kind": "woocommerce", "agenda.to_decide.kind": "order", "records.known_keys.kind": "order",
        "keys": [record_key, key], "key": record_key, "slot": "sale", "state": "voided", "states.settle.state": "held",
        "connections.set_state.state": "gone", "sends.close.state": "answered", "sends.in_state.state": "answered",
        "reason": "because", "states.settle.reason": Reason(code="x", message="x"),
        "states.postpone.reason": Reason(code="x", message="x"), "at": now, "now": now, "before": now + timedelta(days=1),
        "until": now + timedelta(hours=1), "not_before": now + timedelta(hours=1), "look_at": now, "sent_at": now,
        "looks": 1, "attempts": 1, "operation_id": planned.id, "operation_ids": [planned.id], "send_id": any_send.id,
        "send_ids": [any_send.id], "hold_uid": any_hold.uid, "hold_id": any_hold.id, "flow_id": any_flow.id, "by": "eve",
        "connections.keep_profile.profile": world.company.profile, "store": world.store, "company": world.company,
        "ruleset_id": row.ruleset_id, "version_id": row.version_id, "text": "", "tables": {}, "of_its_own": [],
        "library": CannedRuleSets(),
        "hold_ids": [any_hold.id],
        "flow_ids": [any_flow.id], "moments": {record.id: Moments(decide=now)}, "of": row, "today": date(2026, 1, 1),
        "sealer": world.office.sealer, "row": shop, "identity": "elsewhere.example", "zone": "UTC", "currency": "USD",
        "settings": {}, "secrets": {}, "profile": {}, "connections.save_company.profile": world.company.profile,
        "connections.save.name": "mine", "stream": f"orders:{any_flow.uid}", "value": "x", "spec": spec,
        "decided": [decisions.DecisionToSave(key=record_key, record_version=1, outcome="skip", trace={})],
        "holds.place_many.wanted": [holds.HoldToPlace(key=record_key, code="x", title="x", reason="x")],
        "planning.withdraw.wanted": frozenset(), "standing": [
            ledger.Standing(
                key=record_key, slot="sale", posted=Posted(entity="Invoice", id=standing["Id"], sync_token="0"),
                document={"form": "x"}, document_hash="x", sent_body={},
            )
        ],
        "entity": "Invoice", "remote_ids": [standing["Id"]], "entries": [], "event": Event(code="x", values={}),
        "events": [Event(code="x", values={})],
        "step": Step(key=key, slot=planned.slot, action="create", document=document),
        "steps": [Step(key=key, slot=planned.slot, action="create", document=document)],
        "state_from": "planned", "was": "planned", "states": ["planned", "done", "held"], "limit": 10,
        "store_identity": world.identity, "fetched": [Fetched(kind="order", id=record.source_id, raw={}, record=None)],
        "request_id": "r", "frozen": b"{}", "members": [], "owner": "eve", "again": kept, "error": Retry("x", code="x"),
        "outcome": "retry", "found": [], "markers": ["x"], "place": SlotKey(record_key, "sale"), "days": 1,
        "since": date(2020, 1, 1), "log.read.since": datetime(2020, 1, 1, tzinfo=UTC), "moment": now,
    }  # fmt: skip
    return lambda function, name: values.get(f"{function}.{name}", values.get(name, KeyError))


class _Undo(Exception):
    """Nothing that a stranger tried is kept."""


@contextmanager
def undone(world: World) -> Iterator[Session]:
    """A transaction that leaves nothing."""
    try:
        with world.store.write() as session:
            yield session
            raise _Undo
    except _Undo:
        pass


@pytest.mark.parametrize("function", [each for each in scoped_functions() if short(each) not in ELSEWHERE])
def test_a_stranger_sees_and_changes_nothing_by(
    world: World, stranger: TenantScope, of_owner: Callable[[str, str], Any], function: str
) -> None:
    module, _, name = function.rpartition(".")
    function = short(function)
    asked = getattr(importlib.import_module(f"engine.{module}"), name)
    arguments: dict[str, Any] = {}
    for parameter in inspect.signature(asked).parameters.values():
        if parameter.name in ("scope", "session"):
            continue
        found = of_owner(function, parameter.name)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD or (
            found is KeyError and parameter.default is not inspect.Parameter.empty
        ):
            continue
        if parameter.default is not inspect.Parameter.empty and parameter.name not in ("kind", "operation_ids"):
            continue
        assert found is not KeyError, f"say in of_owner what {function} gets as {parameter.name}"
        arguments[parameter.name] = found
    with world.store.read() as session:
        before = all_rows(session, world.office.scope)
    answer: object = None
    with undone(world) as session:
        try:
            answer = asked(scope=stranger, session=session, **arguments)
            if isinstance(answer, GeneratorType):
                answer = list(answer)
        except REFUSALS:
            answer = None
        else:
            assert all_rows(session, world.office.scope) == before, "a stranger changed the owner's rows"
    assert not _tells(answer, function), f"{function} told a stranger {answer!r}"


#: Their answers are about what the stranger itself just wrote.
_WRITERS = {
    "connections.save", "connections.save_company", "decisions.save_many",
    "holds.place_many", "planning.plan", "planning.plan_many", "records.save_many",
    "batches.load",  # names the keys it was asked for, with nothing known of them
    "reading.replaced_by",  # the id it was asked for is the first of the chain
}  # fmt: skip


def _tells(answer: object, function: str) -> bool:
    if function in _WRITERS or answer is None or answer is False:
        return False
    if isinstance(answer, int | float):
        return bool(answer)
    if isinstance(answer, tuple | list | dict | set | frozenset | str | bytes):
        return bool(answer)
    return True


def test_every_table_has_its_tenant_in_every_key() -> None:
    for name, table in metadata.tables.items():
        if name == "tenant":
            continue
        assert not table.c.tenant_id.nullable, name
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                assert "tenant_id" in constraint.columns, (name, constraint.columns.keys())
            if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name != "tenant":
                assert "tenant_id" in constraint.columns, (name, constraint.column_keys)
        for index in table.indexes:
            # One company of the books is posted to by one tenant only: that is asked across all of them.
            alone = index.name == "uq_company_live"
            assert alone or not index.unique or "tenant_id" in index.columns, (name, index.name)


def test_two_tenants_may_have_the_same_names_orders_and_documents(world: World, stranger: TenantScope) -> None:
    now = world.clock.now()
    fetched = Fetched(kind="order", id="1", raw={"id": 1}, record=None)
    with undone(world) as session:
        theirs = connections.save(
            stranger, session, world.office.sealer, kind="woocommerce", name="shop", identity=world.identity, zone="UTC",
            currency="USD", settings={}, secrets={}, profile={}, at=now,
        )  # fmt: skip
        (saved,) = records.save_many(stranger, session, theirs, world.identity, [fetched], at=now)
        assert (saved.version, saved.changed) == (1, True)

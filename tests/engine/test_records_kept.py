"""engine/records.py, decisions.py, holds.py, log.py, housekeeping.py: what is remembered of a record, and for how long."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from connectors.records import Fetched, Order, SourceFinding
from engine import cursors, decisions, holds, housekeeping, log, records
from engine.decisions import DecisionToSave
from engine.holds import HoldToPlace
from engine.ledger import SlotKey
from engine.records import SavedRecord
from engine.store import tables
from tests.engine.conftest import Company

STORE = "shop.example"


def _order(acme: Company, number: str, **changes: Any) -> Fetched:
    order = Order(
        id=number,
        number=number,
        date=acme.clock.now().date(),
        created=acme.clock.now(),
        status="processing",
        currency="USD",
        total=Decimal("41.98"),
        **changes,
    )
    return Fetched(kind="order", id=number, raw={"id": number, **{k: str(v) for k, v in changes.items()}}, record=order)


def _save(acme: Company, *fetched: Fetched) -> list[SavedRecord]:
    with acme.store.write() as session:
        return records.save_many(acme.scope, session, acme.connection_id, STORE, fetched, at=acme.clock.now())


def test_the_same_order_fifty_times_is_one_version(acme: Company) -> None:
    """F19, the half of the store."""
    first = _save(acme, _order(acme, "1"))
    again = [_save(acme, _order(acme, "1"))[0] for _ in range(49)]

    assert [item.changed for item in first + again] == [True] + [False] * 49
    with acme.store.read() as session:
        versions = session.execute(
            select(tables.source_record_version.c.version).where(acme.scope.of(tables.source_record_version))
        ).all()
    assert len(versions) == 1


def test_a_changed_order_is_a_new_version_and_is_read_back_as_it_is_now(acme: Company) -> None:
    _save(acme, _order(acme, "1"))
    (saved,) = _save(acme, _order(acme, "1", note="🎩 \ud800 gift"))

    assert (saved.version, saved.changed) == (2, True)
    with acme.store.read() as session:
        kept = records.load(acme.scope, session, [acme.key("1")], with_raw=True)[acme.key("1")]
    assert kept.record is not None
    assert getattr(kept.record, "note", None) == "🎩 \ud800 gift"
    assert kept.raw is not None


def test_an_unreadable_payload_is_kept_with_its_findings(acme: Company) -> None:
    broken = Fetched(
        kind="order",
        id="7",
        raw={"id": 7, "total": "NaN"},
        record=None,
        findings=(SourceFinding(code="bad_total", message="The total is no number.", severity="error"),),
    )
    _save(acme, broken, _order(acme, "8"))

    with acme.store.read() as session:
        kept = records.load(acme.scope, session, [acme.key("7")])[acme.key("7")]
    assert kept.record is None
    assert [finding.code for finding in kept.findings] == ["bad_total"]


def test_payload_traces_and_bodies_are_forgotten_when_their_time_is_over(acme: Company) -> None:
    _save(acme, _order(acme, "1"))
    with acme.store.write() as session:
        decision = DecisionToSave(key=acme.key("1"), record_version=1, outcome="sync", trace={"name": "Amy"})
        decisions.save_many(acme.scope, session, acme.id, [decision], at=acme.clock.now())
    acme.plan(acme.create("1"))
    acme.drain()
    assert housekeeping.purge(acme.store, acme.clock)["payloads"] == 0
    acme.clock.advance(91 * 86400)

    purged = housekeeping.purge(acme.store, acme.clock)

    assert purged == {"payloads": 1, "traces": 1, "bodies": 1, "sightings": 0}
    with acme.store.read() as session:
        kept = records.load(acme.scope, session, [acme.key("1")], with_raw=True)[acme.key("1")]
        last = decisions.latest(acme.scope, session, acme.id, acme.key("1"))
        frozen = session.execute(select(tables.send.c.frozen).where(acme.scope.of(tables.send))).scalar_one()
    assert (kept.record, kept.raw) == (None, None)
    assert kept.purged_at == acme.clock.now()
    assert last is not None
    assert last.trace is None
    assert frozen is None


def test_a_decision_is_stored_only_when_it_comes_out_differently(acme: Company) -> None:
    def decide(**trace: object) -> tuple[int, bool]:
        decision = DecisionToSave(key=acme.key("1"), record_version=1, outcome="sync", trace=trace)
        with acme.store.write() as session:
            return decisions.save_many(acme.scope, session, acme.id, [decision], at=acme.clock.now())[decision.key]

    first = decide(fired=["a"])
    assert decide(fired=["a"]) == (first[0], False)
    assert decide(fired=["a", "b"])[1]


def test_a_cursor_moves_only_with_its_page(acme: Company) -> None:
    def dies_with_its_page() -> None:
        with acme.store.write() as session:
            cursors.advance(acme.scope, session, acme.connection_id, "orders", "page 2", at=acme.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        dies_with_its_page()
    with acme.store.read() as session:
        assert cursors.read(acme.scope, session, acme.connection_id, "orders") is None

    for value in ("page 2", "page 3"):
        with acme.store.write() as session:
            cursors.advance(acme.scope, session, acme.connection_id, "orders", value, at=acme.clock.now())
    with acme.store.read() as session:
        assert cursors.read(acme.scope, session, acme.connection_id, "orders") == "page 3"


def test_a_hold_keeps_the_moment_it_began_and_a_release_is_for_that_content_only(acme: Company) -> None:
    def hold(reason: str) -> int:
        wanted = HoldToPlace(key=acme.key("1"), code="rule", title="Not paid yet", reason=reason, content_hash="h1")
        with acme.store.write() as session:
            return holds.place_many(acme.scope, session, acme.id, [wanted], at=acme.clock.now())[0]

    began = acme.clock.now()
    first = hold("unpaid")
    acme.clock.advance(3600)
    assert hold("still unpaid") == first
    with acme.store.read() as session:
        (open_hold,) = holds.held(acme.scope, session)
    assert (open_hold.held_since, open_hold.reason) == (began, "still unpaid")

    with acme.store.write() as session:
        holds.let_pass(acme.scope, session, first, by="Ann", at=acme.clock.now())
    with acme.store.read() as session:
        assert holds.held(acme.scope, session) == []
        assert holds.releases(acme.scope, session, acme.id, [acme.key("1")]) == {acme.key("1"): {"Not paid yet": "h1"}}
    with acme.store.write() as session, pytest.raises(LookupError):
        holds.let_pass(acme.scope, session, first, by="Ann", at=acme.clock.now())


def test_the_log_reads_as_people_speak(acme: Company) -> None:
    _save(acme, _order(acme, "1007"))
    acme.plan(
        acme.create(
            "1007",
            acme.sale("1007", type="invoice"),
            remarks=("rule 'Register 1 is in Maryland' filled in the state",),
        )
    )
    acme.drain()
    with acme.store.read() as session:
        (line,) = log.read(acme.scope, session, key=acme.key("1007"))

    assert line.text == (
        "Order #1007: invoice 1007, 1 line, 41.98 USD; rule 'Register 1 is in Maryland' filled in the state"
    )


@pytest.mark.parametrize("code", sorted(log.WORDS))
def test_every_line_can_be_said_whatever_its_values_lack(code: str) -> None:
    assert log.words(code, {}).strip()
    assert "Order #7" in log.words(code, {"order": "7", "message": "Order #7 it is.", "by": "Ann", "name": "Order #7"})


def test_half_a_character_in_a_name_or_number_breaks_nothing(acme: Company) -> None:
    """F22: PHP cuts texts by bytes, so shops send halves of emoji; PostgreSQL refuses them, and NUL, in any text."""
    half = "Amy \ud83d \x00"
    _save(acme, _order(acme, "9", note=half))
    for _ in range(2):
        need = SlotKey(acme.new_customer(half).key, "name")
        acme.plan(acme.new_customer(half), acme.create("9", acme.sale("9", memo=half), needs=(need,)))
    with acme.store.write() as session:
        log.write(acme.scope, session, log.Event(code="seen", values={"message": half}), at=acme.clock.now())
        wanted = HoldToPlace(key=acme.key("9"), code=half, title=half, reason=half)
        holds.place_many(acme.scope, session, acme.id, [wanted], at=acme.clock.now())

    acme.drain()

    assert acme.counts() == {"done": 2}
    assert len(acme.books.live("SalesReceipt")) == 1

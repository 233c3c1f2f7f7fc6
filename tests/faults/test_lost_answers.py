"""F4 to F7 over HTTP: answers that are lost, late, cut, shuffled or incomplete (the books' own request ids do not help)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine.store.tables import company, log, operation
from engine.working import Desk
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory, open_factory
from tests.faults.posters import Posters
from tests.faults.tasks import LeapingClock


@pytest.fixture
def shop(tmp_path: Path, posters: Posters) -> Iterator[Factory]:
    with open_factory(f"sqlite:///{tmp_path / 'store.sqlite3'}", posters) as made:
        yield made


@pytest.fixture
def desk(shop: Factory) -> Desk:
    """A worker in this process with the product's own times, which never waits: whenever it would, it leaps."""
    return Desk(replace(shop.office, clock=LeapingClock(shop.store, shop.books.url)))


def _settle(shop: Factory, desk: Desk, *, rounds: int = 200) -> None:
    """Post until nothing is left to do, or so often."""
    for _ in range(rounds):
        report, _calls = desk.post(shop.company_id)
        if report.next_at is None:
            return
        desk.office.clock.sleep(max((report.next_at - desk.office.clock.now()).total_seconds(), 1.0))


def _codes(factory: Factory) -> set[str]:
    with factory.store.read() as session:
        return set(session.execute(select(log.c.code).where(factory.scope.of(log))).scalars())


@pytest.mark.parametrize(
    "kind",
    [
        "applied_then_timeout",
        "applied_then_reset",
        "applied_then_500",
        "applied_then_503",
        "applied_then_html_502",
        "truncated",
        "timeout",
        "reset",
        "500",
        "503",
        "html_502",
        "429",
    ],
)
@pytest.mark.parametrize("forgets", [True, pytest.param(False, marks=pytest.mark.soak)], ids=["no-ids", "ids"])
def test_whatever_comes_instead_of_an_answer_nothing_is_lost_or_doubled(
    shop: Factory, desk: Desk, kind: str, forgets: bool
) -> None:
    shop.plan(35)
    shop.books.inject(
        Injected(kind, operation="batch", times=0, probability=0.4, forget_request_id=forgets, retry_after=1)
    )
    shop.books.inject(Injected(kind, operation="batch", forget_request_id=forgets, retry_after=1))
    _settle(shop, desk, rounds=10)
    shop.books.clear_faults()
    _settle(shop, desk)

    shop.check()


def test_what_is_applied_late_and_without_request_ids_is_not_sent_again_before_the_last_look(
    shop: Factory, desk: Desk
) -> None:
    """F5."""
    shop.plan(10)
    shop.books.inject(Injected("late_apply", operation="batch", late_by=100, forget_request_id=True, times=2))
    _settle(shop, desk)

    shop.check()
    assert shop.books.calls()["batch"] == 2
    assert "not_there" not in _codes(shop)


def test_a_batch_answer_that_is_shuffled_and_incomplete_settles_every_member_once(shop: Factory, desk: Desk) -> None:
    """F7."""
    for kind in ("batch_shuffled", "batch_missing_bid", "batch_lost_reply"):
        shop.books.inject(Injected(kind, operation="batch", items=3, forget_request_id=True))
        shop.plan(10)
        _settle(shop, desk)

    shop.check()
    assert {"unknown", "found"} <= _codes(shop)


def test_a_refusal_of_the_token_is_renewed_once_and_a_second_one_asks_to_connect_again(
    shop: Factory, desk: Desk
) -> None:
    """F10, F11: no attempt is burnt, nothing is dead, and after connecting again everything goes out."""
    shop.plan(5)
    shop.books.inject(Injected("401", operation="batch"))
    _settle(shop, desk)
    shop.plan(5)
    shop.books.inject(Injected("401", operation="batch", times=0))
    for _ in range(5):
        report, _calls = desk.post(shop.company_id)
    assert report.paused == "QuickBooks refuses even a fresh token for this company"
    assert shop.counts() == {"done": 10, "planned": 10}

    shop.books.clear_faults()
    with shop.store.write() as session:
        session.execute(update(company).where(shop.scope.of(company)).values(state="active"))
        attempts = session.execute(select(operation.c.attempts).where(shop.scope.of(operation))).scalars()
        assert set(attempts) == {0}
    _settle(shop, desk)
    shop.check()

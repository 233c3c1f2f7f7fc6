"""F4 to F7 over HTTP: answers that are lost, late, cut, shuffled or incomplete (the books' own request ids do not help)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from engine.store.tables import company, log, operation
from engine.working import Desk
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory, open_factory
from tests.faults.posters import QUICK, Posters


@pytest.fixture
def shop(tmp_path: Path, posters: Posters) -> Iterator[Factory]:
    with open_factory(f"sqlite:///{tmp_path / 'store.sqlite3'}", posters) as made:
        yield made


def _post_until_settled(factory: Factory, seconds: float = 30.0) -> None:
    desk = Desk(factory.office, timing=QUICK)
    end = time.monotonic() + seconds
    while {"planned", "sending", "unknown"} & factory.counts().keys():
        assert time.monotonic() < end, factory.counts()
        desk.post(factory.company_id)
        time.sleep(0.02)


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
    shop: Factory, kind: str, forgets: bool
) -> None:
    shop.plan(35)
    shop.books.inject(
        Injected(kind, operation="batch", times=0, probability=0.4, forget_request_id=forgets, retry_after=1)
    )
    shop.books.inject(Injected(kind, operation="batch", forget_request_id=forgets, retry_after=1))
    started = time.monotonic()
    desk = Desk(shop.office, timing=QUICK)
    while time.monotonic() - started < 1.5 and {"planned", "sending", "unknown"} & shop.counts().keys():
        desk.post(shop.company_id)
        time.sleep(0.02)
    shop.books.clear_faults()
    _post_until_settled(shop)

    shop.check()


def test_what_is_applied_late_and_without_request_ids_is_not_sent_again_before_the_last_look(shop: Factory) -> None:
    """F5."""
    shop.plan(10)
    shop.books.inject(Injected("late_apply", operation="batch", late_by=0.8, forget_request_id=True, times=2))
    _post_until_settled(shop)

    shop.check()
    assert shop.books.calls()["batch"] == 2
    assert "not_there" not in _codes(shop)


def test_a_batch_answer_that_is_shuffled_and_incomplete_settles_every_member_once(shop: Factory) -> None:
    """F7."""
    for kind in ("batch_shuffled", "batch_missing_bid", "batch_lost_reply"):
        shop.books.inject(Injected(kind, operation="batch", items=3, forget_request_id=True))
        shop.plan(10)
        _post_until_settled(shop)

    shop.check()
    assert {"unknown", "found"} <= _codes(shop)


def test_a_refusal_of_the_token_is_renewed_once_and_a_second_one_asks_to_connect_again(shop: Factory) -> None:
    """F10, F11: no attempt is burnt, nothing is dead, and after connecting again everything goes out."""
    shop.plan(5)
    shop.books.inject(Injected("401", operation="batch"))
    _post_until_settled(shop)
    shop.plan(5)
    shop.books.inject(Injected("401", operation="batch", times=0))
    desk = Desk(shop.office, timing=QUICK)
    for _ in range(5):
        report, _calls = desk.post(shop.company_id)
    assert report.paused == "QuickBooks refuses even a fresh token for this company"
    assert shop.counts() == {"done": 10, "planned": 10}

    shop.books.clear_faults()
    with shop.store.write() as session:
        session.execute(update(company).where(shop.scope.of(company)).values(state="active"))
        attempts = session.execute(select(operation.c.attempts).where(shop.scope.of(operation))).scalars()
        assert set(attempts) == {0}
    _post_until_settled(shop)
    shop.check()

"""The company's owner takes our access away (F11): one attempt finds it out, whoever makes it, and one word is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import connections
from engine.posting import reading
from sandbox.woocommerce import Options
from tests.flows.flows_kit import World, plain


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(f"sqlite:///{tmp_path / 'store.sqlite3'}", shop_options=Options(generated=1)) as made:
        made.publish(plain("invoice"))
        made.sync()
        yield made


def run(world: World) -> None:
    world.desk.run(world.flow.id)


def post(world: World) -> None:
    world.desk.post(world.company.id)


@pytest.mark.parametrize(("first", "then"), [(run, post), (post, run)], ids=["a run", "a poster"])
def test_one_attempt_one_word_and_nothing_is_blamed_when_it_is_found_out_by(
    world: World, first: Callable[[World], None], then: Callable[[World], None]
) -> None:
    order = world.simple_order()
    world.fetch_and_plan()
    tokens = world.books.api.tokens
    for grant in tokens.grants:
        grant.revoked = True
    world.books.expire_access_tokens()
    before = world.books.calls()
    for _ in range(3):
        first(world)
        then(world)
        world.pass_time(minutes=40)
    later = world.simple_order()
    world.pass_time(hours=7)
    run(world)

    calls = {kind: number - before.get(kind, 0) for kind, number in world.books.calls().items()}
    assert (calls["total"], calls["token"]) == (1, 1), "one call, and one renewal that was refused"
    assert world.company.state == "reconnect_needed"
    with world.store.read() as session:
        counts = reading.counts(world.office.scope, session, world.company.id)
        states = {row.name: row.state for row in connections.every(world.office.scope, session)}
    assert states == {"books": "reconnect_needed", "shop": "active"}
    assert not set(counts) & {"dead", "rejected", "held", "unknown"}, counts
    told = [line for line in world.lines() if "Connect QuickBooks again" in line]
    assert len(told) == 1, told
    assert world.held() == []

    tokens.grant()
    world.connect_books()
    world.sync()
    numbers = [each["DocNumber"] for each in world.documents("Invoice")]
    assert [numbers.count(each["number"]) for each in (order, later)] == [1, 1]

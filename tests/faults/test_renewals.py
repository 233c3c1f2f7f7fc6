"""F10 over HTTP: eight processes meet one expired token at once, and the answer to its renewal may be lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import log
from engine.store.tables import company
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory

WORKERS = 8


def eight_call(factory: Factory) -> list[int]:
    """How eight processes ended that each made one call at the same time."""
    ids = [factory.start(work="tests.faults.tasks:say_hello")[0] for _ in range(WORKERS)]
    return sorted(factory.posters.ended(id_) for id_ in ids)


def renewals(factory: Factory) -> int:
    return factory.books.calls().get("token", 0)


def goes_on(factory: Factory) -> None:
    factory.plan(1)
    factory.settle()
    factory.check()


def test_eight_processes_at_an_expired_token_renew_it_once(factory: Factory) -> None:
    factory.books.inject(Injected("slow", operation="token", hold=0.4))
    factory.books.expire_access_tokens()
    assert eight_call(factory) == [0] * WORKERS
    assert renewals(factory) == 1
    goes_on(factory)
    assert renewals(factory) == 1


@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
def test_the_lost_answer_to_a_renewal_costs_one_more_and_no_token(factory: Factory) -> None:
    factory.books.inject(Injected("applied_then_timeout", operation="token", hold=0.4))
    factory.books.expire_access_tokens()
    assert eight_call(factory) == [0] * (WORKERS - 1) + [1], "one tries again later, the others have the next pair"
    assert renewals(factory) == 2
    goes_on(factory)
    assert renewals(factory) == 2


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_lost_answer_that_took_the_grant_with_it_asks_once_to_connect_again(factory: Factory) -> None:
    """Where the books do not honour the pair before the last one, a person must connect; nothing is lost meanwhile."""
    factory.books.configure(refresh_grace=0)
    factory.books.inject(Injected("applied_then_timeout", operation="token"))
    factory.books.expire_access_tokens()
    factory.plan(3)
    for _ in range(3):
        assert factory.run(work="tests.faults.tasks:post_leaping", books=factory.books.url) == 0
    with factory.store.read() as session:
        state = session.execute(select(company.c.state).where(factory.scope.of(company))).scalar_one()
        told = [line for line in log.read(factory.scope, session) if line.code == "reconnect_needed"]
    assert (state, len(told)) == ("reconnect_needed", 1)
    assert renewals(factory) == 2, "the one whose answer was lost, and the one that was refused"
    assert factory.counts() == {"planned": 6}

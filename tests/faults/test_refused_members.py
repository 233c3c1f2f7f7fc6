"""F7 over HTTP: of ten documents in one batch three are refused, each for its own reason, and the reply is damaged besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors.documents import SalesDocument
from engine import holds
from engine.posting import planning
from engine.posting.operations import Step
from sandbox.quickbooks import Injected
from tests.faults.conftest import Factory, open_factory
from tests.faults.posters import Posters

INACTIVE = "Cool Cars"
REPLIES = ("batch_shuffled", "batch_missing_bid", "batch_lost_reply", "applied_then_timeout", "truncated")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, posters: Posters) -> Iterator[Factory]:
    url = f"sqlite:///{tmp_path_factory.mktemp('refused') / 'store.sqlite3'}"
    with open_factory(url, posters) as made:
        made.books.prefer("AccountingInfoPrefs", BookCloseDate="2026-01-31")
        customer = made.books.books("Customer")[0]["Id"]
        line = {"Amount": 1, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
        made.plan(1)
        made.settle()  # the lists are there: the books alone know what changes now
        inactive = next(each for each in made.books.books("Customer") if each["DisplayName"] == INACTIVE)
        made.books.edit("Customer", inactive["Id"], "change", Active=False)
        for reply in REPLIES:
            made.books.edit(
                "Invoice", None, "create", CustomerRef={"value": customer}, DocNumber=f"{reply[-9:]}-3", Line=[line]
            )
        yield made


def invoice(factory: Factory, reply: str, n: int) -> Step:
    """The nth of ten: the third's number is taken, the fifth is of a closed period, the eighth's customer is inactive."""
    step = factory.steps(f"{reply[-9:]}-{n}")[0]
    document = step.document
    assert isinstance(document, SalesDocument)
    if n == 5:
        document = replace(document, date=date(2026, 1, 15))
    if n == 8:
        document = replace(document, customer=INACTIVE)
    return replace(step, document=document)


@pytest.mark.parametrize("reply", REPLIES)
def test_seven_stand_once_and_three_wait_with_their_own_words_when_the_reply_is(shop: Factory, reply: str) -> None:
    before = len(shop.books.books("Invoice"))
    shop.books.inject(Injected(reply, operation="batch", items=4, forget_request_id=True))
    steps = [invoice(shop, reply, n) for n in range(1, 11)]
    with shop.store.write() as session:
        planning.plan_many(shop.scope, session, shop.company_id, steps, at=datetime.now(UTC))
    while {"planned", "sending", "unknown"} & shop.counts().keys():
        assert shop.run(seconds=20) == 0

    with shop.store.read() as session:
        waits = {
            hold.key.source_id.rpartition("-")[2]: (hold.code, hold.reason)
            for hold in holds.held(shop.scope, session)
            if hold.key.source_id.startswith(reply[-9:])
        }
    assert {n: code for n, (code, _) in waits.items()} == {
        "3": "number_exists",
        "5": "closed_period",
        "8": "not_found_or_inactive",
    }
    assert len({words for _, words in waits.values()}) == 3
    numbers = [each.get("DocNumber") for each in shop.books.books("Invoice")]
    assert all(numbers.count(f"{reply[-9:]}-{n}") == 1 for n in (1, 2, 3, 4, 6, 7, 9, 10))
    assert len(numbers) == before + 7

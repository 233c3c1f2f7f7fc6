"""The same guarantees over TLS, where a socket is wrapped in another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import errors
from connectors.ports import Member, Tokens
from connectors.quickbooks import QuickBooksOnline, Settings
from sandbox.quickbooks import Injected, Options, RunningQuickBooks, start
from tests.connectors.conftest import Authority
from tests.connectors.quickbooks_kit import Clock, MemoryTokens, OpenBudget


class LeaseGone(Exception):
    """What the engine raises when its lease has run out."""


@pytest.fixture
def local(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningQuickBooks]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority.file)
    with start(Options(empty=True), ssl_context=authority.server("127.0.0.1")) as running:
        yield running


def _books(local: RunningQuickBooks, *, lease: bool = True, total: float = 30.0) -> QuickBooksOnline:
    held, clock = local.ready(), Clock()
    tokens = MemoryTokens(clock)
    tokens.tokens = Tokens(held["access_token"], held["refresh_token"], tokens.tokens.expires)

    def check() -> None:
        if not lease:
            raise LeaseGone

    settings = Settings(
        client_id=held["client_id"],
        client_secret=held["client_secret"],
        base_url=held["base_url"],
        total_timeout=total,
    )
    return QuickBooksOnline(settings, held["realm_id"], tokens, clock, OpenBudget(), check)


def _create(books: QuickBooksOnline) -> errors.ConnectorError | None:
    member = Member(key="a", action="create", entity="Customer", body={"DisplayName": "Ann Lee"})
    (result,) = books.send("r1", books.freeze([member], "r1"))
    return result.error if isinstance(result.error, errors.ConnectorError) else None


def test_a_write_goes_through_and_a_lost_lease_stops_it(local: RunningQuickBooks) -> None:
    assert local.url.startswith("https://")
    with pytest.raises(LeaseGone):
        _create(_books(local, lease=False))
    assert local.books("Customer") == []
    assert _create(_books(local)) is None
    assert len(local.books("Customer")) == 1


def test_the_deadline_for_the_whole_cuts_an_answer_that_does_not_come(local: RunningQuickBooks) -> None:
    local.inject(Injected("slow", hold=5.0))
    began = time.monotonic()
    with pytest.raises(errors.Unknown) as caught:
        _create(_books(local, total=0.3))
    assert time.monotonic() - began < 3
    assert "in time" in caught.value.message


def test_a_certificate_that_is_not_trusted_is_not_written_to(
    local: RunningQuickBooks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", Authority(tmp_path).file)
    with pytest.raises(errors.Retry) as caught:
        _create(_books(local))
    assert caught.value.code == "certificate"
    assert local.books("Customer") == []

"""engine/tokens.py, engine/rotation.py, engine/store/seal.py: secrets are sealed, and renewed once per expiry."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from connectors.errors import ReconnectNeeded, Retry
from connectors.ports import Tokens
from engine import connections, rotation, secret_keys
from engine.clock import DatabaseClock
from engine.store.seal import SealBroken, Sealed, Sealer
from engine.store.tables import credential, token
from engine.tokens import StoredTokens
from tests.engine.conftest import Company

KEYS = (secret_keys.new(), secret_keys.new())
SOON = datetime(2026, 11, 21, 13, tzinfo=UTC)


def _tokens(company: Company, *, exchange_seconds: float = 60.0) -> StoredTokens:
    return StoredTokens(
        company.store,
        company.scope,
        company.connection_id,
        Sealer(KEYS[:1]),
        DatabaseClock(company.store),
        exchange_seconds=exchange_seconds,
    )


def _connect(company: Company) -> StoredTokens:
    tokens = _tokens(company)
    with company.store.write() as session:
        tokens.save(session, Tokens("access-0", "refresh-0", SOON))
    return tokens


def test_eight_workers_that_meet_an_expired_token_renew_it_once(acme: Company) -> None:
    _connect(acme)
    exchanges: list[str] = []
    answers: list[str] = []
    gate = threading.Barrier(8)

    def exchange(stored: Tokens) -> Tokens:
        exchanges.append(stored.refresh_token)
        return Tokens("access-1", "refresh-1", SOON + timedelta(hours=1))

    def work() -> None:
        mine = _tokens(acme)
        gate.wait()
        answers.append(mine.refresh("access-0", exchange).access_token)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert exchanges == ["refresh-0"]
    assert answers == ["access-1"] * 8


def test_a_refused_renewal_frees_the_lock_and_keeps_the_stored_pair(acme: Company) -> None:
    tokens = _connect(acme)

    def refused(stored: Tokens) -> Tokens:
        raise ReconnectNeeded("The grant was revoked.")

    with pytest.raises(ReconnectNeeded):
        tokens.refresh("access-0", refused)

    renewed = tokens.refresh("access-0", lambda stored: Tokens("access-1", "refresh-1", SOON))
    assert renewed.access_token == "access-1"
    assert tokens.read().refresh_token == "refresh-1"


def test_a_renewal_whose_worker_died_is_taken_over_when_its_time_is_up(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(acme)
    dying = _tokens(acme, exchange_seconds=0.1)

    def dies(stored: Tokens) -> Tokens:
        raise _KilledError

    # A killed process unlocks nothing.
    monkeypatch.setattr(dying, "_unlock", lambda owner: None)
    with pytest.raises(_KilledError):
        dying.refresh("access-0", dies)

    renewed = _tokens(acme).refresh("access-0", lambda stored: Tokens("access-1", "refresh-1", SOON))
    assert renewed.refresh_token == "refresh-1"


class _KilledError(BaseException):
    pass


def test_no_secret_stands_readable_in_the_database(acme: Company) -> None:
    _connect(acme)
    with acme.store.read() as session:
        found = session.execute(select(token).where(acme.scope.of(token))).all()
    dumped = repr(found)

    assert "access-0" not in dumped
    assert "refresh-0" not in dumped


def test_a_sealed_value_that_is_moved_to_another_place_does_not_open() -> None:
    sealer = Sealer(KEYS)
    sealed = sealer.seal("secret", tenant_id=1, connection_uid="a", field="key")

    assert sealer.open(sealed, tenant_id=1, connection_uid="a", field="key") == "secret"
    for tenant_id, connection_uid, field in ((2, "a", "key"), (1, "b", "key"), (1, "a", "other")):
        with pytest.raises(SealBroken):
            sealer.open(sealed, tenant_id=tenant_id, connection_uid=connection_uid, field=field)
    with pytest.raises(SealBroken):
        sealer.open(Sealed("unknown", sealed.data), tenant_id=1, connection_uid="a", field="key")


def test_rotation_seals_everything_with_the_new_key_and_the_old_one_may_go(acme: Company) -> None:
    _connect(acme)
    with acme.store.write() as session:
        shop = connections.save(
            acme.scope, session, Sealer(KEYS[:1]), kind="woocommerce", name="Shop", identity="shop.example", zone="UTC",
            currency="USD", settings={}, secrets={"key": "ck_1", "secret": "cs_1"}, profile={}, at=SOON,
        )  # fmt: skip
    both = Sealer((KEYS[1], KEYS[0]))

    assert rotation.rotate(acme.store, acme.scope, both) == 3
    assert rotation.rotate(acme.store, acme.scope, both) == 0

    only_new = Sealer(KEYS[1:])
    with acme.store.read() as session:
        row = connections.by_id(acme.scope, session, shop)
        assert connections.secrets_of(acme.scope, session, only_new, row) == {"key": "ck_1", "secret": "cs_1"}
    fresh = StoredTokens(acme.store, acme.scope, acme.connection_id, only_new, DatabaseClock(acme.store))
    assert fresh.read().access_token == "access-0"


def test_swapping_two_sealed_rows_is_noticed(acme: Company) -> None:
    with acme.store.write() as session:
        shop = connections.save(
            acme.scope, session, Sealer(KEYS), kind="woocommerce", name="Shop", identity="shop.example", zone="UTC",
            currency="USD", settings={}, secrets={"key": "ck_1", "secret": "cs_1"}, profile={}, at=SOON,
        )  # fmt: skip
        held = {row.field: row.sealed for row in session.execute(select(credential).where(acme.scope.of(credential)))}
        session.execute(
            update(credential)
            .where(acme.scope.of(credential), credential.c.field == "key")
            .values(sealed=held["secret"])
        )
    with acme.store.read() as session, pytest.raises(Retry, match="'Shop' no longer open") as refused:
        connections.secrets_of(acme.scope, session, Sealer(KEYS), connections.by_id(acme.scope, session, shop))
    assert isinstance(refused.value.__cause__, SealBroken)

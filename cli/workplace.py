"""What commands that use the store begin with: settings, the database brought up to date, the tenant, the clock.

It turns what is in the way into one sentence; it knows no table and no command.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cli.output import Refusal
from engine import connections, secret_keys
from engine.clock import DatabaseClock
from engine.settings import Settings, SettingsError
from engine.store import Store, TenantScope, open_store
from engine.store.engine import StoreUnavailable
from engine.store.migrate import migrate
from engine.store.seal import Sealer

if TYPE_CHECKING:
    from engine.systems import Office


@dataclass
class Workplace:
    """An open store and who works in it. The command line works for one tenant."""

    settings: Settings
    store: Store
    scope: TenantScope
    clock: DatabaseClock

    @cached_property
    def sealer(self) -> Sealer:
        """Opens and seals credentials; makes the first key where there is none."""
        return Sealer(secret_keys.load(self.settings))

    @cached_property
    def office(self) -> "Office":
        """What opening a connector takes."""
        from engine.systems import Office

        return Office(
            store=self.store,
            scope=self.scope,
            sealer=self.sealer,
            clock=self.clock,
            allow_private=self.settings.allow_private_hosts,
        )


def read_settings() -> Settings:
    """The settings of this process; Refusal names the variable that cannot be used."""
    try:
        return Settings.read()
    except SettingsError as error:
        raise Refusal(str(error)) from error


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what may be in the way of a command (settings, database, an unknown connection) into a Refusal."""
    try:
        yield
    except SettingsError as error:
        raise Refusal(str(error)) from error
    except StoreUnavailable as error:
        raise Refusal.of(error.message, error.next_step) from error
    except connections.UnknownConnection as error:
        raise Refusal(str(error)) from error


@contextmanager
def workplace() -> Iterator[Workplace]:
    """The store, open and in the form that this program needs; closed at the end."""
    with refusing():
        settings = prepared(read_settings())
        migrate(settings.database)
        store = open_store(settings.database)
        try:
            clock = DatabaseClock(store)
            yield Workplace(settings, store, connections.default_scope(store, at=clock.now()), clock)
        finally:
            store.dispose()


def prepared(settings: Settings) -> Settings:
    """The settings, with the data folder made and the database known to answer. Raises StoreUnavailable."""
    settings.make_data_dir()
    store = open_store(settings.database)
    try:
        store.check()
    finally:
        store.dispose()
    return settings

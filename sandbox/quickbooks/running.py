"""Starts and steers one local company: its server, its credentials, and what tests and demos may do to it in Python."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from flask import Flask

from sandbox.quickbooks.api import Api
from sandbox.quickbooks.app import build_app
from sandbox.quickbooks.errors import Json
from sandbox.quickbooks.injection import Injected
from sandbox.quickbooks.options import Options
from sandbox.quickbooks.webhooks import Receiver
from sandbox.running import RunningSandbox
from sandbox.server import RunningServer, serve


def create_app(options: Options | None = None, *, data: Path | str | None = None) -> Flask:
    """The WSGI application of a company; `app.extensions["quickbooks"]` is its Api. Its books are kept in `data`, if any."""
    return build_app(Api(options or Options(), data))


def start(
    options: Options | None = None,
    *,
    port: int = 0,
    data: Path | str | None = None,
    log: Path | str | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> RunningQuickBooks:
    """Serves a company on 127.0.0.1 (any free port for 0) and returns at once.

    `data` keeps its books in a file, `log` writes every request and answer. OSError if the port is taken.
    """
    app = create_app(options, data=data)
    return RunningQuickBooks(app, serve(app, port=port, ssl_context=ssl_context, log=log))


class RunningQuickBooks(RunningSandbox):
    """A company at work, with what its people and tests do to it from outside."""

    kind = "quickbooks"

    def __init__(self, app: Flask, server: RunningServer) -> None:
        super().__init__(server)
        self.api: Api = app.extensions["quickbooks"]

    @property
    def realm_id(self) -> str:
        return self.api.company.options.realm_id

    def credentials(self) -> dict[str, Any]:
        options = self.api.company.options
        grant = self.api.tokens.grants[-1]
        return {
            "api_url": f"{self.url}/v3",
            "discovery_url": f"{self.url}/.well-known/openid_sandbox_configuration/",
            "realm_id": options.realm_id,
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "access_token": list(grant.access)[-1],
            "refresh_token": grant.refresh_token,
        }

    def closed(self) -> None:
        self.api.close()

    # what happens in the company ----------------------------------------------------------------------------------

    def books(self, entity: str) -> list[Json]:
        """Every document of an entity, by id, numbers as Decimal."""
        return self.api.everything(entity).get(entity, [])

    def edit(self, entity: str, key: str | None, action: str, **values: Any) -> Json:
        """What a person does on the screens: action create, change, delete or void. Raises Fault."""
        self.api.settle()
        return self.api.edit(entity, key, action, values)

    def prefer(self, section: str, **values: Any) -> None:
        """Sets preferences, locked ones too: prefer("SalesFormsPrefs", CustomTxnNumbers=True)."""
        self.api.set_preferences({section: values})

    def pass_time(self, seconds: float) -> None:
        """Moves the company's clock on (tokens expire, late calls are carried out)."""
        self.api.company.clock.shift += seconds
        self.api.settle()

    def configure(self, **switches: Any) -> None:
        """Changes switches while the company runs."""
        self.api.set_switches(switches)

    def tell(self, receiver: Receiver | None) -> None:
        """Sends webhooks to an address from now on; None ends it."""
        self.api.messenger.receiver = receiver

    # watching and disturbing --------------------------------------------------------------------------------------

    def inject(self, fault: Injected) -> None:
        """Makes calls go wrong from now on."""
        self.api.injector.add(fault)

    def clear_faults(self) -> None:
        self.api.injector.clear()

    def expire_access_tokens(self) -> None:
        with self.api.company.books.lock:
            self.api.tokens.expire_access()

    def calls(self) -> dict[str, int]:
        """Calls so far: total, query, batch, cdc, single, batch_items, replays, throttled, 'create:Invoice', …"""
        return dict(self.api.counts)

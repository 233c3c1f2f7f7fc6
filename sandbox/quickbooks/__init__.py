"""A local QuickBooks Online: the real one's validation, tax, queries, batches, OAuth and failures, over HTTP.

    from sandbox.quickbooks import Options, start
    with start(Options()) as books:
        books.url, books.credentials            # what a client needs
        books.inject(Injected("applied_then_timeout", entity="Invoice"))
        books.books("Invoice")                  # the invoices that stand

`create_app(options)` gives the bare Flask application. It shares no code with the connector, so that a wrong belief
about QuickBooks shows.
"""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from sandbox.quickbooks.api import Api
from sandbox.quickbooks.app import build_app
from sandbox.quickbooks.errors import Fault, Json
from sandbox.quickbooks.injection import Injected
from sandbox.quickbooks.options import Limits, Options, Switches, help_for
from sandbox.quickbooks.webhooks import Receiver
from sandbox.server import RunningServer, serve

__all__ = [
    "Fault",
    "Injected",
    "Limits",
    "Options",
    "Receiver",
    "RunningQuickBooks",
    "Switches",
    "create_app",
    "help_for",
    "start",
]


def create_app(options: Options | None = None) -> Flask:
    """The application of one company, not served; `app.extensions["quickbooks"]` is its Api."""
    return _app(Api(options or Options()))


def start(
    options: Options | None = None,
    *,
    port: int = 0,
    ssl_context: ssl.SSLContext | None = None,
    log: Path | str | None = None,
    data: Path | str | None = None,
) -> RunningQuickBooks:
    """Serves a company on 127.0.0.1; `data` keeps its books in a file, `log` writes every request and answer."""
    options = options or Options()
    if data is not None:
        options = replace(options, data=Path(data))
    api = Api(options)
    return RunningQuickBooks(api, serve(_app(api), port=port, ssl_context=ssl_context, log=log))


def _app(api: Api) -> Flask:
    app = build_app(api)
    app.extensions["quickbooks"] = api
    return app


class RunningQuickBooks:
    """A company at work, with what tests do to it from outside; `with` stops it."""

    def __init__(self, api: Api, server: RunningServer) -> None:
        self.api = api
        self.server = server
        self.url = server.url
        self.port = server.port

    @property
    def realm_id(self) -> str:
        return self.api.company.options.realm_id

    @property
    def credentials(self) -> dict[str, Any]:
        """Base address and credentials as `cloudcart sandbox quickbooks` prints them."""
        options = self.api.company.options
        grant = self.api.tokens.grants[-1]
        return {
            "v": 1,
            "kind": "quickbooks",
            "base_url": self.url,
            "api_url": f"{self.url}/v3",
            "discovery_url": f"{self.url}/.well-known/openid_sandbox_configuration/",
            "realm_id": options.realm_id,
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "access_token": list(grant.access)[-1],
            "refresh_token": grant.refresh_token,
            "admin_url": f"{self.url}/__sandbox__",
        }

    def announcement(self) -> str:
        """The one line of JSON for standard output."""
        return json.dumps(self.credentials)

    def inject(self, fault: Injected) -> None:
        """Makes calls go wrong from now on."""
        self.api.injector.add(fault)

    def clear_faults(self) -> None:
        self.api.injector.clear()

    def books(self, entity: str) -> list[Json]:
        """Every document of an entity, by id, numbers as Decimal."""
        return self.api.everything(entity).get(entity, [])

    @property
    def counts(self) -> dict[str, int]:
        """Calls so far: total, query, batch, cdc, single, batch_items, replays, throttled, 'create:Invoice', …"""
        return dict(self.api.counts)

    def edit(self, entity: str, key: str | None, action: str, **values: Any) -> Json:
        """What a person does on the screens: action create, change, delete or void. Raises Fault."""
        self.api.settle()
        return self.api.edit(entity, key, action, values)

    def forward(self, seconds: float) -> None:
        """Moves the company's clock (tokens expire, late calls are carried out)."""
        self.api.company.clock.shift += seconds
        self.api.settle()

    def switch(self, **values: Any) -> None:
        """Sets switches of the running company."""
        self.api.set_switches(values)

    def prefer(self, section: str, **values: Any) -> None:
        """Sets preferences, locked ones too: prefer("SalesFormsPrefs", CustomTxnNumbers=True)."""
        self.api.set_preferences({section: values})

    def tell(self, receiver: Receiver | None) -> None:
        """Sends webhooks to an address from now on; None ends it."""
        self.api.messenger.receiver = receiver

    def expire_access_tokens(self) -> None:
        with self.api.company.books.lock:
            self.api.tokens.expire_access()

    def stop(self) -> None:
        self.server.stop()
        self.api.close()

    def wait(self) -> None:
        """Blocks until it is stopped."""
        self.server.wait()

    def __enter__(self) -> RunningQuickBooks:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

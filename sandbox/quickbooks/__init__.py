"""A local QuickBooks Online: the real one's validation, tax, queries, batches, OAuth and failures, over HTTP.

    from sandbox.quickbooks import Injected, Options, start
    with start(Options()) as books:
        books.url, books.ready()                # what a client needs
        books.inject(Injected("applied_then_timeout", entity="Invoice"))
        books.books("Invoice")                  # the invoices that stand

`create_app(options)` gives the bare Flask application. It shares no code with the connector, so that a wrong belief
about QuickBooks shows.
"""

from __future__ import annotations

from sandbox.quickbooks.errors import Fault
from sandbox.quickbooks.injection import Injected
from sandbox.quickbooks.options import Limits, Options, Switches
from sandbox.quickbooks.running import RunningQuickBooks, create_app, start
from sandbox.quickbooks.webhooks import Receiver

__all__ = [
    "Fault",
    "Injected",
    "Limits",
    "Options",
    "Receiver",
    "RunningQuickBooks",
    "Switches",
    "create_app",
    "start",
]

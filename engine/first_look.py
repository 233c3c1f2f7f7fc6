"""What a person should know of a shop before the first orders of a flow are moved: changes when there is more to be told.

It asks the shop little, once, and stops nothing: whatever the shop refuses here is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from connectors.errors import ConnectorError, ReconnectNeeded
from connectors.ports import Source
from connectors.records import SourceFinding


def of_orders(source: Source, flow: str, starting: date, moment: datetime) -> Iterator[SourceFinding]:
    """How many orders are older than the first day of a flow (`moment` is its beginning), and how to move them too."""
    try:
        older = source.older_orders(moment)
    except ReconnectNeeded:
        raise
    except ConnectorError:
        return
    if older:
        yield SourceFinding(
            code="older_orders",
            message=f"{older} older {'order is' if older == 1 else 'orders are'} in the shop: '{flow}' takes orders from"
            f" {starting.isoformat()} on, the day on which it was published.",
            severity="info",
            next_step="To move older ones too, write an earlier day into the flow (starting 01/31/2026), or run it once"
            " with --since 2026-01-31.",
        )


def of_products(source: Source) -> Iterator[SourceFinding]:
    """SKUs that several products or variations share: in the books they would be one item."""
    try:
        yield from source.product_findings()
    except ReconnectNeeded:
        raise
    except ConnectorError as error:
        yield SourceFinding(
            code="products_unread",
            message=f"Whether products share a SKU could not be looked up: {error.message}",
            severity="info",
            next_step=error.next_step,
        )

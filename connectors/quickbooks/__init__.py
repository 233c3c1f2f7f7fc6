"""QuickBooks Online, the books that are written: what the engine may use of it, by name.

On python-quickbooks: its client does the requests (`transport`), and what it lacks stands around it. Beside the calls of
`ports.Books` there are pure functions, so that a preview, a plan and the live run say the same.
"""

from connectors.quickbooks.amounts import compute_tax, expected_total
from connectors.quickbooks.body import dump as body_text
from connectors.quickbooks.body import load as read_body
from connectors.quickbooks.books import QuickBooksOnline
from connectors.quickbooks.checks import preflight
from connectors.quickbooks.declaration import DECLARATION
from connectors.quickbooks.decoding import MARKER_PREFIX, marker_in
from connectors.quickbooks.encoding import adaptations, encode, encoded
from connectors.quickbooks.names import (
    Accepted,
    Found,
    customer_name,
    document_number,
    find_entry,
    item_name,
    list_name,
    with_suffix,
)
from connectors.quickbooks.oauth import LoopbackRedirect, OAuth, Settings, new_state, read_callback
from connectors.quickbooks.sales import ENTITY_OF
from connectors.quickbooks.sends import BATCH_SIZE, can_void
from connectors.quickbooks.snapshots import Snapshot
from connectors.quickbooks.snapshots import read as read_snapshot
from connectors.quickbooks.snapshots import take as snapshot
from connectors.quickbooks.snapshots import write as write_snapshot

__all__ = [
    "BATCH_SIZE",
    "DECLARATION",
    "ENTITY_OF",
    "MARKER_PREFIX",
    "Accepted",
    "Found",
    "LoopbackRedirect",
    "OAuth",
    "QuickBooksOnline",
    "Settings",
    "Snapshot",
    "adaptations",
    "body_text",
    "can_void",
    "compute_tax",
    "customer_name",
    "document_number",
    "encode",
    "encoded",
    "expected_total",
    "find_entry",
    "item_name",
    "list_name",
    "marker_in",
    "new_state",
    "preflight",
    "read_body",
    "read_callback",
    "read_snapshot",
    "snapshot",
    "with_suffix",
    "write_snapshot",
]

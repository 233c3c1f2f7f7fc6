"""QuickBooks Online, the books that are written: what the engine may use of it, by name.

On python-quickbooks: its client does the requests (`transport`), and what it lacks stands around it. Beside the calls of
`ports.Books` there are pure functions, so that a preview, a plan and the live run say the same.
"""

from connectors.quickbooks.amounts import compute_tax
from connectors.quickbooks.books import QuickBooksOnline
from connectors.quickbooks.checks import preflight
from connectors.quickbooks.declaration import DECLARATION
from connectors.quickbooks.names import customer_name, item_name, name_beside
from connectors.quickbooks.oauth import LoopbackRedirect, OAuth, Settings, new_state, read_callback
from connectors.quickbooks.sends import can_void
from connectors.quickbooks.snapshots import Snapshot
from connectors.quickbooks.snapshots import read as read_snapshot
from connectors.quickbooks.snapshots import take as snapshot
from connectors.quickbooks.snapshots import write as write_snapshot

__all__ = [
    "DECLARATION",
    "LoopbackRedirect",
    "OAuth",
    "QuickBooksOnline",
    "Settings",
    "Snapshot",
    "can_void",
    "compute_tax",
    "customer_name",
    "item_name",
    "name_beside",
    "new_state",
    "preflight",
    "read_callback",
    "read_snapshot",
    "snapshot",
    "write_snapshot",
]

"""What the connector says of itself, once: its credentials form, what it reads and writes, its limits."""

from __future__ import annotations

from connectors.ports import ConnectorDeclaration, CredentialField
from connectors.quickbooks import queries

DECLARATION = ConnectorDeclaration(
    kind="quickbooks",
    title="QuickBooks Online",
    credentials=(
        CredentialField(
            name="client_id",
            label="Client ID",
            help="developer.intuit.com > your app > Keys and credentials; development and production keys differ.",
        ),
        CredentialField(name="client_secret", label="Client secret", secret=True, help="Beside the client ID."),
        CredentialField(
            name="environment",
            label="Environment",
            required=False,
            help="'production', or 'sandbox' for Intuit's sandbox companies (development keys).",
        ),
        CredentialField(
            name="redirect_uri",
            label="Redirect URI",
            required=False,
            help="One of those entered at Intuit; development keys may use http://localhost with a fixed port.",
        ),
    ),
    reads=("account", "class", "customer", "department", "item", "payment_method", "tax_code", "term", "vendor"),
    writes=(*queries.DOCUMENTS, "Customer", "Item", "Class", "Department", "Term", "PaymentMethod"),
    # Intuit's own limits for one company and app; who shares the company with other programs takes less.
    limits={"call": 500, "batch": 40},
    parallel=1,
    # Their own limit for a request is 120 seconds: after 150 what is not there will not come any more.
    settles_after=150.0,
)

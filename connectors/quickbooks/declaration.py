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
            label="Client id of the app",
            help="developer.intuit.com, your app, Keys and credentials. Development and production keys differ.",
        ),
        CredentialField(name="client_secret", label="Client secret of the app", secret=True),
        CredentialField(
            name="environment",
            label="production or sandbox",
            required=False,
            help="sandbox goes with development keys.",
        ),
        CredentialField(name="base_url", label="Another server", required=False, help="For the local sandbox."),
        CredentialField(name="realm_id", label="Company id", required=False, help="With tokens that you have already."),
        CredentialField(name="access_token", label="Access token", secret=True, required=False),
        CredentialField(name="refresh_token", label="Refresh token", secret=True, required=False),
    ),
    reads=("account", "class", "customer", "department", "item", "payment_method", "tax_code", "term", "vendor"),
    writes=(*queries.DOCUMENTS, "Customer", "Item", "Class", "Department", "Term", "PaymentMethod"),
    # Intuit's own limits for one company and app; who shares the company with other programs takes less.
    limits={"call": 500, "batch": 40},
    # Their own limit for a request is 120 seconds: after 150 what is not there will not come any more.
)

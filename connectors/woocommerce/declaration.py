"""What the WooCommerce connector says of itself: credentials form, what it reads, what its fields hold."""

from __future__ import annotations

from typing import Final

from connectors.ports import ConnectorDeclaration, CredentialField, FieldDeclaration

DECLARATION: Final = ConnectorDeclaration(
    kind="woocommerce",
    title="WooCommerce",
    credentials=(
        CredentialField(
            name="url",
            label="Address of the shop",
            help="As the browser shows it, with https://, for example https://www.example.com or "
            "https://www.example.com/shop.",
        ),
        CredentialField(
            name="consumer_key",
            label="Consumer key",
            secret=True,
            help="WooCommerce, Settings, Advanced, REST API, Add key (WooCommerce 2.3: Users, your profile). It begins with "
            "ck_.",
        ),
        CredentialField(
            name="consumer_secret",
            label="Consumer secret",
            secret=True,
            help="Shown once, with the key. It begins with cs_.",
        ),
    ),
    reads=("order", "refund", "customer", "product"),
    fields=(
        FieldDeclaration(path="order.store", help="The shop's title (WordPress, Settings, General)."),
        FieldDeclaration(
            path="order.channel",
            help="How the order was made: checkout, store-api (block checkout), admin, rest-api, or a plugin's name.",
        ),
        FieldDeclaration(
            path="order.status",
            help="One of pending, processing, on-hold, completed, cancelled, refunded and failed; plugins add their own.",
        ),
    ),
)

"""What the WooCommerce connector says of itself: credentials form, fields, statuses, limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from connectors.ports import ConnectorDeclaration, CredentialField, FieldDeclaration
from connectors.records import Order

STATUSES: Final = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
"""The statuses of every shop. Plugins add more ("shipped"), and the block checkout "checkout-draft"."""

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
        FieldDeclaration(
            path="order.store",
            type="text",
            label="Store",
            example="Acme Outdoors",
            help="The shop's title (WordPress, Settings, General).",
        ),
        FieldDeclaration(
            path="order.channel",
            type="text",
            label="Sales channel",
            example="checkout",
            values=(),
            help="How the order was made: checkout, store-api (block checkout), admin, rest-api, or a plugin's name.",
        ),
        FieldDeclaration(
            path="order.status",
            type="text",
            label="Status",
            example="processing",
            help=f"One of {', '.join(STATUSES)}; plugins may add their own.",
        ),
    ),
    statuses=STATUSES,
    limits={"call": 120},
    parallel=2,
    settles_after=120.0,
)


def fields_seen(orders: Iterable[Order]) -> tuple[FieldDeclaration, ...]:
    """The custom fields that these orders carry, as fields of the language: `order.meta["_po_number"]` with an example.

    Sorted by how many orders have them, then by name, so that the useful ones come first.
    """
    seen: dict[str, tuple[int, str]] = {}
    for order in orders:
        named = {f'order.meta["{_quoted(key)}"]': value for key, value in order.meta.items()}
        for line in order.lines:
            named |= {f'line.meta["{_quoted(key)}"]': value for key, value in line.meta.items()}
            named |= {f'line.options["{_quoted(key)}"]': value for key, value in line.options.items()}
        for path, value in named.items():
            count, example = seen.get(path, (0, ""))
            seen[path] = (count + 1, example or value[:60])
    ranked = sorted(seen.items(), key=lambda entry: (-entry[1][0], entry[0]))
    return tuple(
        FieldDeclaration(
            path=path,
            type="text",
            label=_label(path),
            example=example,
            help=f"Seen on {count} order{'' if count == 1 else 's'} of this shop.",
        )
        for path, (count, example) in ranked
    )


def _quoted(key: str) -> str:
    return key.replace('"', '""')


def _label(path: str) -> str:
    key = path.partition('["')[2].removesuffix('"]').replace('""', '"')
    words = key.strip("_").replace("_", " ").replace("-", " ").strip() or key
    return words[:1].upper() + words[1:]

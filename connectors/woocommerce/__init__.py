"""WooCommerce as a source: orders with refunds, customers and products with variations, from version 2.3 to today.

Public: `WooCommerce` (the source), `DECLARATION`, `fields_seen`, `shared_skus`, and in `connectors.woocommerce.pairing`
the authorise flow. It changes when WooCommerce does, and knows no books and no rules.
"""

from connectors.woocommerce.declaration import DECLARATION, fields_seen
from connectors.woocommerce.discovery import identity
from connectors.woocommerce.products import SharedSku, shared_skus, with_shared_skus
from connectors.woocommerce.shop import WooCommerce

__all__ = ["DECLARATION", "SharedSku", "WooCommerce", "fields_seen", "identity", "shared_skus", "with_shared_skus"]

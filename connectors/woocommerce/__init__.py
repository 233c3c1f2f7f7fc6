"""WooCommerce as a source: orders with refunds, customers and products with variations, from version 2.3 to today.

Public: `WooCommerce` (the source), `read_orders` (the pure mapping) with `ShopSetting`, `DECLARATION`, and in
`connectors.woocommerce.pairing` the authorise flow. It changes when WooCommerce does, and knows no books and no rules.
"""

from connectors.woocommerce.declaration import DECLARATION
from connectors.woocommerce.reading import read_orders
from connectors.woocommerce.setting import ShopSetting
from connectors.woocommerce.shop import WooCommerce

__all__ = [
    "DECLARATION",
    "ShopSetting",
    "WooCommerce",
    "read_orders",
]

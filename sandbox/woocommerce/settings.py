"""What the shop says about itself: index, system status, settings, tax classes, reports; it changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .lists import statuses
from .shop import Shop
from .views import View

if TYPE_CHECKING:
    from .asks import Ask

Record = dict[str, Any]

_NAMES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
_CURRENCY_NAMES = {"USD": ("United States (US) dollar", "&#36;"), "GBP": ("Pound sterling", "&pound;")}
_CURRENCY_NAMES |= {"EUR": ("Euro", "&euro;"), "CAD": ("Canadian dollar", "&#36;")}


def status_name(status: str) -> str:
    return _NAMES.get(status, status.replace("-", " ").capitalize())


def index(shop: Shop, home: str, routes: list[str]) -> Record:
    """GET /wp-json/: open to everyone; says zone and namespaces (a shop without wc/v3 has no WooCommerce 3.5+)."""
    zone = ZoneInfo(shop.options.zone)
    offset = shop.clock.now().astimezone(zone).utcoffset()
    hours = 0.0 if offset is None else offset.total_seconds() / 3600
    spaces = ["oembed/1.0", "wp/v2"]
    if not shop.options.legacy:
        spaces[1:1] = ["wc/v1", "wc/v2", "wc/v3", "wc/store", "wc-admin"]
    return {
        "name": shop.options.name,
        "description": "",
        "url": home,
        "home": home,
        "gmt_offset": int(hours) if hours == int(hours) else hours,
        "timezone_string": shop.options.zone,
        "namespaces": spaces,
        "authentication": [],
        "routes": {route: {"namespace": route.strip("/"), "methods": ["GET"]} for route in routes},
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    }


def system_status(ask: Ask) -> Record:
    shop, options = ask.shop, ask.shop.options
    store = "Orders\\OrdersTableDataStore" if options.hpos else "WC_Order_Data_Store_CPT"
    settings = {
        "api_enabled": False,
        "force_ssl": False,
        "currency": options.currency,
        "currency_symbol": currency(ask)["symbol"],
        "currency_position": "left",
        "thousand_separator": ",",
        "decimal_separator": ".",
        "number_of_decimals": options.decimals,
        "geolocation_enabled": False,
        "taxonomies": {"external": "external", "grouped": "grouped", "simple": "simple", "variable": "variable"},
    }
    if options.version == "10.0":
        settings["order_datastore"] = (
            f"Automattic\\WooCommerce\\Internal\\DataStores\\{store}" if options.hpos else store
        )
        settings["HPOS_enabled"] = options.hpos
        settings["HPOS_sync_enabled"] = False
    plugins = []
    if options.sequential_numbers:
        plugins.append(_plugin("woocommerce-sequential-order-numbers", "Sequential Order Numbers for WooCommerce"))
    if options.max_url_length:
        plugins.append(_plugin("better-wp-security", "iThemes Security"))
    return {
        "environment": {
            "home_url": ask.view.home,
            "site_url": ask.view.home,
            "version": options.full_version,
            "log_directory_writable": True,
            "wp_version": options.wordpress_version,
            "wp_multisite": False,
            "wp_memory_limit": 268435456,
            "wp_debug_mode": options.notices_before_json,
            "wp_cron": True,
            "language": "en_US",
            "server_info": "nginx",
            "php_version": "8.2.28",
            "default_timezone": "UTC",
        },
        "database": {"wc_database_version": options.full_version, "database_prefix": "wp_"},
        "active_plugins": [_plugin("woocommerce", "WooCommerce", options.full_version), *plugins],
        "theme": {"name": "Storefront", "version": "4.6.0"},
        "settings": settings,
        "security": {"secure_connection": shop.home.startswith("https"), "hide_errors": True},
        "pages": [],
    }


def _plugin(slug: str, name: str, version: str = "1.0.0") -> Record:
    return {"plugin": f"{slug}/{slug}.php", "name": name, "version": version, "version_latest": version}


def _settings(ask: Ask, group: str, values: dict[str, tuple[str, str, str]]) -> list[Record]:
    found = []
    for name, (label, kind, value) in values.items():
        path = f"{ask.view.api}/settings/{group}/{name}"
        links = {"self": [{"href": path}], "collection": [{"href": f"{ask.view.api}/settings/{group}"}]}
        found.append(
            {
                "id": name,
                "label": label,
                "description": "",
                "type": kind,
                "default": "",
                "tip": "",
                "value": value,
                "_links": links,
            }
        )
    return found


def general(ask: Ask) -> list[Record]:
    options = ask.shop.options
    return _settings(
        ask,
        "general",
        {
            "woocommerce_store_address": ("Address line 1", "text", "210 W Pratt St"),
            "woocommerce_store_city": ("City", "text", "Baltimore"),
            "woocommerce_default_country": ("Country / State", "select", options.country),
            "woocommerce_store_postcode": ("Postcode / ZIP", "text", "21201"),
            "woocommerce_calc_taxes": ("Enable taxes", "checkbox", "yes"),
            "woocommerce_enable_coupons": ("Enable coupons", "checkbox", "yes"),
            "woocommerce_currency": ("Currency", "select", options.currency),
            "woocommerce_price_num_decimals": ("Number of decimals", "number", str(options.decimals)),
        },
    )


def tax(ask: Ask) -> list[Record]:
    options = ask.shop.options
    return _settings(
        ask,
        "tax",
        {
            "woocommerce_prices_include_tax": (
                "Prices entered with tax",
                "radio",
                "yes" if options.prices_include_tax else "no",
            ),
            "woocommerce_tax_based_on": ("Calculate tax based on", "select", "shipping"),
            "woocommerce_tax_round_at_subtotal": (
                "Rounding",
                "checkbox",
                "yes" if options.tax_round_at_subtotal else "no",
            ),
        },
    )


def product_settings(ask: Ask) -> list[Record]:
    return _settings(ask, "products", {"woocommerce_manage_stock": ("Enable stock management", "checkbox", "yes")})


def currency(ask: Ask) -> Record:
    code = ask.shop.options.currency
    name, symbol = _CURRENCY_NAMES.get(code, (code, code))
    links = {
        "self": [{"href": f"{ask.view.api}/data/currencies/{code}", "targetHints": {"allow": ["GET"]}}],
        "collection": [{"href": f"{ask.view.api}/data/currencies"}],
    }
    return {"code": code, "name": name, "symbol": symbol, "_links": links}


def order_totals(ask: Ask) -> list[Record]:
    counted = Counter(head.status for head in ask.shop.orders.heads.values())
    return [{"slug": one, "name": status_name(one), "total": counted[one]} for one in statuses(ask.shop)]


def tax_classes(ask: Ask) -> list[Record]:
    links = {"collection": [{"href": f"{ask.view.api}/taxes/classes"}]}
    return [{**one, "_links": links} for one in ask.shop.catalog["tax_classes"]]


def _linked(view: View, records: list[Record], path: str) -> list[Record]:
    return [{**one, "_links": view.links(f"{path}/{one['id']}")} for one in records]


def attributes(ask: Ask) -> list[Record]:
    return _linked(ask.view, ask.shop.catalog["attributes"], "products/attributes")


def categories(ask: Ask) -> list[Record]:
    return _linked(ask.view, ask.shop.catalog["categories"], "products/categories")


def shipping_zones(ask: Ask) -> list[Record]:
    found = _linked(ask.view, ask.shop.catalog["shipping_zones"], "shipping/zones")
    for one in found:
        one["_links"]["describedby"] = [{"href": f"{ask.view.api}/shipping/zones/{one['id']}/locations"}]
    return found


def shipping_methods(ask: Ask) -> list[Record]:
    zone = ask.ids[0]
    found = _linked(ask.view, ask.shop.catalog["shipping_methods"].get(str(zone), []), f"shipping/zones/{zone}/methods")
    for one in found:
        one["_links"]["describes"] = [{"href": f"{ask.view.api}/shipping/zones/{zone}"}]
    return found


def payment_gateways(ask: Ask) -> list[Record]:
    gateways = {
        "bacs": "Direct bank transfer",
        "cheque": "Check payments",
        "cod": "Cash on delivery",
        "stripe": "Credit / Debit Card",
        "purchase_order_gateway": "Purchase Order",
    }
    return [
        {
            "id": name,
            "title": title,
            "description": "",
            "order": place,
            "enabled": True,
            "method_title": title,
            "_links": ask.view.links(f"payment_gateways/{name}"),
        }
        for place, (name, title) in enumerate(gateways.items())
    ]

"""Which kind of money a WooCommerce payment method is: a table of the gateways that shops use.

The shop itself only says an id (`stripe`) and a title for people; rules and flow options ask for the kind.
"""

from __future__ import annotations

from typing import Final

CREDIT_CARD: Final = "credit card"

_KINDS: Final = {
    "bacs": "bank transfer",
    "cheque": "check",
    "cod": "cash on delivery",
    "paypal": "paypal",
    "ppec_paypal": "paypal",
    "ppcp-gateway": "paypal",
    "paypal_express": "paypal",
    "ppcp-credit-card-gateway": CREDIT_CARD,
    "stripe": CREDIT_CARD,
    "stripe_cc": CREDIT_CARD,
    "stripe_sepa": "direct debit",
    "stripe_sepa_debit": "direct debit",
    "stripe_us_bank_account": "direct debit",
    "woocommerce_payments": CREDIT_CARD,
    "square": CREDIT_CARD,
    "eway": CREDIT_CARD,
    "payflow": CREDIT_CARD,
    "paypal_pro": CREDIT_CARD,
    "paypal_pro_payflow": CREDIT_CARD,
    "simplify_commerce": CREDIT_CARD,
    "amazon_payments_advanced": "amazon pay",
    "klarna_payments": "klarna",
    "kco": "klarna",
    "afterpay": "afterpay",
    "affirm": "affirm",
    "accountfunds": "store credit",
    "wallet": "store credit",
    "woo_wallet": "store credit",
    "wc_store_credit": "store credit",
    "smart_coupons": "store credit",
    "purchase_order_gateway": "purchase order",
    "woocommerce_gateway_purchase_order": "purchase order",
    "invoice": "purchase order",
    "cash": "cash",
    "pos_cash": "cash",
    "pos_card": CREDIT_CARD,
}


def kind_of(method_id: str | None) -> str | None:
    """`credit card`, `paypal`, `check` and so on; missing where the gateway is not known."""
    if not method_id:
        return None
    told = method_id.lower()
    if told in _KINDS:
        return _KINDS[told]
    if told.endswith(("_credit_card", "-credit-card", "_creditcard", "_card", "_cc")):
        return CREDIT_CARD
    if "purchase_order" in told or "purchase-order" in told:
        return "purchase order"
    if told.endswith("_cash"):
        return "cash"
    return None

"""What QuickBooks' error codes mean: one table to try again, rejected or unknown, with the clicks that mend it.

The words are for a bookkeeper. Codes: Intuit's "Error codes" table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from connectors import errors

Kind = Literal["retry", "rejected", "unknown", "reconnect"]

# Intuit documents no Retry-After on 429 and says to wait a minute.
THROTTLE_PAUSE = 60.0

_GEAR = "In QuickBooks: gear icon > Account and settings"
CLICKS: Mapping[str, str] = {
    "custom_numbers": f"{_GEAR} > Sales > Sales form content > turn on 'Custom transaction numbers' > Save.",
    "classes": f"{_GEAR} > Advanced > Categories > turn on 'Track classes' > Save.",
    "locations": f"{_GEAR} > Advanced > Categories > turn on 'Track locations' > Save.",
    "discounts": f"{_GEAR} > Sales > Sales form content > turn on 'Discount' > Save.",
    "shipping": f"{_GEAR} > Sales > Sales form content > turn on 'Shipping' > Save.",
    "sales_tax": "In QuickBooks: Taxes > Sales tax > 'Use automatic sales tax' (or 'Set up sales tax rates').",
    "inventory": f"{_GEAR} > Sales > Products and services > turn on 'Track inventory quantity on hand' (a Plus or "
    "Advanced subscription) > Save.",
    "multicurrency": f"{_GEAR} > Advanced > Currency > turn on 'Multicurrency' (it cannot be turned off again) > Save.",
    "closing_date": f"{_GEAR} > Advanced > Accounting > 'Close the books': move the closing date, or let this flow "
    "post on the first open day.",
    "custom_fields": "In QuickBooks: gear icon > Custom fields > Add field, with exactly this name, for sales forms.",
    "estimates": "In QuickBooks Online estimates are on with every plan; ask the company's administrator.",
    "subscription": "In QuickBooks: gear icon > Subscriptions and billing; then connect again.",
    "users": "Ask the company's administrator: gear icon > Manage users > give this user access to sales.",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """How one error code is taken: `code` is ours and stable."""

    kind: Kind
    code: str
    words: str
    next_step: str = ""
    scope: errors.Scope = "item"
    counts: bool = True
    after: float | None = None


def _rejected(code: str, words: str, next_step: str = "", scope: errors.Scope = "item") -> Meaning:
    return Meaning("rejected", code, words, next_step, scope)


OURS = "This looks like a mistake of this program, not yours: please report it with the trace id."
RECONNECT = (
    "Connect QuickBooks again under the same name, as an administrator of the company. Nothing is lost; orders wait."
)
AGAIN = "Nothing to do: it is tried again by itself."
LOOKED_FOR = "Nothing to do: QuickBooks is asked whether it stands there before anything is sent again."
_NEXT_STEPS: Mapping[Kind, str] = {
    "reconnect": RECONNECT,
    "retry": AGAIN,
    "unknown": LOOKED_FOR,
    "rejected": "Read what QuickBooks says, mend it there or by a rule, then release the order.",
}
_BAD_FIELD = _rejected("bad_value", "QuickBooks does not accept a value in this document", OURS)

FAULTS: Mapping[str, Meaning] = {
    "100": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "110": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "120": _rejected("not_allowed", "the connected user may not do this in QuickBooks", CLICKS["users"], "connection"),
    "130": Meaning("retry", "company_moved", "QuickBooks is moving this company", scope="connection", after=300),
    "140": Meaning("retry", "company_locked", "QuickBooks has locked this company", scope="connection", after=300),
    "150": Meaning("retry", "maintenance", "QuickBooks is under maintenance", scope="connection", after=300),
    "500": _rejected("unsupported", "QuickBooks Online does not offer this", OURS),
    # The first request with this id is still at work: whether it stands, only looking can say.
    "600": Meaning("unknown", "request_in_flight", "QuickBooks is still working on this very request"),
    "610": _rejected(
        "not_found_or_inactive",
        "something this document uses was deleted or made inactive in QuickBooks",
        "Make the customer, item or account active again in QuickBooks, or choose another one, then release the order.",
    ),
    "620": _rejected(
        "cannot_link",
        "QuickBooks cannot link this payment to that document",
        "Look whether the invoice was paid, voided or deleted in QuickBooks, then release the order.",
    ),
    "630": _rejected("duplicate_object", "QuickBooks says that this already exists", "Look for it in QuickBooks."),
    "800": _rejected("has_dependants", "other documents in QuickBooks depend on this one", "Remove them there first."),
    "1040": _rejected("batch_too_large", "too many documents in one batch", OURS),
    "2010": _rejected("unknown_field", "QuickBooks does not know a field of this document", OURS),
    "2020": _rejected("missing_value", "QuickBooks misses something in this document", OURS),
    "2040": _rejected(
        "bad_characters",
        "a name or text holds characters that QuickBooks does not accept",
        "Take ':' , tabs and line breaks out of the name (a rule can do it), then release the order.",
    ),
    "2050": _rejected(
        "too_long", "a text is longer than QuickBooks accepts", "Shorten it by a rule, then release the order."
    ),
    "2210": _rejected("bad_email", "QuickBooks does not accept the e-mail address", "Correct it in the shop."),
    "2250": _rejected("no_lines", "the document has no lines", "Check the order in the shop."),
    "2280": _rejected("bad_tax", "QuickBooks does not accept the tax amount", "Check the tax settings of this flow."),
    "2290": _rejected(
        "negative_amount",
        "QuickBooks does not accept a negative total here",
        "Record the order as a credit memo or refund receipt.",
    ),
    "2500": _rejected(
        "unknown_reference",
        "something this document refers to is not in QuickBooks",
        "Load the lists again; if it is gone, choose another account, item or customer, then release the order.",
    ),
    "3000": _rejected("bad_custom_field", "a custom field is not set up in QuickBooks", CLICKS["custom_fields"]),
    "3001": Meaning(
        "retry",
        "throttled",
        "QuickBooks asks everybody to slow down",
        scope="connection",
        counts=False,
        after=THROTTLE_PAUSE,
    ),
    "3100": Meaning("reconnect", "app_not_connected", "this company is not connected with these keys"),
    "3200": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "3202": Meaning("reconnect", "reconnect_needed", "QuickBooks does not accept the connection any more"),
    "4000": _rejected("bad_query", "QuickBooks does not understand the question", OURS),
    "4001": _rejected("bad_query", "QuickBooks does not answer this question", OURS),
    "4002": Meaning("retry", "query_failed", "QuickBooks could not answer the question"),
    "5010": _rejected(
        "stale",
        "somebody changed this in QuickBooks in the meantime",
        "It is read again and the change is made anew; nothing to do for you.",
    ),
    "5020": _rejected(
        "not_in_plan", "the QuickBooks subscription or the user's role does not allow this", CLICKS["users"]
    ),
    "5030": _rejected(
        "feature_off",
        "a feature that this document needs is turned off in QuickBooks",
        f"{_GEAR}; turn on what the message names, then release the order.",
    ),
    "6000": _rejected("business_rule", "QuickBooks does not accept this document"),
    "6010": _rejected("bad_account_type", "the account has the wrong type", "Choose another account."),
    "6070": _rejected("amount_mismatch", "an amount is not quantity times price", OURS),
    "6080": _rejected("no_name", "the customer has no name", "Give the order a name by a rule."),
    "6090": _rejected("bad_discount", "the discount is incomplete", OURS),
    "6100": _rejected(
        "bad_tax_code",
        "QuickBooks does not accept the tax code of a line",
        "Choose another tax code in the settings of this flow.",
    ),
    "6140": _rejected(
        "number_exists",
        "a document with this number already stands in QuickBooks",
        "Look at it there. If it is this order, release with 'adopt'; else give orders of this shop a prefix.",
    ),
    "6160": _rejected("bad_tax_code", "custom sales tax cannot be used by programs", "Choose another tax code."),
    "6230": _rejected("bad_tax_code", "custom sales tax cannot be used by programs", "Choose another tax code."),
    "6190": _rejected(
        "subscription_ended",
        "the QuickBooks subscription of this company has ended or is suspended",
        CLICKS["subscription"],
        "connection",
    ),
    "6200": _rejected("closed_period", "the date lies in a closed period of the books", CLICKS["closing_date"]),
    "6210": _rejected("closed_period", "the date lies in a closed period of the books", CLICKS["closing_date"]),
    "6220": _rejected("has_balance", "it has a balance and cannot be made inactive", "Settle the balance first."),
    "6240": _rejected(
        "name_exists",
        "this name is already in use in QuickBooks",
        "Look under Sales > Customers, Expenses > Vendors and Payroll > Employees who holds it.",
    ),
    "6250": _rejected(
        "customer_missing",
        "the customer is missing or inactive in QuickBooks",
        "In QuickBooks: Sales > Customers > gear above the list > 'Include inactive' > Make active.",
    ),
    "6270": _rejected(
        "before_start_date",
        "the document is dated before the item's inventory start date",
        "In QuickBooks: Sales > Products and services > edit the item > Starting value > an earlier 'As of' date.",
    ),
    "6280": _rejected("has_unbilled", "there are unbilled charges", "Bill or remove them in QuickBooks first."),
    "6420": _rejected(
        "email_required", "the customer's e-mail address is missing", "Give it in the shop or by a rule."
    ),
    "6430": _rejected(
        "bad_account_type",
        "an account of the wrong type is used",
        "Choose an account of the right type in the settings of this flow.",
    ),
    "6440": _rejected("line_without_item", "a line names neither item nor account", "Choose an item for it."),
    "6450": _rejected("settled", "it is settled already and cannot be voided", "Change it in QuickBooks by hand."),
    "6480": _rejected(
        "matched", "it is matched with a bank transaction", "Undo the match in QuickBooks: Transactions > Bank."
    ),
    "6520": _rejected("needs_quantity", "an item that is tracked needs a quantity", "Give the line a quantity."),
    "6540": _rejected(
        "deposited",
        "it is part of a bank deposit and must not be changed",
        "In QuickBooks: open the deposit, take the payment out, then release the order.",
    ),
    "10000": Meaning("unknown", "application_error", "QuickBooks had an internal error"),
    "10100": _rejected("too_much", "the answer would be too large", OURS),
    "10200": Meaning("reconnect", "company_reset", "the company file was reset in QuickBooks"),
}


def meaning_of(code: str) -> Meaning:
    """The table's line; for a code that is not in it, its family's."""
    known = FAULTS.get(code)
    if known is not None:
        return known
    value = int(code) if code.isdecimal() else 0
    if 2000 <= value < 3000:
        return _BAD_FIELD
    if value >= 10000 or value == 0:
        return FAULTS["10000"]
    return FAULTS["6000"]


def next_step(meaning: Meaning) -> str:
    """What a person can do about it."""
    return meaning.next_step or _NEXT_STEPS[meaning.kind]

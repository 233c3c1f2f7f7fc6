"""What can be set about the local company: its plan and preferences, and a switch for every doubtful fact."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints


def _switch(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@cache
def _choices(kind: Any) -> dict[str, tuple[Any, ...]]:
    return {name: get_args(hint) for name, hint in get_type_hints(kind).items() if get_origin(hint) is Literal}


def _check_choices(settings: Any) -> None:
    kind: Any = type(settings)
    for name, choices in _choices(kind).items():
        if getattr(settings, name) not in choices:
            words = ", ".join(map(str, choices))
            raise ValueError(f"{name} cannot be {getattr(settings, name)!r}; it can be {words}")


@dataclass(frozen=True, slots=True)
class Switches:
    """Facts that no source settles; the defaults are what the evidence favours, each can be turned to test the other.

    `help_for(name)` words what a switch decides; a value that a switch cannot have is a ValueError.
    """

    custom_field_limit: int = _switch(31, "Longest CustomField.StringValue accepted (2050 beyond it).")
    unknown_custom_field: Literal["ignore", "3000"] = _switch(
        "ignore", "A CustomField whose DefinitionId is not defined: dropped in silence, or fault 3000."
    )
    display_name_limit: int = _switch(500, "Longest DisplayName: 500 as documented, 100 as the screens allow.")
    tracking_number_limit: int = _switch(31, "Longest TrackingNum accepted.")
    request_id_retention: int = _switch(
        86400, "Seconds for which an answer is replayed for its requestid; afterwards the call is carried out again."
    )
    faulted_request: Literal["forget", "replay"] = _switch(
        "forget", "A requestid whose first call got a fault: carried out anew, or the fault is replayed."
    )
    concurrent_request: Literal["wait", "600"] = _switch(
        "wait", "The same requestid while the first call is under way: wait and replay, or fault 600."
    )
    request_id_mismatch: Literal["replay", "600"] = _switch(
        "replay", "A known requestid with another body: the first answer all the same, or fault 600."
    )
    retry_after: int | None = _switch(None, "Seconds in a Retry-After header of our own 429 answers; none if unset.")
    throttle_as_xml: bool = _switch(False, "Answer 429 in XML even where JSON was asked for.")
    cdc_too_old_code: int = _switch(500, "Fault code for change data capture of more than 30 days ago.")
    sales_order_code: int = _switch(500, "Fault code for any call to the entity SalesOrder.")
    sales_order_query_code: int = _switch(4001, "Fault code for a query FROM SalesOrder.")
    tax_code_query_lists_inactive: bool = _switch(True, "Whether a TaxCode query without Active lists inactive codes.")
    sales_receipt_needs_customer: bool = _switch(False, "Whether a sales receipt without CustomerRef is fault 2020.")
    subtotal_spelling: Literal["strict", "lenient"] = _switch(
        "strict", "Whether 'SubtotalLineDetail', as some pages print it, is refused (2170) or taken."
    )
    tax_inclusive_lines: Literal["net", "gross"] = _switch(
        "net", "What Amount means under TaxInclusive when TaxInclusiveAmt is absent: the net, or the gross amount."
    )
    deleted_read_code: int = _switch(610, "Fault code for reading a deleted transaction.")
    void_unlinks_payments: bool = _switch(True, "Whether voiding an invoice frees the payments applied to it.")
    not_equal_in_queries: bool = _switch(True, "Whether != is understood in queries (undocumented, used in practice).")
    over_applied_code: int = _switch(6000, "Fault code for a payment line above the open balance.")
    untracked_reference: Literal["ignore", "5030"] = _switch(
        "ignore", "ClassRef or DepartmentRef where tracking is off: dropped in silence, or fault 5030."
    )
    default_item: bool = _switch(True, "A sales line without ItemRef gets item 1 'Services'; otherwise fault 2020.")
    unit_price_decimals: int = _switch(7, "Decimals of UnitPrice that are kept; more are rounded away.")
    closing_date_inclusive: bool = _switch(True, "Whether the closing date itself is closed, or only days before it.")
    linked_change_moves_sync_token: bool = _switch(
        True, "Whether applying a payment moves the invoice's SyncToken (its LastUpdatedTime moves in any case)."
    )
    stock_change_moves_sync_token: bool = _switch(
        False, "Whether a sale moves the item's SyncToken (its LastUpdatedTime moves in any case)."
    )
    legacy_total_tax_override: bool = _switch(
        False, "Whether TotalTax from the caller stands in a company with hand-made tax codes."
    )
    automated_tax_after_discount: bool = _switch(True, "Whether automated tax is worked out on the discounted amount.")
    automated_tax_on_shipping: bool = _switch(
        True, "Whether a shipping line marked TAX is taxed like goods by automated tax."
    )
    shipping_in_subtotal: bool = _switch(False, "Whether the subtotal line includes the shipping line.")
    quantity_needed_for_stock: bool = _switch(True, "A line of an inventory item without Qty: fault 6520, else 1.")
    allow_negative_stock: bool = _switch(True, "Whether stock may fall below zero; otherwise fault 6000.")
    extra_row: bool = _switch(False, "Answer one row more than MAXRESULTS, as was once reported.")
    missing_batch_id_code: int = _switch(2020, "Fault code for a batch item without bId.")
    naive_times: Literal["utc", "company"] = _switch(
        "utc", "How a time without an offset is read in queries and change data capture."
    )
    refresh_grace: int = _switch(86400, "Seconds for which the refresh token before the current one still works.")
    refresh_rotation: int = _switch(
        0, "Age in seconds from which a refresh gives a new refresh token (0: each time; Intuit: about 86400)."
    )
    xml_unless_json_accepted: bool = _switch(
        False, "Whether answers are XML for those who do not name JSON in Accept (as the real service does)."
    )
    country_code: Literal["alpha3", "alpha2"] = _switch(
        "alpha3", "CompanyInfo.Country as three letters (since August 2025), or two."
    )

    def __post_init__(self) -> None:
        _check_choices(self)


@dataclass(frozen=True, slots=True)
class Limits:
    """Call limits; `enabled` is off by default so that tests run at full speed."""

    enabled: bool = False
    per_minute: int = 500
    per_second: int = 10
    batches_per_minute: int = 40


@dataclass(frozen=True, slots=True)
class Options:
    """How a local company starts; `help_for(name)` words each. Everything can be changed later over HTTP.

    A value that an option cannot have is a ValueError.
    """

    realm_id: str = _switch("4620816365000000001", "The company's id in addresses.")
    company_name: str = _switch("Sandbox Company_US_1", "The company's name.")
    country: Literal["US", "CA", "GB", "AU"] = _switch(
        "US", "US, CA, GB or AU: outside the US every line needs a real tax code."
    )
    home_currency: str | None = _switch(None, "The home currency, where it is not the country's.")
    plan: Literal["plus", "essentials"] = _switch("plus", "essentials has no inventory and no purchase orders.")
    empty: bool = _switch(False, "No customers, items and documents; accounts, terms, payment methods and tax stay.")
    custom_transaction_numbers: bool = _switch(
        False, "Callers number their documents; a document without a number then has none."
    )
    warn_duplicate_numbers: bool = _switch(True, "A number that another document of the type has is fault 6140.")
    class_tracking: Literal["off", "transaction", "line"] = _switch(
        "line", "Classes: off, or on transactions or lines."
    )
    location_tracking: bool = _switch(True, "Whether documents have departments (locations).")
    allow_discount: bool = _switch(True, "Whether sales forms take a discount line.")
    allow_shipping: bool = _switch(False, "Whether sales forms take a shipping line.")
    allow_estimates: bool = _switch(True, "Whether there are estimates.")
    sales_tax: Literal["off", "legacy", "automated"] = _switch(
        "legacy", "legacy: tax codes made by hand; automated: by the address of delivery; or off."
    )
    inventory: bool = _switch(True, "Whether quantities on hand are tracked.")
    multicurrency: bool = _switch(False, "Whether customers and vendors may have foreign currencies.")
    auto_apply_credit: bool = _switch(False, "Whether credit memos are applied to open invoices by themselves.")
    closing_date: date | None = field(default=None, metadata={"help": "The books are closed up to this day."})
    closing_password: bool = _switch(False, "The closed books have a password: fault 6210 in place of 6200.")
    subscription_ended: bool = _switch(False, "The subscription has ended: every call is fault 6190.")
    client_id: str = _switch("sandbox-client-id", "The client id of the one app.")
    client_secret: str = _switch("sandbox-client-secret", "The client secret of the one app.")
    access_token_seconds: int = _switch(3600, "Life of an access token.")
    refresh_token_seconds: int = _switch(8726400, "Life of a refresh token that is not used.")
    authorization_code_seconds: int = _switch(600, "Life of an authorization code.")
    seed: int = _switch(1, "Seed of everything that is left to chance.")
    limits: Limits = field(default_factory=Limits)
    switches: Switches = field(default_factory=Switches)
    data: Path | None = field(default=None, metadata={"help": "A file that keeps the books between runs."})

    def __post_init__(self) -> None:
        _check_choices(self)

    @property
    def currency(self) -> str:
        return self.home_currency or {"US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD"}[self.country]

    def with_switches(self, **values: Any) -> Options:
        """The same options with some switches set otherwise; TypeError for a name that is no switch."""
        return replace(self, switches=replace(self.switches, **values))


def help_for(name: str) -> str:
    """One sentence about a switch or an option; KeyError if there is none of that name."""
    known = {entry.name: entry for kind in (Options, Switches) for entry in fields(kind)}
    return str(known[name].metadata["help"])

"""What can be set about the local company: its plan and preferences, and a switch for every doubtful fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from sandbox.switches import check, check_value, read, switch, told


@dataclass(frozen=True, slots=True)
class Switches:
    """Facts that no source settles; the defaults are what the evidence favours, each can be turned to test the other.

    A value that a switch cannot have is a ValueError.
    """

    custom_field_limit: int = switch(31, "Longest CustomField.StringValue accepted (2050 beyond it).")
    unknown_custom_field: Literal["ignore", "3000"] = switch(
        "ignore", "A CustomField whose DefinitionId is not defined: dropped in silence, or fault 3000."
    )
    display_name_limit: int = switch(500, "Longest DisplayName: 500 as documented, 100 as the screens allow.")
    tracking_number_limit: int = switch(31, "Longest TrackingNum accepted.")
    request_id_retention: int = switch(
        86400, "Seconds for which an answer is replayed for its requestid; afterwards the call is carried out again."
    )
    faulted_request: Literal["forget", "replay"] = switch(
        "forget", "A requestid whose first call got a fault: carried out anew, or the fault is replayed."
    )
    concurrent_request: Literal["wait", "600"] = switch(
        "wait", "The same requestid while the first call is under way: wait and replay, or fault 600."
    )
    request_id_mismatch: Literal["replay", "600"] = switch(
        "replay", "A known requestid with another body: the first answer all the same, or fault 600."
    )
    retry_after: int | None = switch(None, "Seconds in a Retry-After header of our own 429 answers; none if unset.")
    throttle_as_xml: bool = switch(False, "Answer 429 in XML even where JSON was asked for.")
    cdc_too_old_code: int = switch(500, "Fault code for change data capture of more than 30 days ago.")
    sales_order_code: int = switch(500, "Fault code for any call to the entity SalesOrder.")
    sales_order_query_code: int = switch(4001, "Fault code for a query FROM SalesOrder.")
    tax_code_query_lists_inactive: bool = switch(True, "Whether a TaxCode query without Active lists inactive codes.")
    sales_receipt_needs_customer: bool = switch(False, "Whether a sales receipt without CustomerRef is fault 2020.")
    subtotal_spelling: Literal["strict", "lenient"] = switch(
        "strict", "Whether 'SubtotalLineDetail', as some pages print it, is refused (2170) or taken."
    )
    tax_inclusive_lines: Literal["net", "gross"] = switch(
        "net", "What Amount means under TaxInclusive when TaxInclusiveAmt is absent: the net, or the gross amount."
    )
    deleted_read_code: int = switch(610, "Fault code for reading a deleted transaction.")
    void_unlinks_payments: bool = switch(True, "Whether voiding an invoice frees the payments applied to it.")
    not_equal_in_queries: bool = switch(True, "Whether != is understood in queries (undocumented, used in practice).")
    over_applied_code: int = switch(6000, "Fault code for a payment line above the open balance.")
    untracked_reference: Literal["ignore", "5030"] = switch(
        "ignore", "ClassRef or DepartmentRef where tracking is off: dropped in silence, or fault 5030."
    )
    default_item: bool = switch(True, "A sales line without ItemRef gets item 1 'Services'; otherwise fault 2020.")
    unit_price_decimals: int = switch(7, "Decimals of UnitPrice that are kept; more are rounded away.")
    closing_date_inclusive: bool = switch(True, "Whether the closing date itself is closed, or only days before it.")
    linked_change_moves_sync_token: bool = switch(
        True, "Whether applying a payment moves the invoice's SyncToken (its LastUpdatedTime moves in any case)."
    )
    stock_change_moves_sync_token: bool = switch(
        False, "Whether a sale moves the item's SyncToken (its LastUpdatedTime moves in any case)."
    )
    legacy_total_tax_override: bool = switch(
        False, "Whether TotalTax from the caller stands in a company with hand-made tax codes."
    )
    automated_tax_after_discount: bool = switch(True, "Whether automated tax is worked out on the discounted amount.")
    automated_tax_on_shipping: bool = switch(
        True, "Whether a shipping line marked TAX is taxed like goods by automated tax."
    )
    shipping_in_subtotal: bool = switch(False, "Whether the subtotal line includes the shipping line.")
    quantity_needed_for_stock: bool = switch(True, "A line of an inventory item without Qty: fault 6520, else 1.")
    allow_negative_stock: bool = switch(True, "Whether stock may fall below zero; otherwise fault 6000.")
    extra_row: bool = switch(False, "Answer one row more than MAXRESULTS, as was once reported.")
    missing_batch_id_code: int = switch(2020, "Fault code for a batch item without bId.")
    naive_times: Literal["utc", "company"] = switch(
        "utc", "How a time without an offset is read in queries and change data capture."
    )
    refresh_grace: int = switch(86400, "Seconds for which the refresh token before the current one still works.")
    refresh_rotation: int = switch(
        0, "Age in seconds from which a refresh gives a new refresh token (0: each time; Intuit: about 86400)."
    )
    xml_unless_json_accepted: bool = switch(
        False, "Whether answers are XML for those who do not name JSON in Accept (as the real service does)."
    )
    country_code: Literal["alpha3", "alpha2"] = switch(
        "alpha3", "CompanyInfo.Country as three letters (since August 2025), or two."
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, slots=True)
class Limits:
    """Call limits; `enabled` is off by default so that tests run at full speed."""

    enabled: bool = False
    per_minute: int = 500
    per_second: int = 10
    batches_per_minute: int = 40

    def __post_init__(self) -> None:
        check(self)


_LIMITED = "Whether calls are limited as by Intuit: 500 a minute, 40 batches."


@dataclass(frozen=True, slots=True)
class Options:
    """How a local company starts; `Options.told()` lists what can be set. Everything can be changed later over HTTP.

    A value that an option cannot have is a ValueError.
    """

    realm_id: str = switch("4620816365000000001", "The company's id in addresses.")
    company_name: str = switch("Sandbox Company_US_1", "The company's name.")
    country: Literal["US", "CA", "GB", "AU"] = switch(
        "US", "US, CA, GB or AU: outside the US every line needs a real tax code."
    )
    home_currency: str | None = switch(None, "The home currency, where it is not the country's.")
    plan: Literal["plus", "essentials"] = switch("plus", "essentials has no inventory and no purchase orders.")
    empty: bool = switch(False, "No customers, items and documents; accounts, terms, payment methods and tax stay.")
    custom_transaction_numbers: bool = switch(
        False, "Callers number their documents; a document without a number then has none."
    )
    warn_duplicate_numbers: bool = switch(True, "A number that another document of the type has is fault 6140.")
    class_tracking: Literal["off", "transaction", "line"] = switch("line", "Classes: off, or on transactions or lines.")
    location_tracking: bool = switch(True, "Whether documents have departments (locations).")
    allow_discount: bool = switch(True, "Whether sales forms take a discount line.")
    allow_shipping: bool = switch(False, "Whether sales forms take a shipping line.")
    allow_estimates: bool = switch(True, "Whether there are estimates.")
    sales_tax: Literal["off", "legacy", "automated"] = switch(
        "legacy", "legacy: tax codes made by hand; automated: by the address of delivery; or off."
    )
    inventory: bool = switch(True, "Whether quantities on hand are tracked.")
    multicurrency: bool = switch(False, "Whether customers and vendors may have foreign currencies.")
    auto_apply_credit: bool = switch(False, "Whether credit memos are applied to open invoices by themselves.")
    closing_date: date | None = switch(None, "The books are closed up to this day.")
    closing_password: bool = switch(False, "The closed books have a password: fault 6210 in place of 6200.")
    subscription_ended: bool = switch(False, "The subscription has ended: every call is fault 6190.")
    client_id: str = switch("sandbox-client-id", "The client id of the one app.")
    client_secret: str = switch("sandbox-client-secret", "The client secret of the one app.")
    access_token_seconds: int = switch(3600, "Life of an access token.")
    refresh_token_seconds: int = switch(8726400, "Life of a refresh token that is not used.")
    authorization_code_seconds: int = switch(600, "Life of an authorization code.")
    seed: int = switch(1, "Seed of everything that is left to chance.")
    limits: Limits = field(default_factory=Limits)
    switches: Switches = field(default_factory=Switches)

    def __post_init__(self) -> None:
        check(self)

    @property
    def currency(self) -> str:
        return self.home_currency or {"US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD"}[self.country]

    @classmethod
    def told(cls) -> dict[str, tuple[Any, str]]:
        """Every option and every switch: name -> (its value at the start, what it does)."""
        return {**told(cls), **told(Switches), "limits": (False, _LIMITED)}

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Options:
        """Options from JSON, switches among them; ValueError for one that is none, or a value that it cannot have."""
        values = read(given, cls.told(), cls)
        limited = values.pop("limits", False)
        check_value("limits", limited, bool)
        doubtful = {name: values.pop(name) for name in told(Switches) if name in values}
        return cls(**values, limits=Limits(enabled=limited), switches=Switches(**doubtful))

    def with_switches(self, **values: Any) -> Options:
        """The same options with some switches set otherwise; ValueError as above."""
        return replace(self, switches=replace(self.switches, **read(values, told(Switches), Switches)))

"""Which customer and which items of the books a record means: found, to be created, or a reason to hold.

Works on names only and calls nobody: the caller says what the books hold (`BooksView`) and how the target wants names
spelt (`TargetRules`). A name that is to be created is the same for every order that needs it, so that thirty orders of
one new customer make one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from connectors.documents import CustomerDocument, Document, ProductDocument, SalesDocument
from connectors.ports import BooksProfile, ListEntry
from connectors.records import Address, SourceFinding
from engine.books_view import AccountRole, BooksView, folded
from engine.findings import Finding, hold, info, warning
from engine.options import FlowOptions
from engine.projection import RuleRecord

CreatedKind = TypeVar("CreatedKind", CustomerDocument, ProductDocument)


class AcceptedName(Protocol):
    """A name as the target takes it, and what was changed for that, in words."""

    @property
    def name(self) -> str: ...

    @property
    def changes(self) -> tuple[str, ...]: ...


class TargetRules(Protocol):
    """What the target system says of names and documents before anything is sent. All of it pure; a connector's package is one."""

    def customer_name(self, said: str, /) -> AcceptedName: ...

    def item_name(self, said: str, /) -> AcceptedName: ...

    def name_beside(self, said: str, /) -> str:
        """How a customer is called whose name a vendor or employee has."""
        ...

    def preflight(self, document: Document, profile: BooksProfile, /) -> Sequence[SourceFinding]:
        """What stands in the way of a document, with the clicks that mend it, and what would be changed to make it fit."""
        ...

    def can_void(self, entity: str, /) -> bool:
        """Whether a document of this kind (as the ledger calls it) is voided; one that cannot be is deleted."""
        ...

    def compute_tax(
        self, document: SalesDocument, profile: BooksProfile, tax_codes: Sequence[ListEntry], /
    ) -> Decimal | None:
        """The tax that the company will compute; missing where only the books know."""
        ...


def _accepted(kind: str, wanted: str, accepted: AcceptedName) -> tuple[str, list[Finding]]:
    said = [
        info(f"{kind}_name_changed", f"The {kind} '{wanted}' is called '{accepted.name}': {words}.", name=accepted.name)
        for words in accepted.changes
    ]
    return accepted.name, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Generic[CreatedKind]):
    """The name to refer to (missing: held), what to create for it if anything, and what is to be said."""

    name: str | None
    create: CreatedKind | None = None
    findings: tuple[Finding, ...] = ()


# ------------------------------------------------------------------------------------------------------- customers


def _joined(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def _person(record: RuleRecord) -> tuple[str | None, str | None]:
    """First and last name of the buyer; a whole name is split at its last blank where the shop gives no parts."""
    customer = record["customer"]
    if customer["first_name"] or customer["last_name"]:
        return customer["first_name"], customer["last_name"]
    return _split(customer["name"] or record["bill_to"]["name"])


def _split(name: str | None) -> tuple[str | None, str | None]:
    first, _, last = (name or "").strip().rpartition(" ")
    return first.strip() or None, last or None


def _first_last(record: RuleRecord) -> str | None:
    return _joined(*_person(record))


def _turned(first: str | None, last: str | None) -> str | None:
    return f"{last}, {first}" if first and last else last or first


def _last_first(record: RuleRecord) -> str | None:
    return _turned(*_person(record))


def _first_last_email(record: RuleRecord) -> str | None:
    name, email = _first_last(record), record["customer"]["email"]
    return f"{name} ({email})" if name and email else name or email


def _last_first_middle_initial(record: RuleRecord) -> str | None:
    first, last = _person(record)
    given, _, middle = (first or "").partition(" ")
    if not middle.strip():
        return _turned(first, last)
    return _turned(f"{given} {middle.strip()[0].upper()}.", last)


def _company(record: RuleRecord) -> str | None:
    company: str | None = record["bill_to"]["company"] or record["customer"]["company"]
    return company


def _ship_person(record: RuleRecord) -> str | None:
    name: str | None = record["ship_to"]["name"]
    return name


_NAMES: Mapping[str, Callable[[RuleRecord, FlowOptions], str | None]] = {
    "first_last": lambda record, _: _first_last(record),
    "last_first": lambda record, _: _last_first(record),
    "first_last_email": lambda record, _: _first_last_email(record),
    "last_first_middle_initial": lambda record, _: _last_first_middle_initial(record),
    "one_customer": lambda _, options: options.customer,
    "company_or_first_last": lambda record, _: _company(record) or _first_last(record),
    "company_or_last_first": lambda record, _: _company(record) or _last_first(record),
    "company_or_one_customer": lambda record, options: _company(record) or options.customer,
    "channel": lambda record, _: record["order"]["channel"] or record["order"]["store"],
    "store_name_and_currency": lambda record, _: _joined(record["order"]["store"], record["order"]["currency"]),
    "shipping_company_or_name": lambda record, _: record["ship_to"]["company"] or _ship_person(record),
    "shipping_first_last": lambda record, _: _joined(*_split(_ship_person(record))),
    "shipping_last_first": lambda record, _: _turned(*_split(_ship_person(record))),
    "shipping_full_name": lambda record, _: _ship_person(record),
    "billing_full_name": lambda record, _: record["bill_to"]["name"],
    "email": lambda record, _: _first_last(record),
    "email_as_name": lambda record, _: record["customer"]["email"],
    "order_number": lambda record, _: record["order"]["number"],
}

# In these modes the name stands for a group of buyers, so no single buyer's address belongs on the customer.
_GROUPS = frozenset({"one_customer", "channel", "store_name_and_currency"})


def _as_address(held: Mapping[str, str | None]) -> Address:
    return Address(**{name: held[name] for name in Address.__dataclass_fields__})


def _customer_document(name: str, record: RuleRecord, *, group: bool) -> CustomerDocument:
    currency = record["order"]["currency"]
    if group:
        return CustomerDocument(name=name, currency=currency)
    first, last = _person(record)
    customer = record["customer"]
    return CustomerDocument(
        name=name,
        first_name=first,
        last_name=last,
        company=_company(record),
        email=customer["email"] or record["bill_to"]["email"],
        phone=customer["phone"] or record["bill_to"]["phone"],
        currency=currency,
        taxable=not customer["tax_exempt"],
        bill_to=_as_address(record["bill_to"]),
        ship_to=_as_address(record["ship_to"]),
    )


def _inactive(kind: str, name: str) -> Finding:
    where = "Sales > Customers" if kind == "customer" else "Sales > Products and services"
    return hold(
        f"{kind}_inactive",
        f"The {kind} '{name}' is inactive in QuickBooks.",
        f"In QuickBooks open {where}, include inactive ones in the list, and make '{name}' active; or let a rule choose"
        f" another {kind}. The order goes on by itself afterwards.",
        name=name,
    )


def _as_asked(asked: str, entry: ListEntry | None) -> str | None:
    """The name to refer to an entry by: as it was asked for, so that a document stays equal when somebody changes the
    name's capitals in the books; the full name where only its last part was asked for."""
    if entry is None:
        return None
    return asked if folded(asked) == folded(entry.name) else entry.name


def _one_active(kind: str, name: str, found: Sequence[ListEntry]) -> tuple[ListEntry | None, tuple[Finding, ...]]:
    """The single active entry; or a reason to hold (only inactive ones, or several that differ only by their parents)."""
    active = [entry for entry in found if entry.active]
    if len(active) == 1:
        return active[0], ()
    if not active:
        return None, (_inactive(kind, name),)
    listed = ", ".join(f"'{entry.name}'" for entry in active[:3])
    finding = hold(
        f"{kind}_ambiguous",
        f"'{name}' could be more than one {kind}: {listed}.",
        f"Give the {kind}'s full name with its parent ('Parent:{name}') in a rule.",
        name=name,
    )
    return None, (finding,)


def match_customer(
    record: RuleRecord, options: FlowOptions, books: BooksView, rules: TargetRules
) -> Match[CustomerDocument]:
    """The customer of an order, after its rules. `books.customer`, if a rule set it, wins over the mode."""
    mode = options.match_customers
    by_rule: str | None = record["books"].get("customer")
    wanted = by_rule or _NAMES[mode](record, options)
    said: list[Finding] = []
    email: str | None = record["customer"]["email"] or record["bill_to"]["email"]

    if mode == "email" and not by_rule and email:
        found = [entry for entry in books.customers_by_email(email) if entry.active]
        if found:
            # Several customers may list one address: the lowest id is the oldest, and the choice is the same every time.
            entry = min(found, key=lambda each: (len(each.id), each.id))
            if len(found) > 1:
                said.append(
                    info(
                        "customer_email_shared",
                        f"{len(found)} customers have the e-mail {email}; '{entry.name}' is the oldest.",
                    )
                )
            return Match(name=entry.name, findings=tuple(said))

    group = bool(by_rule) or mode in _GROUPS
    if not wanted:
        wanted = email or _company(record) or options.customer
        group = wanted == options.customer
        said.append(
            info(
                "customer_without_name", f"The order has no name for its customer; it goes to '{wanted}'.", name=wanted
            )
        )
    if mode == "company_or_one_customer" and wanted == options.customer:
        group = True

    name, changed = _accepted("customer", wanted, rules.customer_name(wanted))
    said.extend(changed)
    found_entries = books.named("customer", name)
    if found_entries:
        entry_or_none, stops = _one_active("customer", name, found_entries)
        return Match(name=_as_asked(name, entry_or_none), findings=(*said, *stops))

    if options.missing_customers == "hold":
        stop = hold(
            "customer_missing",
            f"QuickBooks has no customer '{name}'.",
            f"Add '{name}' in QuickBooks under Sales > Customers, or set missing_customers to create. The order goes on"
            " by itself afterwards.",
            name=name,
        )
        return Match(name=None, findings=(*said, stop))
    if options.missing_customers == "one_customer" and name != options.customer:
        said.append(
            info("customer_for_all", f"QuickBooks has no customer '{name}'; the order goes to '{options.customer}'.")
        )
        name = rules.customer_name(options.customer).name
        group = True
        found_entries = books.named("customer", name)
        if found_entries:
            entry_or_none, stops = _one_active("customer", name, found_entries)
            return Match(name=_as_asked(name, entry_or_none), findings=(*said, *stops))

    free = _free_customer_name(name, books, rules)
    if free != name:
        said.append(
            info(
                "customer_name_held",
                f"A vendor or employee in QuickBooks is already called '{name}'; the customer is '{free}'.",
                name=free,
            )
        )
        already = books.named("customer", free)
        if already:
            entry_or_none, stops = _one_active("customer", free, already)
            return Match(name=_as_asked(free, entry_or_none), findings=(*said, *stops))
    return Match(name=free, create=_customer_document(free, record, group=group), findings=tuple(said))


def _free_customer_name(name: str, books: BooksView, rules: TargetRules) -> str:
    """The name itself, or another where a vendor or employee holds it."""
    held = books.named("vendor", name) or books.named("employee", name)
    return rules.name_beside(name) if held else name


# ----------------------------------------------------------------------------------------------------------- items


def match_product(
    sku: str | None,
    name: str | None,
    wanted_item: str | None,
    line: Mapping[str, Any],
    options: FlowOptions,
    books: BooksView,
    rules: TargetRules,
    *,
    start: date,
) -> Match[ProductDocument]:
    """The item that a line of an order is sold as. `wanted_item` is what a rule made of it (missing: nothing)."""
    if wanted_item:
        key, by_sku = wanted_item, False
    elif options.match_products == "name":
        key, by_sku = name or sku or "", False
    else:
        key, by_sku = sku or "", options.match_products == "sku"
    said: list[Finding] = []
    if not key:
        said.append(
            info(
                "line_without_sku",
                f"'{name or 'A line'}' has no SKU; it is sold as '{options.item_without_sku}'.",
                name=options.item_without_sku,
            )
        )
        fallback = match_service_item(options.item_without_sku, options, books, rules)
        return Match(name=fallback.name, create=fallback.create, findings=(*said, *fallback.findings))
    found = books.items_by_sku(key) if by_sku else ()
    if found:
        entry, stops = _one_active("item", key, found)
        return Match(name=entry.name if entry else None, findings=(*said, *stops))
    item_name, changed = _accepted("item", key, rules.item_name(key))
    # The full name first: "Tools:Hammer" is an item under its category, and a name that had its colon replaced is not.
    found = books.named("item", key)
    if not found:
        found = books.named("item", item_name)
        said.extend(changed)
    if found:
        entry, stops = _one_active("item", key, found)
        return Match(name=_as_asked(item_name, entry), findings=(*said, *stops))
    return _missing_product(item_name, sku, name, line, options, books, rules, said, start)


def _missing_product(
    item_name: str,
    sku: str | None,
    name: str | None,
    line: Mapping[str, Any],
    options: FlowOptions,
    books: BooksView,
    rules: TargetRules,
    said: list[Finding],
    start: date,
) -> Match[ProductDocument]:
    way = options.missing_products
    if way in ("hold", "fail"):
        stop = Finding(
            code="item_missing",
            severity="hold" if way == "hold" else "fail",
            text=f"QuickBooks has no item '{item_name}' for '{name or sku}'.",
            next_step=f"Add the item '{item_name}' in QuickBooks under Sales > Products and services, or map it with a"
            f' rule: for each line in order.lines where line.sku is "{sku or ""}" then set line.item to "…".',
            values={"item": item_name, "sku": sku or ""},
        )
        return Match(name=None, findings=(*said, stop))
    if way == "one_item":
        said.append(info("item_for_all", f"QuickBooks has no item '{item_name}'; it is sold as '{options.one_item}'."))
        one = match_service_item(options.one_item, options, books, rules)
        return Match(name=one.name, create=one.create, findings=(*said, *one.findings))
    kind = options.new_products_are
    if way == "create_non_inventory":
        kind = "non_inventory"
    if kind == "inventory" and not books.profile.inventory:
        kind = "non_inventory"
        said.append(
            warning(
                "no_inventory",
                f"This QuickBooks company does not track inventory; '{item_name}' becomes a non-inventory item.",
                "Account and settings > Sales > Products and services > Track inventory quantity on hand (Plus or Advanced).",
                name=item_name,
            )
        )
    if way == "create_and_list":
        said.append(info("item_created", f"The item '{item_name}' is new in QuickBooks.", name=item_name))
    account = line.get("account")
    document = ProductDocument(
        name=item_name,
        sku=sku,
        type=kind,
        description=name,
        price=line.get("unit_price"),
        taxable=bool(line.get("taxable", True)),
        income_account=str(account) if account else options.income_account or books.account_for("income"),
        expense_account=(options.cost_account or books.account_for("cost")) if kind == "inventory" else None,
        asset_account=(options.asset_account or books.account_for("asset")) if kind == "inventory" else None,
        start_date=start if kind == "inventory" else None,
    )
    return Match(name=item_name, create=document, findings=tuple(said))


def match_service_item(
    item: str, options: FlowOptions, books: BooksView, rules: TargetRules, *, cost: bool = False, taxable: bool = False
) -> Match[ProductDocument]:
    """An item that stands for something other than goods (shipping, tax, a fee, rounding): found by name or made.

    `cost` makes it against the cost account: a payment processor's fee is a cost, not less income.
    """
    name, said = _accepted("item", item, rules.item_name(item))
    found = books.named("item", item) or books.named("item", name)
    if found:
        entry, stops = _one_active("item", item, found)
        return Match(name=_as_asked(name, entry), findings=(*said, *stops))
    role: AccountRole = "cost" if cost else "income"
    account = (options.cost_account if cost else options.income_account) or books.account_for(role)
    document = ProductDocument(name=name, type="service", description=name, taxable=taxable, income_account=account)
    return Match(name=name, create=document, findings=tuple(said))

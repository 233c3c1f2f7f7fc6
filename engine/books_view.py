"""What matching may know of the books: the company and its lists, looked up by the names that people use.

One view serves the live run (from the cached lists), a preview with a snapshot, and tests with a neutral set of books
in which every name exists. It never calls anybody.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from decimal import Decimal
from typing import Literal, Protocol

from connectors.ports import BooksProfile, ListEntry, ListKind


def folded(name: str) -> str:
    """The form in which names are compared: NFC, case folded, outer blanks gone (QuickBooks compares without case)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()


class BooksView(Protocol):
    """Looking things up in the books. Every answer lists all that fit, so that the caller sees what is ambiguous."""

    @property
    def profile(self) -> BooksProfile: ...

    def named(self, kind: ListKind, name: str) -> Sequence[ListEntry]:
        """Entries of that full name; if there are none, those whose last part (`Child` of `Parent:Child`) fits."""
        ...

    def items_by_sku(self, sku: str) -> Sequence[ListEntry]: ...

    def customers_by_email(self, email: str) -> Sequence[ListEntry]: ...

    def account_for(self, role: AccountRole) -> str | None:
        """The account that the books use for that role where nobody says otherwise, by full name."""
        ...


AccountRole = Literal["income", "cost", "asset", "receivable", "deposit"]

# How QuickBooks' own chart of accounts marks the account of each role: (type, subtype).
_ROLES: Mapping[AccountRole, tuple[str, str]] = {
    "income": ("Income", "SalesOfProductIncome"),
    "cost": ("Cost of Goods Sold", "SuppliesMaterialsCogs"),
    "asset": ("Other Current Asset", "Inventory"),
    "receivable": ("Accounts Receivable", "AccountsReceivable"),
    "deposit": ("Other Current Asset", "UndepositedFunds"),
}


class ListedBooks:
    """A view over entries held in memory, indexed once. Later entries of the same id replace earlier ones.

    `profile` may be left out by who only looks names up.
    """

    def __init__(self, profile: BooksProfile | None = None, entries: Iterable[ListEntry] = ()) -> None:
        self._profile = profile
        self._by_id: dict[ListKind, dict[str, ListEntry]] = defaultdict(dict)
        self._full: dict[tuple[ListKind, str], dict[str, ListEntry]] = defaultdict(dict)
        self._leaf: dict[tuple[ListKind, str], dict[str, ListEntry]] = defaultdict(dict)
        self._sku: dict[str, dict[str, ListEntry]] = defaultdict(dict)
        self._email: dict[str, dict[str, ListEntry]] = defaultdict(dict)
        for entry in entries:
            self.put(entry)

    @property
    def profile(self) -> BooksProfile:
        if self._profile is None:
            raise LookupError("this view was made without the company's profile")
        return self._profile

    def _places(self, entry: ListEntry) -> Iterable[dict[str, ListEntry]]:
        yield self._full[entry.kind, folded(entry.name)]
        if entry.leaf and entry.leaf != entry.name:
            yield self._leaf[entry.kind, folded(entry.leaf)]
        if entry.kind == "item" and entry.data.get("sku"):
            yield self._sku[folded(str(entry.data["sku"]))]
        if entry.kind == "customer" and entry.data.get("email"):
            # QuickBooks keeps several addresses in one box, separated by commas.
            for address in str(entry.data["email"]).split(","):
                if address.strip():
                    yield self._email[folded(address)]

    def put(self, entry: ListEntry) -> None:
        """Add or replace one entry (a deleted one goes)."""
        known = self._by_id[entry.kind].pop(entry.id, None)
        if known is not None:
            for place in self._places(known):
                place.pop(known.id, None)
        if entry.deleted:
            return
        self._by_id[entry.kind][entry.id] = entry
        for place in self._places(entry):
            place[entry.id] = entry

    def all(self, kind: ListKind) -> list[ListEntry]:
        """All entries of a list, inactive ones too, deleted ones not."""
        return list(self._by_id[kind].values())

    def entry(self, kind: ListKind, id: str) -> ListEntry | None:
        """The entry with that id in the books."""
        return self._by_id[kind].get(id)

    def named(self, kind: ListKind, name: str) -> Sequence[ListEntry]:
        """Entries of that full name, else of that last part; active ones first."""
        key = (kind, folded(name))
        found = self._full.get(key) or self._leaf.get(key) or {}
        return sorted(found.values(), key=lambda entry: not entry.active)

    def one(self, kind: ListKind, name: str) -> ListEntry | None:
        """The active entry of that full name, or the only active one whose last part it is."""
        key = (kind, folded(name))
        for index in (self._full, self._leaf):
            active = [entry for entry in index.get(key, {}).values() if entry.active]
            if active:
                return active[0] if index is self._full or len(active) == 1 else None
        return None

    def list_id(self, kind: ListKind, name: str) -> str:
        """The id of the entry that `one` finds; raises KeyError with the name."""
        found = self.one(kind, name)
        if found is None:
            raise KeyError(name)
        return found.id

    def items_by_sku(self, sku: str) -> Sequence[ListEntry]:
        return tuple(self._sku.get(folded(sku), {}).values())

    def customers_by_email(self, email: str) -> Sequence[ListEntry]:
        return tuple(self._email.get(folded(email), {}).values())

    def account_for(self, role: AccountRole) -> str | None:
        kind, subtype = _ROLES[role]
        accounts = [entry for entry in self._by_id["account"].values() if entry.active]
        exact = [entry for entry in accounts if entry.data.get("subtype") == subtype]
        # Undeposited Funds and inventory share a type with other assets, so for them only the subtype will do.
        close = [entry for entry in accounts if entry.data.get("type") == kind] if kind != "Other Current Asset" else []
        found = exact or close
        return min(found, key=lambda entry: (len(entry.id), entry.id)).name if found else None


NEUTRAL_PROFILE = BooksProfile(
    id="neutral",
    title="Neutral books",
    country="US",
    currency="USD",
    multicurrency=False,
    sales_tax=True,
    automated_tax=False,
    custom_numbers=True,
    classes="line",
    locations=True,
    discounts=True,
    shipping=True,
    inventory=True,
)


class NeutralBooks:
    """Books in which every name exists and nothing is off: for tests of rule sets and previews without a snapshot.

    Tax codes named in `rates` have that rate (percent); of others the rate is not known.
    """

    def __init__(self, currency: str = "USD", rates: Mapping[str, Decimal] | None = None) -> None:
        self._profile = NEUTRAL_PROFILE if currency == "USD" else _in(currency)
        self._rates = {folded(name): rate for name, rate in (rates or {}).items()}

    @property
    def profile(self) -> BooksProfile:
        return self._profile

    def with_automated_tax(self) -> NeutralBooks:
        """The same for a flow that counts on sales tax that the company works out by itself."""
        made = copy(self)
        made._profile = replace(self._profile, automated_tax=True)
        return made

    def named(self, kind: ListKind, name: str) -> Sequence[ListEntry]:
        # No vendor or employee holds any name here, or every new customer would collide.
        if kind in ("vendor", "employee"):
            return ()
        data: dict[str, object] = {}
        if kind == "tax_code" and folded(name) in self._rates:
            data["rate"] = self._rates[folded(name)]
        return (ListEntry(kind=kind, id=f"{kind}:{folded(name)}", name=name, leaf=name.rpartition(":")[2], data=data),)

    def items_by_sku(self, sku: str) -> Sequence[ListEntry]:
        return (ListEntry(kind="item", id=f"item:{folded(sku)}", name=sku, leaf=sku, data={"sku": sku}),)

    def customers_by_email(self, email: str) -> Sequence[ListEntry]:
        return (ListEntry(kind="customer", id=f"customer:{folded(email)}", name=email, leaf=email),)

    def account_for(self, role: AccountRole) -> str | None:
        return _NEUTRAL_ACCOUNTS[role]


_NEUTRAL_ACCOUNTS: Mapping[AccountRole, str] = {
    "income": "Sales of Product Income",
    "cost": "Cost of Goods Sold",
    "asset": "Inventory Asset",
    "receivable": "Accounts Receivable (A/R)",
    "deposit": "Undeposited Funds",
}


def _in(currency: str) -> BooksProfile:
    return replace(NEUTRAL_PROFILE, currency=currency)

"""What connectors need from above and what they offer, as protocols: neither side imports the other's code.

Needed: a clock, a place for rotating tokens, a rate budget. Offered: `Source` (a shop that is read) and `Books` (a
ledger that is written), with the values that pass between.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from connectors.documents import Document
from connectors.records import Fetched, SourceFinding

# ---------------------------------------------------------------------------------------------- needed from above


class Clock(Protocol):
    """Time as the caller sees it; tests shorten it."""

    def now(self) -> datetime:
        """The moment, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, within one process."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait (tests may return at once)."""
        ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """An OAuth 2 pair. Moments are aware UTC; `refresh_expires` is missing where the system does not say."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires: datetime
    refresh_expires: datetime | None = None


class TokenStore(Protocol):
    """Where a connection's tokens live, with the lock that lets only one refresh happen per expiry."""

    def read(self) -> Tokens:
        """The tokens now in force."""
        ...

    def refresh(self, stale_access_token: str, exchange: Callable[[Tokens], Tokens]) -> Tokens:
        """Replace a stale pair once, whoever asks.

        Under a lock across processes: if the stored access token is no longer the stale one, that pair is returned and
        `exchange` is not called. Else `exchange` gets the stored pair, and what it answers is stored and committed
        **before** it is returned.
        """
        ...


class OneTimeStates(Protocol):
    """Where the unguessable states of a pairing wait for the answer that names them; each is good for one answer."""

    def put(self, state: str, data: Mapping[str, str], expires: datetime) -> None:
        """Keep what belongs to a state (whose pairing it is, the shop's address), until that moment."""
        ...

    def take(self, state: str) -> Mapping[str, str] | None:
        """What belongs to the state, once: it is gone afterwards, whoever asks. Missing: unknown, used or too old."""
        ...


class RateBudget(Protocol):
    """The calls that may still be made to one system, shared by all processes."""

    def take(self, kind: str) -> None:
        """Wait for, or raise `errors.Retry(scope="connection")` when it would take too long, one call of `kind`
        ("call" or "batch")."""
        ...

    def pause(self, seconds: float, reason: str) -> None:
        """The system asked everybody to slow down: no call before `seconds` have passed."""
        ...


# ---------------------------------------------------------------------------------------------- a shop that is read


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDeclaration:
    """What a field of the language's vocabulary holds in this system, where its name does not say it. The reference shows
    it beside the field; what the vocabulary has no field for, rules read by its key (`order.meta["…"]`)."""

    path: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    """One box of a connector's credentials form."""

    name: str
    label: str
    secret: bool = False
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDeclaration:
    """What a connector says of itself, once: the form of its credentials, what it reads and writes, what its fields hold,
    its limits (calls a minute by kind of call; empty where the system publishes none).
    """

    kind: str
    title: str
    credentials: tuple[CredentialField, ...]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    fields: tuple[FieldDeclaration, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of what a shop answered. `cursor` is what to store with the page: the next fetch starts there."""

    records: tuple[Fetched, ...]
    cursor: str | None = None
    findings: tuple[SourceFinding, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopProfile:
    """What connecting found out: `identity` is the same shop however it is connected (part of the ledger's key)."""

    identity: str
    title: str
    version: str
    api: str
    zone: str
    currency: str
    prices_include_tax: bool = False
    findings: tuple[SourceFinding, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """A shop. Each call may raise `errors.Retry`, `errors.Rejected` or `errors.ReconnectNeeded`.

    Who inherits from it is told by Python and by the type checker what is not written yet.
    """

    @abstractmethod
    def profile(self) -> ShopProfile:
        """Say hello, find out version, zone and currency, check the keys."""
        ...

    @abstractmethod
    def changed_orders(
        self,
        cursor: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        statuses: Sequence[str] = (),
    ) -> Iterator[Page]:
        """Orders that changed after the cursor (with overlap: expect repeats), oldest first, refunds included.

        Without a cursor: created or changed from `since` on (all, if missing). `until` leaves out orders created at
        that moment or later. Each page's cursor is safe to store once its records are stored.
        """
        ...

    @abstractmethod
    def orders(self, ids: Sequence[str]) -> Iterator[Page]:
        """Those orders, read again by id, whatever their status (held, unpaid or young ones).

        One that the shop no longer has comes without record, with the finding `order_gone`.
        """
        ...

    @abstractmethod
    def older_orders(self, before: datetime) -> int | None:
        """How many orders were created before that moment; missing where the shop does not count. One call at most."""
        ...

    @abstractmethod
    def product_findings(self) -> Sequence[SourceFinding]:
        """What is to be known of the products before the first order is moved: SKUs that several of them share.

        Reads the list of products, in a bounded number of calls; a finding says so where that was not enough.
        """
        ...

    @abstractmethod
    def customers(self, cursor: str | None) -> Iterator[Page]:
        """The shop's customers."""
        ...

    @abstractmethod
    def products(self, cursor: str | None) -> Iterator[Page]:
        """Products and, each for itself, their variations."""
        ...

    @abstractmethod
    def read_orders(self, payloads: Iterable[Mapping[str, Any]]) -> Iterator[Fetched]:
        """The pure mapping of raw payloads, as files of recorded orders hold them. No network."""
        ...


# ---------------------------------------------------------------------------------------------- books that are written

ListKind = Literal[
    "account",
    "class",
    "customer",
    "department",
    "item",
    "payment_method",
    "tax_code",
    "tax_rate",
    "term",
    "vendor",
    "employee",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """One entry of a list of the books. `name` is the full name (`Parent:Child`), `leaf` its last part.

    `data` holds what matching and posting need, by plain keys: account `type`, `subtype`, `currency`; item `sku`,
    `type`, `start_date`, `income_account`, `taxable`; customer `email`, `currency`, `company`, `taxable`; tax_code
    `rate` (sum of its sales rates in percent), `rates` (those one by one: each rounds for itself), `taxable`, `group`;
    term `due_days`. The data are plain JSON: figures are texts.
    """

    kind: ListKind
    id: str
    name: str
    leaf: str = ""
    active: bool = True
    sync_token: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksProfile:
    """The company and the preferences that decide what can be posted.

    `automated_tax` is QuickBooks' own computation; `closed_until` the last closed day. `features` maps a preference
    by name (see connectors.quickbooks) to whether it is on.
    """

    id: str
    title: str
    country: str
    currency: str
    zone: str | None = None
    multicurrency: bool = False
    sales_tax: bool = False
    automated_tax: bool = False
    custom_numbers: bool = False
    classes: Literal["off", "document", "line"] = "off"
    locations: bool = False
    discounts: bool = False
    shipping: bool = False
    inventory: bool = False
    closed_until: str | None = None
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    features: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A document as it stands in the books.

    `body` is the system's own answer; `marker` our marker if it carries one; `state` is "live", "voided" or "deleted".
    `linked` are the kinds of documents that hang on it (the payments of an invoice, the invoice that an estimate became).
    """

    entity: str
    id: str
    sync_token: str
    number: str | None = None
    name: str | None = None
    date: str | None = None
    customer_id: str | None = None
    total: Decimal | None = None
    balance: Decimal | None = None
    tax_total: Decimal | None = None
    currency: str | None = None
    marker: str | None = None
    state: Literal["live", "voided", "deleted"] = "live"
    deposited: bool = False
    linked: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One write inside a send: `key` is our short id for it (at most 10 characters), unique in the send. `options`:
    "duplicate_number" lets a document be made although another one has its number."""

    key: str
    action: Literal["create", "update", "void", "delete"]
    entity: str
    body: Mapping[str, Any]
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberResult:
    """What became of one member: exactly one of `posted` and `error`."""

    key: str
    posted: Posted | None = None
    error: Exception | None = None


class Resolve(Protocol):
    """From a symbolic reference to the id in the books.

    Raises KeyError with the name when it is not (or not yet) there. `slot` asks for what our own ledger holds in a
    slot of the same record (the invoice that a payment pays); `slot("number:1007")` for the open invoice of that
    number, for a payment that names one (`PaymentDocument.invoice_number`).
    """

    def list_id(self, kind: ListKind, name: str) -> str: ...

    def entry(self, kind: ListKind, id: str) -> ListEntry | None: ...

    def slot(self, slot: str) -> Posted: ...


class Books(Protocol):
    """A ledger. Reads may raise `errors.*`; `send` reports each member's own fate and raises only for the whole."""

    def profile(self) -> BooksProfile:
        """The company and its preferences (three calls at most)."""
        ...

    def lists(self, kinds: Sequence[ListKind]) -> Iterator[ListEntry]:
        """All entries of these lists, inactive ones too."""
        ...

    def changes(
        self, kinds: Sequence[ListKind], since: datetime, documents: Sequence[str] = ()
    ) -> Iterator[ListEntry | Posted]:
        """What changed since then in these lists and in these kinds of documents (by entity), in as few calls as the
        system allows; repeats are to be expected. Raises `errors.Rejected(code="changes_too_old")` when the system
        cannot say any more and the lists have to be loaded anew."""
        ...

    def encode(self, document: Document, resolve: Resolve, profile: BooksProfile) -> tuple[str, Mapping[str, Any]]:
        """(entity, body without id) of a document, in the system's own spelling. Pure."""
        ...

    def encode_update(
        self, document: Document, resolve: Resolve, profile: BooksProfile, now: Posted, last_sent: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """(body, names of fields that a person changed and that are therefore kept). Three-way: last sent, now,
        wanted. An empty body says that there is nothing to write. Pure.
        """
        ...

    def edited(self, now: Posted, last_sent: Mapping[str, Any]) -> tuple[str, ...]:
        """The fields that somebody changed or filled in since `last_sent` was written; what the system adds by itself is
        none. Pure."""
        ...

    def freeze(self, members: Sequence[Member], request_id: str) -> bytes:
        """The exact bytes of one send (a single write, or a batch of up to `batch_size`)."""
        ...

    def send(self, request_id: str, frozen: bytes) -> list[MemberResult]:
        """Post those bytes, once. The same call with the same arguments may be repeated after `errors.Retry`."""
        ...

    def find(
        self,
        entity: str,
        *,
        number: str | None = None,
        name: str | None = None,
        customer_id: str | None = None,
        date: str | None = None,
    ) -> list[Posted]:
        """Documents (or names) that stand there, to look before sending again and to adopt."""
        ...

    def find_numbers(self, entity: str, numbers: Sequence[str]) -> list[Posted]:
        """Documents with one of these numbers, in few calls."""
        ...

    def read(self, entity: str, id: str) -> Posted | None:
        """One document as it stands now; missing when it was deleted."""
        ...

    @property
    def batch_size(self) -> int: ...

    def call_counts(self) -> Mapping[str, int]:
        """Calls made so far, by kind ("query", "read", "batch", "single", "changes", "token")."""
        ...

"""The connector against the local QuickBooks, which shares no code with it: what is sent is taken, what is foretold comes."""

from __future__ import annotations

import random
import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors import errors
from connectors.documents import (
    CustomerDocument,
    Document,
    DocumentLine,
    ListDocument,
    PaymentDocument,
    ProductDocument,
    SalesDocument,
)
from connectors.ports import Books, BooksProfile, ListEntry, ListKind, Member, Posted, Tokens
from connectors.quickbooks import (
    LoopbackRedirect,
    OAuth,
    QuickBooksOnline,
    Settings,
    compute_tax,
    new_state,
    preflight,
    read_callback,
    read_snapshot,
    snapshot,
)
from connectors.quickbooks.encoding import encode
from connectors.records import Address
from sandbox.quickbooks import Injected, Options, RunningQuickBooks, start
from tests.connectors.quickbooks_kit import Clock, MemoryTokens, OpenBudget, total_of

KINDS: tuple[ListKind, ...] = (
    "account", "class", "customer", "department", "item", "payment_method", "tax_code", "term", "vendor", "employee",
)  # fmt: skip
READY = Options(custom_transaction_numbers=True, allow_shipping=True)


class Lists:
    """Names resolved by the lists as they were read."""

    def __init__(self, entries: Sequence[ListEntry]) -> None:
        self.entries = list(entries)
        self.slots: dict[str, Posted] = {}

    def list_id(self, kind: ListKind, name: str) -> str:
        for entry in self.entries:
            if (
                entry.kind == kind
                and entry.active
                and name.casefold() in (entry.name.casefold(), entry.leaf.casefold())
            ):
                return entry.id
        raise KeyError(name)

    def entry(self, kind: ListKind, id: str) -> ListEntry | None:
        return next((entry for entry in self.entries if (entry.kind, entry.id) == (kind, id)), None)

    def slot(self, slot: str) -> Posted:
        return self.slots[slot]


@dataclass
class Company:
    """A local company with our connector on it."""

    local: RunningQuickBooks
    books: QuickBooksOnline
    settings: Settings
    clock: Clock
    tokens: MemoryTokens
    lists: Lists
    profile: BooksProfile
    sends: int = 0

    def renew(self) -> None:
        self.lists.entries = list(self.books.lists(KINDS))
        self.profile = self.books.profile()

    def request_id(self) -> str:
        self.sends += 1
        return f"req-{self.sends}"

    def encode(self, document: Document) -> tuple[str, dict[str, Any]]:
        return encode(document, self.lists, self.profile)

    def put(self, *documents: Document) -> list[Posted | errors.ConnectorError]:
        members = []
        for number, document in enumerate(documents):
            entity, body = self.encode(document)
            members.append(Member(key=f"k{number}", action="create", entity=entity, body=body))
        return self.send(*members)

    def send(self, *members: Member) -> list[Posted | errors.ConnectorError]:
        request_id = self.request_id()
        found: list[Posted | errors.ConnectorError] = []
        for result in self.books.send(request_id, self.books.freeze(members, request_id)):
            held = result.posted or result.error
            assert isinstance(held, Posted | errors.ConnectorError)
            found.append(held)
        return found

    def post(self, document: Document) -> Posted:
        (held,) = self.put(document)
        if isinstance(held, errors.ConnectorError):
            raise held
        return held

    def refusal(self, document: Document) -> errors.Rejected:
        (held,) = self.put(document)
        assert isinstance(held, errors.Rejected)
        return held


@contextmanager
def company(options: Options = READY) -> Iterator[Company]:
    with start(options) as local:
        held = local.ready()
        clock = Clock()
        tokens = MemoryTokens(clock)
        tokens.tokens = Tokens(held["access_token"], held["refresh_token"], clock.now() + timedelta(hours=1))
        settings = Settings(
            client_id=held["client_id"],
            client_secret=held["client_secret"],
            base_url=held["base_url"],
            environment="sandbox",
        )
        books = QuickBooksOnline(settings, held["realm_id"], tokens, clock, OpenBudget())
        checked: Books = books
        assert checked.batch_size == 30
        made = Company(
            local, books, settings, clock, tokens, Lists(()), BooksProfile(id="", title="", country="", currency="")
        )
        made.renew()
        try:
            yield made
        finally:
            books.close()


def item(amount: str, **changes: Any) -> DocumentLine:
    return DocumentLine(**{"item": "Pump", "quantity": Decimal(1), "amount": Decimal(amount), **changes})


def sale(*lines: DocumentLine, **changes: Any) -> SalesDocument:
    return SalesDocument(
        **{
            "type": "sales_receipt",
            "number": "W1007",
            "date": date(2026, 1, 14),
            "customer": "Amy's Bird Sanctuary",
            "currency": "USD",
            "lines": lines or (item("20.99"),),
            "total": Decimal(0),
            "marker": "cloudcart:ABCDEFGHIJKLMNOP",
            **changes,
        }
    )


def test_the_seeded_company_is_understood() -> None:
    with company() as at:
        assert (at.profile.country, at.profile.currency, at.profile.automated_tax) == ("US", "USD", False)
        assert at.profile.custom_numbers
        assert at.profile.classes == "line"
        names = {(entry.kind, entry.name) for entry in at.lists.entries}
        assert {
            ("account", "Undeposited Funds"),
            ("item", "Pump"),
            ("term", "Net 30"),
            ("payment_method", "Visa"),
        } <= names
        tucson = next((entry for entry in at.lists.entries if (entry.kind, entry.name) == ("tax_code", "Tucson")), None)
        assert tucson is not None
        assert tucson.data["rates"] == ["7.1", "2"]
        assert at.books.call_counts() == {"query": len(KINDS) + 3}


def _random_sale(rng: random.Random, number: int, country: str) -> SalesDocument:
    def money(low: int, high: int) -> Decimal:
        return Decimal(rng.randint(low, high)) / 100

    lines = []
    for _ in range(rng.randint(1, 5)):
        quantity = rng.choice([Decimal(1), Decimal(3), Decimal("2.5"), Decimal(7)])
        lines.append(
            DocumentLine(
                item=rng.choice(["Pump", "Hours", "Pest Control"]),
                quantity=quantity,
                unit_price=rng.choice([None, money(1, 9999)]),
                amount=money(100, 20000),
                description=rng.choice([None, "Ünï 🎉 'quoted' \"twice\" \\ and : colon"]),
                taxable=rng.random() < 0.6,
                kind=rng.choice(["item", "fee"]),
            )
        )
    discounted = rng.random() < 0.4
    kind = rng.choice(["sales_receipt", "invoice", "estimate", "credit_memo", "refund_receipt"])
    return sale(
        *lines,
        type=kind,
        number=f"W{number}",
        discount_total=money(1, 90) if discounted else Decimal(0),
        discount_taxable=rng.random() < 0.5,
        shipping_total=rng.choice([Decimal(0), money(1, 3000)]),
        shipping_taxable=rng.random() < 0.5,
        tax_total=money(0, 1000),
        tax_code=rng.choice(["California", "Tucson", None]) if country == "US" else "HST ON",
        tax_override=rng.random() < 0.5,
        deposit_account="Checking",
        memo="A memo\nof two lines",
        terms="Net 30",
        payment_method="Visa",
        payment_reference="ch_3Nx",
        class_=None,
        ship_to=Address(name="Amy", line_1="1 Main St", city="Tucson", state="AZ", postal_code="85701", country="US"),
        currency="USD" if country == "US" else "CAD",
    )


@pytest.mark.parametrize(
    "options",
    [READY, replace(READY, sales_tax="automated"), replace(READY, sales_tax="off"), replace(READY, country="CA")],
    ids=["codes", "by address", "no tax", "Canada"],
)
def test_the_total_and_tax_that_come_are_those_foretold(options: Options) -> None:
    rng = random.Random(7)
    with company(options) as at:
        codes = [entry for entry in at.lists.entries if entry.kind == "tax_code"]
        if options.country != "US":
            codes = [entry for entry in codes if entry.data.get("rates")]
        foretold = 0
        for start_at in range(0, 60, 30):
            documents = [_random_sale(rng, number, options.country) for number in range(start_at, start_at + 30)]
            if options.country != "US":
                documents = [replace(each, tax_code=rng.choice(codes).name) for each in documents]
            for document, answer in zip(documents, at.put(*documents), strict=True):
                if isinstance(answer, errors.ConnectorError):
                    raise answer
                tax = compute_tax(document, at.profile, codes)
                assert answer.number == document.number
                assert answer.marker == document.marker
                if tax is None:
                    by_address = options.sales_tax == "automated" and not document.tax_override
                    assert by_address or (options.country == "CA" and document.discount_total)
                    continue
                foretold += 1
                assert (answer.tax_total or Decimal(0)) == tax, document
                assert answer.total == total_of(at.encode(document)[1], tax), document
        assert foretold > 15


def test_every_kind_of_document_comes_back_as_it_was_sent() -> None:
    """Nothing that we send is dropped or changed: else every later update would take it for a person's edit."""
    rng = random.Random(11)
    with company() as at:
        for number in range(30):
            document = _random_sale(rng, number, "US")
            posted = at.post(document)
            sent = at.encode(document)[1]
            again = replace(document, message="now with a message")
            body, kept = at.books.encode_update(again, at.lists, at.profile, posted, sent)
            assert kept == ()
            assert body.keys() == {"Id", "SyncToken", "sparse", "CustomerRef", "CustomerMemo"}
            assert at.books.encode_update(document, at.lists, at.profile, posted, sent) == ({}, ())


def test_names_are_made_and_found() -> None:
    with company() as at:
        customer = at.post(
            CustomerDocument(
                name="Zoë: 'Z' \"O\"",
                first_name="Zoë",
                email="z@example.com",
                phone="+1 555",
                bill_to=Address(line_1="1 Main St", city="Tucson", state="AZ"),
                note="VIP",
            )
        )
        products = at.put(
            ProductDocument(name="Widget", sku="W-1", price=Decimal("9.99"), income_account="Services"),
            ProductDocument(
                name="Advice", type="service", income_account="Services", expense_account="Cost of Goods Sold"
            ),
            ProductDocument(
                name="Gadget",
                type="inventory",
                income_account="Sales of Product Income",
                expense_account="Cost of Goods Sold",
                asset_account="Inventory Asset",
                start_date=date(2025, 1, 1),
                quantity=Decimal(5),
            ),
        )
        entries = at.put(
            ListDocument(kind="payment_method", name="Stripe"),
            ListDocument(kind="term", name="Net 45"),
            ListDocument(kind="class", name="Online"),
            ListDocument(kind="department", name="Annapolis"),
        )
        assert [str(each) for each in (*products, *entries) if not isinstance(each, Posted)] == []
        assert customer.name == "Zoë - 'Z' \"O\""
        (found,) = at.books.find("Customer", name=customer.name)
        assert found.id == customer.id
        at.renew()
        assert at.lists.entry("customer", customer.id) is not None
        sub = at.post(ListDocument(kind="class", name="Online:Amazon"))
        assert sub.body["FullyQualifiedName"] == "Online:Amazon"
        types = [entry.data["type"] for entry in at.lists.entries if entry.name in ("Widget", "Advice", "Gadget")]
        assert sorted(types) == ["inventory", "non_inventory", "service"]


def _add_vendor(at: Company) -> None:
    at.local.edit("Vendor", None, "create", DisplayName="Ann Lee")


def _deactivate(at: Company) -> None:
    made = at.post(CustomerDocument(name="Ann Lee"))
    at.local.edit("Customer", made.id, "change", Active=False)


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (lambda at: at.post(CustomerDocument(name="ann lee")), "name_exists"),
        (_add_vendor, "name_held_elsewhere"),
    ],
)
def test_a_name_in_use_says_by_whom(before: Callable[[Company], object], code: str) -> None:
    with company() as at:
        before(at)
        refused = at.refusal(CustomerDocument(name="Ann Lee"))
        assert (refused.code, refused.remote_code) == (code, "6240")
        assert refused.about["id"]


def test_an_inactive_name_is_found_and_may_be_used_anew() -> None:
    with company() as at:
        _deactivate(at)
        found = at.books.find("Customer", name="Ann Lee")
        assert [held.body["Active"] for held in found] == [False]
        at.renew()
        listed = [entry for entry in at.lists.entries if (entry.kind, entry.name) == ("customer", "Ann Lee")]
        assert [entry.active for entry in listed] == [False]
        at.post(CustomerDocument(name="Ann Lee"))


def _invoice(**changes: Any) -> SalesDocument:
    return sale(item("40.00", item="Hours"), **{"type": "invoice", **changes})


def _payment(amount: str = "40.00", **changes: Any) -> PaymentDocument:
    return PaymentDocument(
        **{
            "date": date(2026, 1, 15),
            "customer": "Amy's Bird Sanctuary",
            "currency": "USD",
            "amount": Decimal(amount),
            "applies_to": {"sale": Decimal(amount)},
            "payment_method": "Visa",
            "reference": "ch_1",
            "deposit_account": "Undeposited Funds",
            "marker": "cloudcart:PAY",
            **changes,
        }
    )


def test_a_payment_closes_its_invoice_and_is_found_by_customer_and_day() -> None:
    with company() as at:
        at.lists.slots["sale"] = invoice = at.post(_invoice())
        payment = at.post(_payment("15.00"))
        at.post(_payment("25.00", marker="cloudcart:PAY2"))
        paid = at.books.read("Invoice", invoice.id)
        assert paid is not None
        assert paid.balance == 0
        found = at.books.find("Payment", customer_id=invoice.customer_id, date="2026-01-15")
        assert {held.marker for held in found} == {"cloudcart:PAY", "cloudcart:PAY2"}
        assert [held.id for held in at.books.find_numbers("Payment", ["ch_1"])] != []
        assert payment.total == Decimal("15.00")


def test_a_payment_by_number_finds_the_open_invoice() -> None:
    with company() as at:
        at.post(_invoice(number="S-9"))
        (open_,) = at.books.find("Invoice", number="S-9")
        at.lists.slots["number:S-9"] = open_
        at.post(_payment(applies_to={}, invoice_number="S-9", customer=""))
        paid = at.books.read("Invoice", open_.id)
        assert paid is not None
        assert paid.balance == 0


@pytest.mark.parametrize(
    ("options", "document", "code"),
    [
        (READY, _invoice(date=date(2020, 1, 1)), None),
        (replace(READY, closing_date=date(2025, 12, 31)), _invoice(date=date(2025, 12, 31)), "closed_period"),
        (
            replace(READY, closing_date=date(2025, 12, 31), closing_password=True),
            _invoice(date=date(2025, 6, 1)),
            "closed_period",
        ),
        (replace(READY, country="CA"), _invoice(currency="CAD"), "tax_code_missing"),
    ],
)
def test_what_the_company_refuses_preflight_knew(options: Options, document: SalesDocument, code: str | None) -> None:
    with company(options) as at:
        (answer,) = at.put(document)
        stops = {finding.code for finding in preflight(document, at.profile) if finding.severity == "error"}
    assert stops == ({code} if code else set())
    assert isinstance(answer, errors.Rejected if code else Posted)
    if code == "closed_period":
        assert isinstance(answer, errors.Rejected)
        assert answer.code == code


def test_a_subscription_that_ended_stops_the_whole_company() -> None:
    with pytest.raises(errors.Rejected) as caught, company(replace(READY, subscription_ended=True)):
        pass
    assert (caught.value.code, caught.value.scope) == ("subscription_ended", "connection")


def test_a_number_in_use_names_the_document_that_has_it() -> None:
    with company() as at:
        first = at.post(_invoice())
        refused = at.refusal(_invoice())
        assert refused.code == "number_exists"
        assert refused.about == {"entity": "Invoice", "id": first.id, "number": "W1007"}
        entity, body = at.encode(_invoice())
        member = Member(key="k", action="create", entity=entity, body=body, options=("duplicate_number",))
        (second,) = at.send(member)
        assert isinstance(second, Posted)
        assert {held.id for held in at.books.find("Invoice", number="W1007")} == {first.id, second.id}


@pytest.mark.parametrize(
    "kind", ["applied_then_timeout", "applied_then_reset", "applied_then_500", "applied_then_html_502", "truncated"]
)
@pytest.mark.parametrize("count", [1, 3])
def test_a_lost_answer_is_unknown_and_the_same_bytes_bring_the_same_document(kind: str, count: int) -> None:
    with company() as at:
        documents = [_invoice(number=f"W{number}", marker=f"cloudcart:M{number}") for number in range(count)]
        members = [
            Member(key=f"k{number}", action="create", entity="Invoice", body=at.encode(document)[1])
            for number, document in enumerate(documents)
        ]
        frozen = at.books.freeze(members, "the-one")
        at.local.inject(Injected(kind))
        with pytest.raises(errors.Unknown):
            at.books.send("the-one", frozen)
        found = at.books.find_numbers("Invoice", [f"W{number}" for number in range(count)])
        assert {held.marker for held in found} == {f"cloudcart:M{number}" for number in range(count)}
        again = at.books.send("the-one", frozen)
        assert {result.posted.id for result in again if result.posted} == {held.id for held in found}
        assert (
            len([each for each in at.local.books("Invoice") if str(each.get("DocNumber", "")).startswith("W")]) == count
        )


@pytest.mark.parametrize("kind", ["reset", "503", "html_502", "timeout"])
def test_what_was_never_carried_out_is_unknown_too_and_is_not_there(kind: str) -> None:
    with company() as at:
        at.local.inject(Injected(kind))
        with pytest.raises(errors.Unknown):
            at.post(_invoice())
        assert at.books.find("Invoice", number="W1007") == []
        at.local.inject(Injected(kind, operation="query"))
        with pytest.raises(errors.Retry):
            at.books.find("Invoice", number="W1007")


def test_a_throttled_write_was_not_carried_out() -> None:
    with company() as at:
        at.local.inject(Injected("429", retry_after=9))
        with pytest.raises(errors.Retry) as caught:
            at.post(_invoice())
        assert caught.value.after == 9
        assert at.books.find("Invoice", number="W1007") == []


def test_a_shuffled_batch_with_a_lost_member_settles_each_for_itself() -> None:
    with company() as at:
        documents = [_invoice(number=f"W{number}") for number in range(6)]
        documents[2] = _invoice(number="W0")
        at.local.inject(Injected("batch_shuffled"))
        answers = at.put(*documents)
        numbers = [answer.number if isinstance(answer, Posted) else answer.code for answer in answers]
        # Items have no order: either of the two with the same number may be refused.
        assert sorted(map(str, numbers)) == ["W0", "W1", "W3", "W4", "W5", "number_exists"]
        at.local.inject(Injected("batch_missing_bid", items=2))
        answers = at.put(*[_invoice(number=f"X{number}") for number in range(5)])
        assert [type(answer) for answer in answers].count(errors.Unknown) == 2
        assert len(at.books.find_numbers("Invoice", [f"X{number}" for number in range(5)])) == 5


def test_what_a_person_edits_is_kept_and_the_rest_is_changed() -> None:
    with company() as at:
        document = _invoice(message="Thanks", ship_date=date(2026, 1, 16))
        posted, sent = at.post(document), at.encode(document)[1]
        at.local.edit("Invoice", posted.id, "change", CustomerMemo={"value": "Dear Amy"})
        now = at.books.read("Invoice", posted.id)
        assert now is not None
        assert now.sync_token != posted.sync_token
        wanted = replace(
            document, message="Thank you", ship_date=None, lines=(*document.lines, item("2.00", item="Pest Control"))
        )
        body, kept = at.books.encode_update(wanted, at.lists, at.profile, now, sent)
        assert kept == ("CustomerMemo",)
        (changed,) = at.send(Member(key="u", action="update", entity="Invoice", body=body))
        assert isinstance(changed, Posted)
        assert changed.total == Decimal("42.00")
        assert changed.body["CustomerMemo"] == {"value": "Dear Amy"}
        assert "ShipDate" not in changed.body
        assert changed.marker == document.marker
        assert changed.body["Line"][0]["Id"] == posted.body["Line"][0]["Id"]


def test_a_payment_that_is_changed_stays_on_its_invoice() -> None:
    with company() as at:
        at.lists.slots["sale"] = invoice = at.post(_invoice())
        document = _payment()
        posted, sent = at.post(document), at.encode(document)[1]
        body, kept = at.books.encode_update(replace(document, reference="ch_2"), at.lists, at.profile, posted, sent)
        assert kept == ()
        (changed,) = at.send(Member(key="u", action="update", entity="Payment", body=body))
        assert isinstance(changed, Posted)
        assert changed.number == "ch_2"
        paid = at.books.read("Invoice", invoice.id)
        assert paid is not None
        assert paid.balance == 0


def test_customers_and_items_are_changed_without_losing_what_stands() -> None:
    with company() as at:
        customer = CustomerDocument(name="Ann Lee", email="ann@example.com", phone="555")
        item_ = ProductDocument(
            name="Gadget",
            type="inventory",
            price=Decimal("9.99"),
            income_account="Sales of Product Income",
            expense_account="Cost of Goods Sold",
            asset_account="Inventory Asset",
            start_date=date(2025, 1, 1),
            quantity=Decimal(5),
        )
        for document, wanted, edit, field in (
            (customer, replace(customer, phone="556"), {"Notes": "by hand"}, "Notes"),
            (item_, replace(item_, price=Decimal("12.50")), {"Description": "by hand"}, "Description"),
        ):
            posted, (entity, sent) = at.post(document), at.encode(document)
            at.local.edit(entity, posted.id, "change", **edit)
            now = at.books.read(entity, posted.id)
            assert now is not None
            body, kept = at.books.encode_update(wanted, at.lists, at.profile, now, sent)
            assert kept == ()
            (changed,) = at.send(Member(key="u", action="update", entity=entity, body=body))
            assert isinstance(changed, Posted), changed
            assert changed.body[field] == "by hand"
            assert at.books.encode_update(wanted, at.lists, at.profile, changed, at.encode(wanted)[1]) == ({}, ())
        (gadget,) = at.books.find("Item", name="Gadget")
        assert (gadget.body["QtyOnHand"], gadget.body["UnitPrice"]) == (5, Decimal("12.5"))


def test_a_stale_change_is_refused_and_named() -> None:
    with company() as at:
        document = _invoice()
        posted, sent = at.post(document), at.encode(document)[1]
        at.local.edit("Invoice", posted.id, "change", PrivateNote="by hand")
        body, _ = at.books.encode_update(replace(document, message="Hi"), at.lists, at.profile, posted, sent)
        (refused,) = at.send(Member(key="u", action="update", entity="Invoice", body=body))
        assert isinstance(refused, errors.Rejected)
        assert refused.code == "stale"


@pytest.mark.parametrize("together", [False, True])
def test_documents_are_voided_or_deleted_each_in_its_way(together: bool) -> None:
    with company() as at:
        at.lists.slots["sale"] = invoice = at.post(_invoice())
        payment = at.post(_payment())
        receipt = at.post(sale(number="R1"))
        memo = at.post(sale(number="C1", type="credit_memo"))
        members = []
        for number, held in enumerate((payment, receipt, memo, invoice)):
            now = at.books.read(held.entity, held.id)
            assert now is not None
            action: Any = "delete" if held is memo else "void"
            members.append(
                Member(
                    key=f"v{number}",
                    action=action,
                    entity=held.entity,
                    body={"Id": now.id, "SyncToken": now.sync_token},
                )
            )
        if together:
            answers = at.send(*members[:3])
        else:
            answers = [answer for member in members[:3] for answer in at.send(member)]
        assert [answer.state for answer in answers if isinstance(answer, Posted)] == ["voided", "voided", "deleted"]
        assert at.books.read("CreditMemo", memo.id) is None
        voided = at.books.read("SalesReceipt", receipt.id)
        assert voided is not None
        assert (voided.state, voided.marker, voided.total) == ("voided", receipt.marker, Decimal(0))


def test_a_deposited_payment_says_so() -> None:
    with company() as at:
        at.lists.slots["sale"] = at.post(_invoice())
        payment = at.post(_payment())
        at.local.edit(
            "Deposit", None, "create",
            DepositToAccountRef={"value": at.lists.list_id("account", "Checking")},
            Line=[{"Amount": 40, "LinkedTxn": [{"TxnId": payment.id, "TxnType": "Payment", "TxnLineId": "0"}]}],
        )  # fmt: skip
        now = at.books.read("Payment", payment.id)
        assert now is not None
        assert now.deposited
        body = {"Id": now.id, "SyncToken": now.sync_token}
        (refused,) = at.send(Member(key="v", action="void", entity="Payment", body=body))
        assert isinstance(refused, errors.Rejected)
        assert refused.code == "deposited"


def test_changes_tell_what_was_made_edited_and_deleted() -> None:
    with company() as at:
        at.clock.at = now = at.local.api.company.clock.now()
        since = now - timedelta(seconds=2)
        at.local.pass_time(5)
        made = at.post(CustomerDocument(name="New Here"))
        kept, gone = at.post(_invoice()), at.post(_invoice(number="W1008"))
        at.send(Member(key="d", action="delete", entity="Invoice", body={"Id": gone.id, "SyncToken": gone.sync_token}))
        at.local.edit("Item", at.lists.list_id("item", "Pump"), "change", Sku="NEW")
        before = at.books.call_counts()["query"]
        found = list(at.books.changes(["customer", "item", "tax_code"], since, documents=["Invoice"]))
        assert at.books.call_counts()["changes"] == 1
        assert at.books.call_counts()["query"] == before + 2
        entries = {(held.kind, held.id): held for held in found if isinstance(held, ListEntry)}
        documents = {held.id: held.state for held in found if isinstance(held, Posted)}
        assert entries["customer", made.id].name == "New Here"
        assert any(entry.data.get("sku") == "NEW" for entry in entries.values())
        assert documents[kept.id] == "live"
        assert documents[gone.id] == "deleted"


def test_a_company_is_connected_through_the_browser_and_let_go() -> None:
    with start(READY) as local, LoopbackRedirect() as redirect:
        held = local.ready()
        settings = Settings(
            client_id=held["client_id"],
            client_secret=held["client_secret"],
            redirect_uri=redirect.redirect_uri,
            base_url=held["base_url"],
            discovery_url=held["discovery_url"],
        )
        oauth, state, clock = OAuth(settings), new_state(), Clock()
        url = oauth.authorization_url(state)

        def browse() -> None:
            with urllib.request.urlopen(url, timeout=10) as answer:
                answer.read()

        browser = threading.Thread(target=browse)
        browser.start()
        callback = read_callback(redirect.wait(10), state)
        browser.join()
        tokens = MemoryTokens(clock)
        tokens.tokens = oauth.exchange(callback.code)
        clock.at = tokens.tokens.expires - timedelta(minutes=30)
        books = QuickBooksOnline(settings, callback.company_id, tokens, clock, OpenBudget())
        assert books.profile().title == "Sandbox Company_US_1"
        local.expire_access_tokens()
        first = tokens.tokens.refresh_token
        assert list(books.lists(["term"]))
        assert tokens.exchanges == 1
        assert tokens.tokens.refresh_token != first
        oauth.revoke(tokens.tokens)
        with pytest.raises(errors.ReconnectNeeded):
            list(books.lists(["term"]))
        books.close()


def test_a_snapshot_of_the_company_comes_back() -> None:
    with company() as at:
        read = read_snapshot(snapshot(at.books, at.clock.now()))
        assert read.profile == at.profile
        assert {(entry.kind, entry.id) for entry in at.lists.entries} <= {
            (entry.kind, entry.id) for entry in read.entries
        }

"""sandbox/quickbooks with somebody else's client, python-quickbooks 0.9.12, unchanged over HTTP"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib
import inspect
import os
import pkgutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import quickbooks.objects
from intuitlib.client import AuthClient
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.client import QuickBooks
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    UnsupportedException,
    ValidationException,
)
from quickbooks.objects import base, detailline
from quickbooks.objects.account import Account
from quickbooks.objects.attachable import Attachable
from quickbooks.objects.bill import Bill
from quickbooks.objects.billpayment import BillPayment, BillPaymentLine, CheckPayment
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.creditcardpayment_entity import CreditCardPayment
from quickbooks.objects.creditmemo import CreditMemo
from quickbooks.objects.customer import Customer
from quickbooks.objects.department import Department
from quickbooks.objects.deposit import Deposit, DepositLine, DepositLineDetail
from quickbooks.objects.employee import Employee
from quickbooks.objects.estimate import Estimate
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.item import Item
from quickbooks.objects.journalentry import JournalEntry, JournalEntryLine, JournalEntryLineDetail
from quickbooks.objects.payment import Payment, PaymentLine
from quickbooks.objects.paymentmethod import PaymentMethod
from quickbooks.objects.preferences import Preferences
from quickbooks.objects.purchase import Purchase
from quickbooks.objects.purchaseorder import PurchaseOrder
from quickbooks.objects.recurringtransaction import (
    RecurringInfo,
    RecurringInvoice,
    RecurringTransaction,
    ScheduleInfo,
)
from quickbooks.objects.refundreceipt import RefundReceipt, RefundReceiptCheckPayment
from quickbooks.objects.salesreceipt import SalesReceipt
from quickbooks.objects.tax import TxnTaxDetail
from quickbooks.objects.taxagency import TaxAgency
from quickbooks.objects.taxcode import TaxCode
from quickbooks.objects.taxrate import TaxRate
from quickbooks.objects.taxservice import TaxRateDetails, TaxService
from quickbooks.objects.term import Term
from quickbooks.objects.timeactivity import TimeActivity
from quickbooks.objects.trackingclass import Class
from quickbooks.objects.transfer import Transfer
from quickbooks.objects.vendor import Vendor

from sandbox.quickbooks import Injected, Limits, Options, RunningQuickBooks, start
from sandbox.quickbooks.schema import ENTITY_FIELDS, SHAPE_FIELDS

Seen = Iterator[RunningQuickBooks]


@pytest.fixture
def running() -> Seen:
    with start(Options()) as books:
        yield books


@pytest.fixture
def qb(running: RunningQuickBooks, monkeypatch: pytest.MonkeyPatch) -> Any:
    return connect(running, monkeypatch)


def connect(running: RunningQuickBooks, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Any:
    """A client pointed at the local server in the way that its users do."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setattr(QuickBooks, "api_url_v3", running.ready()["api_url"])
    auth = AuthClient(
        client_id=running.ready()["client_id"],
        client_secret=running.ready()["client_secret"],
        environment=running.ready()["discovery_url"],
        redirect_uri="http://localhost:8000/callback",
    )
    return QuickBooks(
        auth_client=auth,
        refresh_token=running.ready()["refresh_token"],
        company_id=running.realm_id,
        minorversion=75,
        **more,
    )


def first(cls: Any, qb: Any) -> Any:
    return cls.all(max_results=1, qb=qb)[0]


def sales_line(item: Any, amount: Any, quantity: Any = 0, price: Any = 0) -> Any:
    line = detailline.SalesItemLine()
    line.LineNum = 1
    line.Description = "description"
    line.Amount = amount
    line.SalesItemLineDetail = detailline.SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = item.to_ref()
    line.SalesItemLineDetail.Qty = quantity
    line.SalesItemLineDetail.UnitPrice = price
    return line


def an_invoice(qb: Any, amount: Any = 100, **more: Any) -> Any:
    invoice = Invoice()
    invoice.Line.append(sales_line(first(Item, qb), amount))
    invoice.CustomerRef = first(Customer, qb).to_ref()
    invoice.CustomerMemo = base.CustomerMemo()
    invoice.CustomerMemo.value = "Customer Memo"
    invoice.save(qb=qb, **more)
    return invoice


def expense_line(amount: Any, account: Any) -> Any:
    line = detailline.AccountBasedExpenseLine()
    line.Amount = amount
    line.AccountBasedExpenseLineDetail = detailline.AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = account
    return line


def account_ref(key: Any) -> Any:
    ref = base.Ref()
    ref.type, ref.value = "Account", key
    return ref


EVERY = [
    Account,
    Attachable,
    Bill,
    Class,
    CompanyCurrency,
    CreditCardPayment,
    CreditMemo,
    Customer,
    Department,
    Employee,
    Estimate,
    Invoice,
    Item,
    Payment,
    PaymentMethod,
    Purchase,
    SalesReceipt,
    Term,
    TimeActivity,
    Transfer,
    Vendor,
]


@pytest.mark.parametrize("cls", EVERY, ids=lambda cls: str(cls.__name__))
def test_what_is_listed_can_be_read_counted_and_saved_as_it_is(qb: Any, cls: Any) -> None:
    found = first(cls, qb)
    assert cls.count(qb=qb) >= 1
    assert cls.get(found.Id, qb=qb).Id == found.Id
    assert cls.filter(Id=found.Id, qb=qb)[0].Id == found.Id
    assert cls.choose([found.Id], qb=qb)[0].Id == found.Id
    saved = found.save(qb=qb)
    assert (saved.Id, int(saved.SyncToken)) == (found.Id, int(found.SyncToken) + 1)


def test_every_field_that_the_client_knows_is_known_here() -> None:
    """An unknown field is fault 2010, so none that a published client may send can be missing."""
    wrong_in_the_client = {
        "VendorCredit.FromAccountRef",  # copied from Transfer there; never sent, as it stays None
        "VendorCredit.ToAccountRef",
        "LinkedTxn.qbo_object_name",
    }
    missing = set()
    for module in pkgutil.iter_modules(quickbooks.objects.__path__):
        for name, cls in inspect.getmembers(importlib.import_module(f"quickbooks.objects.{module.name}")):
            entity = getattr(cls, "qbo_object_name", "")
            fields = ENTITY_FIELDS.get(entity) or SHAPE_FIELDS.get(name.removeprefix("Recurring"))
            if not inspect.isclass(cls) or fields is None or name == "DepositLine":
                continue
            missing |= {
                f"{entity or name}.{field}"
                for field in vars(cls())
                if not field.startswith("_") and field not in fields and field not in {"list_dict", "class_dict"}
            }
    assert missing - wrong_in_the_client == set()


def test_invoices_are_made_read_and_deleted(qb: Any) -> None:
    invoice = an_invoice(qb)
    found = Invoice.get(invoice.Id, qb=qb)
    assert found.CustomerRef.name == first(Customer, qb).DisplayName
    assert found.CustomerMemo.value == "Customer Memo"
    assert (found.Line[0].Description, found.Line[0].Amount, found.TotalAmt) == ("description", 100, 100)
    assert isinstance(found.Line[1], detailline.SubtotalLine)
    found.delete(qb=qb)
    assert Invoice.filter(Id=invoice.Id, qb=qb) == []
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(invoice.Id, qb=qb)


def test_a_request_id_is_replayed(qb: Any) -> None:
    request_id = str(uuid.uuid4())
    assert an_invoice(qb, request_id=request_id).Id == an_invoice(qb, request_id=request_id).Id


def test_an_invoice_is_paid_and_the_payment_voided(qb: Any) -> None:
    invoice = an_invoice(qb)
    payment = Payment()
    payment.TotalAmt = 100
    payment.CustomerRef = invoice.CustomerRef
    payment.PaymentRefNum = "ch_1"
    line = PaymentLine()
    line.Amount = 100
    line.LinkedTxn.append(invoice.to_linked_txn())
    payment.Line.append(line)
    payment.save(qb=qb)
    paid = Invoice.get(invoice.Id, qb=qb)
    assert (paid.Balance, paid.LinkedTxn[0].TxnId, paid.LinkedTxn[0].TxnType) == (0, payment.Id, "Payment")
    Payment.get(payment.Id, qb=qb).void(qb=qb)
    void = Payment.get(payment.Id, qb=qb)
    assert (void.TotalAmt, "Voided" in void.PrivateNote) == (0, True)
    assert Invoice.get(invoice.Id, qb=qb).Balance == 100


def test_invoices_and_receipts_are_voided(qb: Any) -> None:
    invoice = an_invoice(qb)
    invoice.void(qb=qb)
    found = Invoice.get(invoice.Id, qb=qb)
    assert (found.TotalAmt, found.Balance) == (0, 0)
    assert "Voided" in found.PrivateNote
    receipt = SalesReceipt()
    receipt.CustomerRef = first(Customer, qb).to_ref()
    receipt.Line.append(sales_line(first(Item, qb), 50, 1, 50))
    receipt.save(qb=qb)
    found = SalesReceipt.get(receipt.Id, qb=qb)
    assert (found.TotalAmt, found.Line[0].SalesItemLineDetail["Qty"]) == (50, 1)
    receipt.void(qb=qb)
    assert SalesReceipt.get(receipt.Id, qb=qb).TotalAmt == 0


def test_an_estimate_has_its_discount_in_the_third_line(qb: Any) -> None:
    estimate = Estimate()
    estimate.TotalAmt = 31.5
    estimate.PrintStatus = "NeedToPrint"
    estimate.CustomerRef = first(Customer, qb).to_ref()
    for name in ("BillAddr", "ShipAddr"):
        address = base.Address()
        address.Line1, address.City, address.CountrySubDivisionCode = "65 Ocean Dr.", "Half Moon Bay", "CA"
        address.PostalCode, address.Lat, address.Long = "94213", "37.4300318", "-122.4336537"
        setattr(estimate, name, address)
    estimate.BillEmail = base.EmailAddress()
    estimate.BillEmail.Address = "Cool_Cars@intuit.com"
    estimate.TxnTaxDetail = TxnTaxDetail()
    item = base.Ref()
    item.value, item.name = "10", "Pest Control"
    line = sales_line(first(Item, qb), 35.0, 1, 35)
    line.SalesItemLineDetail.ItemRef = item
    line.SalesItemLineDetail.TaxCodeRef = base.Ref()
    line.SalesItemLineDetail.TaxCodeRef.value = "NON"
    discount = detailline.DetailLine()
    discount.Amount = 3.5
    discount.DetailType = "DiscountLineDetail"
    discount.DiscountLineDetail = detailline.DiscountLineDetail()
    discount.DiscountLineDetail.PercentBased = True
    discount.DiscountLineDetail.DiscountPercent = 10
    discount.DiscountLineDetail.DiscountAccountRef = base.Ref()
    discount.DiscountLineDetail.DiscountAccountRef.value = "86"
    estimate.Line.extend([line, discount])
    estimate.save(qb=qb)
    found = Estimate.get(estimate.Id, qb=qb)
    assert found.TotalAmt == 31.5
    assert (found.BillAddr.Line1, found.BillEmail.Address) == ("65 Ocean Dr.", "Cool_Cars@intuit.com")
    assert found.TxnTaxDetail.TotalTax == 0
    assert found.Line[2].Amount == 3.5
    assert found.Line[2].DiscountLineDetail.DiscountAccountRef.name == "Discounts given"
    sent = found.send(qb=qb, send_to="a+b@example.com")
    assert sent["Estimate"]["BillEmail"]["Address"] == "a+b@example.com"
    assert found.download_pdf(qb=qb).startswith(b"%PDF")


def test_credit_memos_and_refunds(qb: Any) -> None:
    memo = CreditMemo()
    memo.CustomerRef = first(Customer, qb).to_ref()
    memo.Line.append(sales_line(first(Item, qb), 100))
    memo.save(qb=qb)
    found = CreditMemo.get(memo.Id, qb=qb)
    assert (found.Line[0].LineNum, found.Line[0].Description, found.RemainingCredit) == (1, "description", 100)
    refund = RefundReceipt()
    refund.DocNumber = "DocNum123"
    refund.Balance = refund.TotalAmt = 100
    refund.PaymentType = "Check"
    refund.CustomerMemo = base.CustomerMemo()
    refund.CustomerMemo.value = "Customer Memo"
    refund.CheckPayment = RefundReceiptCheckPayment()
    refund.CheckPayment.CheckNum = "1001"
    line = detailline.DetailLine()
    line.DetailType, line.Amount = "SalesItemLineDetail", 200
    line.SalesItemLineDetail = detailline.SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = first(Item, qb).to_ref()
    refund.Line.append(line)
    checking = Account.where("Name = 'checking'", max_results=1, qb=qb)[0]
    refund.DepositToAccountRef = checking.to_ref()
    refund.save(qb=qb)
    found = RefundReceipt.get(refund.Id, qb=qb)
    assert (found.DocNumber, found.Line[0].Amount, found.DepositToAccountRef.value) == ("DocNum123", 200, checking.Id)


def test_bills_and_their_payments(qb: Any) -> None:
    bill = Bill()
    bill.VendorRef = first(Vendor, qb).to_ref()
    bill.VendorAddr = base.Address()
    bill.VendorAddr.Line1 = "123 Main"
    bill.Line.append(expense_line(200, account_ref(1)))
    bill.save(qb=qb)
    found = Bill.get(bill.Id, qb=qb)
    assert (found.Line[0].Amount, found.VendorAddr.Line1, found.Balance) == (200, "123 Main", 200)
    payment = BillPayment()
    payment.PayType, payment.TotalAmt, payment.PrivateNote = "Check", 200, "Private Note"
    payment.VendorRef = bill.VendorRef
    payment.CheckPayment = CheckPayment()
    payment.CheckPayment.BankAccountRef = Account.where("AccountSubType = 'Checking'", qb=qb)[0].to_ref()
    payment.APAccountRef = Account.where("AccountSubType = 'AccountsPayable'", qb=qb)[0].to_ref()
    line = BillPaymentLine()
    line.LinkedTxn.append(bill.to_linked_txn())
    line.Amount = 200
    payment.Line.append(line)
    payment.save(qb=qb)
    assert Bill.get(bill.Id, qb=qb).Balance == 0
    payment.void(qb=qb)
    found = BillPayment.get(payment.Id, qb=qb)
    assert (found.TotalAmt, "Voided" in found.PrivateNote) == (0, True)


def item_line(qb: Any) -> Any:
    line = detailline.ItemBasedExpenseLine()
    line.Amount = 100
    line.ItemBasedExpenseLineDetail = detailline.ItemBasedExpenseLineDetail()
    detail = line.ItemBasedExpenseLineDetail
    detail.BillableStatus, detail.UnitPrice, detail.Qty = "NotBillable", 100, 1
    detail.CustomerRef = first(Customer, qb).to_ref()
    detail.TaxCodeRef = first(TaxCode, qb).to_ref()
    detail.ItemRef = Item.filter(Type="Inventory", max_results=1, qb=qb)[0].to_ref()
    return line


def test_purchase_orders_and_purchases(qb: Any) -> None:
    order = PurchaseOrder()
    order.Line.append(item_line(qb))
    order.VendorRef = first(Vendor, qb).to_ref()
    order.APAccountRef = first(Account, qb).to_ref()
    order.TotalAmt = 100
    order.save(qb=qb)
    found = PurchaseOrder.get(order.Id, qb=qb)
    assert (found.TotalAmt, found.APAccountRef.value) == (100, first(Account, qb).Id)
    assert found.Line[0].ItemBasedExpenseLineDetail.TaxCodeRef.value == first(TaxCode, qb).Name
    card = Account()
    card.FullyQualifiedName, card.Id = "Visa", "42"
    for _ in range(2):
        purchase = Purchase()
        purchase.DocNumber, purchase.PaymentType = "Doc123", "CreditCard"
        purchase.AccountRef = card.to_ref()
        purchase.Line.append(item_line(qb))
        purchase.save(qb=qb, params={"include": "allowduplicatedocnum"})
    assert Purchase.get(purchase.Id, qb=qb).TotalAmt == 100


def test_deposits_transfers_journals_and_card_payments(qb: Any) -> None:
    banks = Account.filter(AccountType="Bank", max_results=2, qb=qb)
    deposit = Deposit()
    line = DepositLine()
    line.Amount = 20.0
    line.DepositLineDetail = DepositLineDetail()
    line.DepositLineDetail.AccountRef = banks[0].to_ref()
    deposit.DepositToAccountRef = banks[1].to_ref()
    deposit.Line.append(line)
    deposit.save(qb=qb)
    assert Deposit.get(deposit.Id, qb=qb).TotalAmt == 20
    transfer = Transfer()
    transfer.Amount = 100
    transfer.FromAccountRef, transfer.ToAccountRef = banks[0].to_ref(), banks[1].to_ref()
    transfer.save(qb=qb)
    assert Transfer.get(transfer.Id, qb=qb).Amount == 100
    entry = JournalEntry()
    for kind, account in zip(("Debit", "Credit"), banks, strict=True):
        posting = JournalEntryLine()
        posting.Amount = 10
        posting.JournalEntryLineDetail = JournalEntryLineDetail()
        posting.JournalEntryLineDetail.PostingType = kind
        posting.JournalEntryLineDetail.AccountRef = account.to_ref()
        entry.Line.append(posting)
    entry.save(qb=qb)
    assert JournalEntry.get(entry.Id, qb=qb).TotalAmt == 10
    card = Account()
    card.Name, card.AccountType, card.AccountSubType = "New card", "Credit Card", "CreditCard"
    card.save(qb=qb)
    assets = Account.where("Classification = 'Asset' AND FullyQualifiedName != 'Accounts Receivable (A/R)'", qb=qb)
    payment = CreditCardPayment()
    payment.Amount = 100
    payment.BankAccountRef, payment.CreditCardAccountRef = assets[0].to_ref(), card.to_ref()
    payment.save(qb=qb)
    assert CreditCardPayment.get(payment.Id, qb=qb).Amount == 100


def test_items_accounts_customers_and_the_small_lists(qb: Any) -> None:
    item = Item()
    item.Name, item.Type, item.TrackQtyOnHand, item.QtyOnHand = "Test item", "Inventory", True, 10
    item.InvStartDate, item.Sku = "2015-01-01", "SKU123123"
    where = "AccountType = 'Income' and AccountSubType = 'SalesOfProductIncome'"
    item.IncomeAccountRef = Account.where(where, max_results=1, qb=qb)[0].to_ref()
    item.ExpenseAccountRef = Account.where("AccountSubType = 'SuppliesMaterialsCogs'", qb=qb)[0].to_ref()
    item.AssetAccountRef = Account.where("AccountSubType = 'Inventory'", qb=qb)[0].to_ref()
    item.save(qb=qb)
    assert Item.filter(Sku="SKU123123", qb=qb)[0].QtyOnHand == 10
    account = Account()
    account.AcctNum, account.Name, account.AccountSubType = "210012", "Till", "CashOnHand"
    account.save(qb=qb)
    found = Account.filter(Name="till", qb=qb)[0]
    found.Name = "Shop's till"
    found.save(qb=qb)
    again = Account.filter(Name="Shop's till", qb=qb)[0]
    assert (again.Id, again.AcctNum) == (account.Id, "210012")
    customer = Customer()
    customer.Title, customer.GivenName, customer.FamilyName, customer.DisplayName = "Mr", "James", "King", "J K"
    customer.BillAddr = base.Address()
    customer.BillAddr.Country, customer.BillAddr.PostalCode = "U.S.A", "94030"
    customer.PrimaryPhone = base.PhoneNumber()
    customer.PrimaryPhone.FreeFormNumber = "555-555-5555"
    customer.PrimaryEmailAddr = base.EmailAddress()
    customer.PrimaryEmailAddr.Address = "test@email.com"
    customer.save(qb=qb)
    assert Customer.get(customer.Id, qb=qb).PrimaryPhone.FreeFormNumber == "555-555-5555"
    for cls, name in ((Class, "New class"), (Department, "New place"), (PaymentMethod, "New method")):
        made = cls()
        made.Name = name
        made.save(qb=qb)
        assert cls.filter(Name=name, qb=qb)[0].Id == made.Id
    term = Term()
    term.Name, term.DueDays = "Net 7", 7
    term.save(qb=qb)
    activity = TimeActivity()
    activity.NameOf, activity.Description, activity.CostRate = "Employee", "Test description", 50.0
    activity.EmployeeRef = first(Employee, qb).to_ref()
    activity.StartTime, activity.EndTime = "2016-07-22T10:00:00-07:00", "2016-07-22T11:00:00-07:00"
    activity.save(qb=qb)
    assert TimeActivity.get(activity.Id, qb=qb).CostRate == 50


def test_taxes(qb: Any) -> None:
    assert len(TaxCode.all(max_results=1, qb=qb)) == 4
    assert len(TaxRate.all(max_results=1, qb=qb)) == 1
    agency = TaxAgency()
    agency.DisplayName = "Tax Agency"
    agency.save(qb=qb)
    service = TaxService()
    service.TaxCode = "TaxCode 1"
    rate = TaxRateDetails()
    rate.TaxRateName, rate.RateValue, rate.TaxAgencyId = "TaxCode 1", 10, 1
    service.TaxRateDetails.append(rate)
    made = service.save(qb=qb)
    assert (made.TaxCode, made.TaxRateDetails[0].TaxAgencyId, made.TaxRateDetails[0].RateValue) == (
        "TaxCode 1",
        "1",
        10,
    )


def test_company_preferences_and_currencies(qb: Any) -> None:
    preferences = Preferences.get(qb=qb)
    assert (preferences.Id, preferences.TimeTrackingPrefs.WorkWeekStartDate) == ("1", "Monday")
    preferences.EmailMessagesPrefs.EstimateMessage.Subject = "changed"
    preferences.save(qb=qb)
    assert Preferences.get(qb=qb).EmailMessagesPrefs.EstimateMessage.Subject == "changed"
    assert CompanyInfo.get(1, qb=qb).CompanyName == "Sandbox Company_US_1"
    assert CompanyCurrency.get(1, qb=qb).Name == "Canadian Dollar"
    rate = ExchangeRate.where("SourceCurrencyCode = 'EUR'", qb=qb)[0]
    assert rate.TargetCurrencyCode == "USD"
    rate.Rate += 1
    rate.save(qb=qb)
    assert ExchangeRate.where("SourceCurrencyCode = 'EUR'", qb=qb)[0].Rate == rate.Rate


def test_attachables(qb: Any, tmp_path: Path) -> None:
    vendor = first(Vendor, qb)
    reference = base.AttachableRef()
    reference.EntityRef = vendor.to_ref()
    note = Attachable()
    note.AttachableRef.append(reference)
    note.Note = "Test note"
    note.save(qb=qb)
    assert Attachable.get(note.Id, qb=qb).AttachableRef[0].EntityRef.value == vendor.Id
    (tmp_path / "a.txt").write_bytes(b"hello\n")
    by_path, by_bytes = Attachable(), Attachable()
    by_path._FilePath, by_bytes._FileBytes = str(tmp_path / "a.txt"), b"\x00\xff bytes"
    for attachable, size in ((by_path, 6), (by_bytes, 8)):
        attachable.AttachableRef.append(reference)
        attachable.FileName, attachable.ContentType = "a.txt", "text/plain"
        attachable.save(qb=qb)
        assert Attachable.get(attachable.Id, qb=qb).Size == size


def test_recurring_transactions(qb: Any) -> None:
    invoice = RecurringInvoice()
    invoice.Line.append(sales_line(first(Item, qb), 100))
    invoice.CustomerRef = first(Customer, qb).to_ref()
    info = RecurringInfo()
    info.Active, info.Name = True, "Monthly"
    info.ScheduleInfo = ScheduleInfo()
    info.ScheduleInfo.StartDate, info.ScheduleInfo.IntervalType = "2026-12-01", "Monthly"
    info.ScheduleInfo.DayOfMonth = info.ScheduleInfo.NumInterval = 1
    invoice.RecurringInfo = info
    recurring = RecurringTransaction()
    recurring.Invoice = invoice
    saved = recurring.save(qb=qb)
    found = RecurringTransaction.get(saved.Invoice.Id, qb=qb)
    assert found.Invoice.RecurringInfo.ScheduleInfo.DayOfMonth == 1
    found.Invoice.RecurringInfo.ScheduleInfo.DayOfMonth = 15
    found.Invoice.Line[0].Amount = 250
    found.save(qb=qb)
    again = RecurringTransaction.get(saved.Invoice.Id, qb=qb)
    assert (again.Invoice.RecurringInfo.ScheduleInfo.DayOfMonth, again.Invoice.Line[0].Amount) == (15, 250)
    assert hasattr(RecurringTransaction.where("Type = 'Invoice'", qb=qb)[0], "Invoice")
    again.delete(qb=qb)
    assert RecurringTransaction.all(qb=qb) == []


def test_batches(qb: Any) -> None:
    customers = []
    for number in range(35):
        customer = Customer()
        customer.DisplayName = f"Batch {number}"
        customers.append(customer)
    customers[7].DisplayName = "Cool Cars"
    made = batch_create(customers, qb=qb)
    assert (len(made.successes), len(made.faults)) == (34, 1)
    assert (made.faults[0].Error[0].code, made.faults[0].original_object.DisplayName) == ("6240", "Cool Cars")
    for customer in made.successes:
        customer.Notes = "changed"
    assert len(batch_update(made.successes, qb=qb).successes) == 34
    invoices = [an_invoice(qb) for _ in range(3)]
    assert len(batch_delete(invoices, qb=qb).successes) == 3


def test_change_data_capture(qb: Any) -> None:
    invoice = an_invoice(qb)
    found = change_data_capture([Invoice, Customer, Estimate], datetime.now(UTC) - timedelta(hours=1), qb=qb)
    assert invoice.Id in [each.Id for each in found.Invoice]
    assert len(found.Customer) == 18


def test_queries_with_quotes_paging_and_order(qb: Any) -> None:
    assert Customer.filter(DisplayName="Amy's Bird Sanctuary", qb=qb)[0].Id == "1"
    assert Customer.filter(Active=True, max_results=3, start_position=2, order_by="DisplayName", qb=qb)[0].Id == "2"
    assert [c.Id for c in Customer.all(order_by="Id", start_position=17, qb=qb)] == ["17", "18"]
    assert Customer.count("DisplayName LIKE 'B%'", qb=qb) == 1
    with pytest.raises(ValidationException) as caught:
        Customer.where("Colour = 'red'", qb=qb)
    assert caught.value.error_code == 4001


def test_decimals_survive(running: RunningQuickBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    qb = connect(running, monkeypatch, use_decimal=True)
    invoice = an_invoice(qb, Decimal("0.30"))
    assert Invoice.get(invoice.Id, qb=qb).TotalAmt == Decimal("0.3")


def test_errors_arrive_as_the_clients_own(running: RunningQuickBooks, qb: Any) -> None:
    customer = Customer()
    customer.DisplayName = "Cool Cars"
    with pytest.raises(QuickbooksException) as duplicate:
        customer.save(qb=qb)
    assert duplicate.value.error_code == 6240
    stale = first(Customer, qb)
    stale.SyncToken = "9"
    with pytest.raises(QuickbooksException) as caught:
        stale.save(qb=qb)
    assert caught.value.error_code == 5010
    with pytest.raises(UnsupportedException):
        qb.delete_object("Customer", '{"Id": "1", "SyncToken": "0"}')
    running.inject(Injected("429"))
    with pytest.raises(QuickbooksException, match="Error returned with status code '429'"):
        Customer.get(1, qb=qb)
    running.inject(Injected("html_502"))
    with pytest.raises(QuickbooksException, match="Error reading json response: <html>"):
        Customer.get(1, qb=qb)


def test_an_expired_token_is_refreshed_by_the_caller(running: RunningQuickBooks, qb: Any) -> None:
    before = qb.auth_client.refresh_token
    running.expire_access_tokens()
    with pytest.raises(AuthorizationException):
        Customer.get(1, qb=qb)
    qb.auth_client.refresh()
    qb._start_session()
    assert qb.auth_client.refresh_token != before
    assert Customer.get(1, qb=qb).Id == "1"


def test_the_authorise_flow_of_the_oauth_client(running: RunningQuickBooks) -> None:
    import requests
    from intuitlib.enums import Scopes

    auth = AuthClient(
        client_id=running.ready()["client_id"],
        client_secret=running.ready()["client_secret"],
        environment=running.ready()["discovery_url"],
        redirect_uri="http://localhost:8000/callback",
    )
    page = requests.get(auth.get_authorization_url([Scopes.ACCOUNTING]), allow_redirects=False, timeout=5)
    code = page.headers["Location"].split("code=")[1].split("&")[0]
    auth.get_bearer_token(code, realm_id=running.realm_id)
    assert auth.access_token
    assert auth.get_user_info().json()["givenName"] == "Craig"
    assert auth.revoke(token=auth.refresh_token) is True


def test_limits_reach_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    with start(Options(limits=Limits(enabled=True, per_minute=2))) as running:
        qb = connect(running, monkeypatch)
        first(Customer, qb)
        first(Customer, qb)
        with pytest.raises(QuickbooksException, match="ThrottleExceeded"):
            first(Customer, qb)


def test_the_webhook_check_of_the_client_is_what_it_is_said_to_be(qb: Any) -> None:
    """Not served here; the fact stands in the design, so it is held fast."""
    signature = base64.b64encode(hmac.new(b"verifier", b"{}", hashlib.sha256).digest())
    assert qb.validate_webhook_signature("{}", signature, "verifier") is True
    assert os.environ["OAUTHLIB_INSECURE_TRANSPORT"] == "1"

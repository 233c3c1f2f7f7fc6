"""Names, types, lengths and enumerations of every entity, and how a payload is read by them; it knows no company.

Sources: Intuit's published v3 schemas (names, types, enumerations) and the API reference (lengths). A field reads
`Name:type`, with the types: s text (s21: at most 21 characters), n decimal, i whole number, b boolean, d date, t time,
id (text or number), r reference (r=Account), e=A|B enumeration, o=Shape an object, l=Shape a list of objects,
j anything. A leading `!` marks what the server alone writes: accepted and ignored, because clients send back what
they have read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.quickbooks.errors import Fault, Json

_COMMON = "!domain:s !status:s sparse:b Id:id SyncToken:id !MetaData:j"
_TXN = (
    _COMMON + " DocNumber:s21 TxnDate:d DepartmentRef:r=Department CurrencyRef:r=Currency ExchangeRate:n "
    "PrivateNote:s4000 TxnStatus:s LinkedTxn:l=LinkedTxn TxnTaxDetail:o=TxnTaxDetail !TxnSource:s TaxFormType:s "
    "TaxFormNum:s TransactionLocationType:s RecurringInfo:j !AttachableRef:j CustomField:l=CustomField "
    "RecurDataRef:r=RecurringTransaction GlobalTaxCalculation:e=TaxExcluded|TaxInclusive|NotApplicable "
    "!TotalAmt:n !HomeTotalAmt:n ProjectRef:r Tag:j UnrestrictedCustomField:j"
)
_SALES = (
    _TXN + " Line:l=Line AutoDocNumber:b CustomerRef:r=Customer CustomerMemo:o=Memo BillAddr:o=Address "
    "ShipAddr:o=Address ShipFromAddr:o=Address FreeFormAddress:b ClassRef:r=Class ShipMethodRef:r=free ShipDate:d "
    "TrackingNum:s31 TemplateRef:r=free ApplyTaxAfterDiscount:b PrintStatus:e=NotSet|NeedToPrint|PrintComplete "
    "EmailStatus:e=NotSet|NeedToSend|EmailSent BillEmail:o=Email BillEmailCc:o=EmailList BillEmailBcc:o=EmailList "
    "!Balance:n !HomeBalance:n !DeliveryInfo:j TaxExemptionRef:r=free SalesRepRef:r=free PONumber:s25 FOB:s "
    "SalesTermRef:r=Term DueDate:d !DiscountAmt:n DiscountRate:n DeliveryAddr:o=Address GovtTxnRefIdentifier:s "
    "DepositToAccountRef:r=Account PaymentMethodRef:r=PaymentMethod CCPayment:j RemitToRef:r=free FinanceCharge:b"
)
_CARD = "PaymentType:e=Cash|Check|CreditCard|Expense|Other CheckPayment:o=CheckPayment CreditCardPayment:j"
_NAME = (
    _COMMON + " Active:b DisplayName:s500 Title:s16 GivenName:s100 MiddleName:s100 FamilyName:s100 Suffix:s16 "
    "CompanyName:s100 PrintOnCheckName:s110 !FullyQualifiedName:s PrimaryPhone:o=Phone AlternatePhone:o=Phone "
    "Mobile:o=Phone Fax:o=Phone PrimaryEmailAddr:o=Email WebAddr:o=Web OtherAddr:j OtherContactInfo:j "
    "BillAddr:o=Address ShipAddr:o=Address CurrencyRef:r=Currency !IntuitId:s !UserId:s Organization:b "
    "!V4IDPseudonym:s TaxIdentifier:s20 PrimaryTaxIdentifier:s20 SecondaryTaxIdentifier:s20 GSTIN:s "
    "GSTRegistrationType:s BusinessNumber:s HasTPAR:b Source:s HomePage:j Tag:j CustomField:l=CustomField"
)
_TREE = _COMMON + " Name:s100 Active:b !FullyQualifiedName:s"

SHAPES: dict[str, str] = {
    "Address": "Id:id Line1:s500 Line2:s500 Line3:s500 Line4:s500 Line5:s500 City:s255 Country:s255 CountryCode:s "
    "CountrySubDivisionCode:s255 PostalCode:s30 PostalCodeSuffix:s Lat:s Long:s Tag:s Note:s CountryCode:s County:s",
    "Phone": "Id:id DeviceType:s CountryCode:s AreaCode:s ExchangeCode:s Extension:s FreeFormNumber:s30 Default:b "
    "Tag:s",
    "Email": "Id:id Address:s100 Default:b Tag:s",
    "EmailList": "Id:id Address:s200 Default:b Tag:s",
    "Web": "Id:id URI:s1000 Default:b Tag:s",
    "Memo": "value:s1000 id:s",
    "LinkedTxn": "TxnId:id TxnType:s TxnLineId:id",
    "CustomField": "DefinitionId:id Name:s Type:e=StringType|BooleanType|NumberType|DateType StringValue:s "
    "BooleanValue:b DateValue:d NumberValue:n",
    "CheckPayment": "CheckNum:s Status:s NameOnAcct:s AcctNum:s BankName:s PrintStatus:s BankAccountRef:r=Account",
    "CreditCardCharge": "CCAccountRef:r=Account CCDetail:j",
    "TxnTaxDetail": "DefaultTaxCodeRef:r=free TxnTaxCodeRef:r=TaxCode TotalTax:n TaxReviewStatus:s "
    "TaxLine:l=TaxLine UseAutomatedSalesTax:b",
    "TaxLine": "Id:id LineNum:i Description:s Amount:n DetailType:e=TaxLineDetail TaxLineDetail:o=TaxLineDetail",
    "TaxLineDetail": "TaxRateRef:r=TaxRate PercentBased:b TaxPercent:n NetAmountTaxable:n TaxInclusiveAmount:n "
    "OverrideDeltaAmount:n ServiceDate:d",
    "Markup": "PercentBased:b Value:n Percent:n PriceLevelRef:r=free MarkUpIncomeAccountRef:r=Account",
    "Line": "Id:id LineNum:i Description:s4000 Amount:n Received:n LinkedTxn:l=LinkedTxn CustomField:l=CustomField "
    "DetailType:e=SalesItemLineDetail|GroupLineDetail|DescriptionOnly|DiscountLineDetail|SubTotalLineDetail|SubtotalLineDetail|"
    "ItemBasedExpenseLineDetail|AccountBasedExpenseLineDetail|DepositLineDetail|PaymentLineDetail|TaxLineDetail|"
    "JournalEntryLineDetail|PurchaseOrderItemLineDetail|ItemReceiptLineDetail|ItemAdjustmentLineDetail|TDSLineDetail|"
    "ReimburseLineDetail "
    "SalesItemLineDetail:o=SalesItemLineDetail GroupLineDetail:o=GroupLineDetail "
    "DescriptionLineDetail:o=DescriptionLineDetail DiscountLineDetail:o=DiscountLineDetail "
    "SubTotalLineDetail:o=SubTotalLineDetail SubtotalLineDetail:o=SubTotalLineDetail "
    "ItemBasedExpenseLineDetail:o=ItemBasedExpenseLineDetail "
    "AccountBasedExpenseLineDetail:o=AccountBasedExpenseLineDetail DepositLineDetail:o=DepositLineDetail "
    "PaymentLineDetail:j TaxLineDetail:o=TaxLineDetail JournalEntryLineDetail:o=JournalEntryLineDetail "
    "ItemAdjustmentLineDetail:o=ItemAdjustmentLineDetail TDSLineDetail:j ReimburseLineDetail:j LineEx:j "
    "ProjectRef:r=free",
    "SalesItemLineDetail": "ItemRef:r=Item ClassRef:r=Class UnitPrice:n RatePercent:n PriceLevelRef:r=free "
    "MarkupInfo:o=Markup Qty:n UOMRef:j ItemAccountRef:r=Account InventorySiteRef:r=free TaxCodeRef:r=TaxCode "
    "TaxClassificationRef:r=free ServiceDate:d TaxInclusiveAmt:n DiscountRate:n DiscountAmt:n DeferredRevenue:b",
    "DescriptionLineDetail": "ServiceDate:d TaxCodeRef:r=TaxCode",
    "DiscountLineDetail": "PercentBased:b DiscountPercent:n DiscountAccountRef:r=Account ServiceDate:d "
    "ClassRef:r=Class TaxCodeRef:r=TaxCode Discount:j DiscountRef:r=free",
    "SubTotalLineDetail": "ItemRef:r=free ServiceDate:d",
    "GroupLineDetail": "GroupItemRef:r=Item Quantity:n UOMRef:j ServiceDate:d Line:l=Line",
    "ItemBasedExpenseLineDetail": "ItemRef:r=Item ClassRef:r=Class UnitPrice:n RatePercent:n PriceLevelRef:r=free "
    "MarkupInfo:o=Markup Qty:n UOMRef:j ItemAccountRef:r=Account InventorySiteRef:r=free TaxCodeRef:r=TaxCode "
    "CustomerRef:r=Customer BillableStatus:e=Billable|NotBillable|HasBeenBilled TaxInclusiveAmt:n",
    "AccountBasedExpenseLineDetail": "CustomerRef:r=Customer ClassRef:r=Class AccountRef:r=Account "
    "BillableStatus:e=Billable|NotBillable|HasBeenBilled MarkupInfo:o=Markup TaxAmount:n TaxCodeRef:r=TaxCode "
    "TaxInclusiveAmt:n",
    "DepositLineDetail": "Entity:r=any ClassRef:r=Class AccountRef:r=Account PaymentMethodRef:r=PaymentMethod "
    "CheckNum:s TxnType:s TaxCodeRef:r=TaxCode TaxApplicableOn:s",
    "JournalEntryLineDetail": "PostingType:e=Debit|Credit Entity:o=EntityOf AccountRef:r=Account ClassRef:r=Class "
    "DepartmentRef:r=Department TaxCodeRef:r=TaxCode TaxApplicableOn:s TaxAmount:n TaxInclusiveAmt:n "
    "BillableStatus:e=Billable|NotBillable|HasBeenBilled JournalCodeRef:r=free",
    "EntityOf": "Type:s EntityRef:r=any",
    "ItemAdjustmentLineDetail": "ItemRef:r=Item ClassRef:r=Class QtyDiff:n NewQty:n SalesPrice:n",
    "CashBack": "AccountRef:r=Account Amount:n Memo:s",
    "PaymentLine": "Id:id LineNum:i Amount:n LinkedTxn:l=LinkedTxn LineEx:j Description:s DetailType:s",
    "AttachableRef": "LineInfo:s IncludeOnSend:b Inactive:b NoRefOnly:b EntityRef:r=any CustomField:l=CustomField",
    "TaxRateDetail": "TaxRateRef:r=TaxRate TaxTypeApplicable:s TaxOrder:i TaxOnTaxOrder:i",
    "TaxRateList": "TaxRateDetail:l=TaxRateDetail originalRate:n",
    "ServiceRate": "TaxRateName:s100 TaxRateId:id RateValue:n TaxAgencyId:id TaxApplicableOn:e=Sales|Purchase|Other",
}

ENTITIES: dict[str, str] = {
    "Invoice": _SALES + " Deposit:n AllowIPNPayment:b AllowOnlinePayment:b AllowOnlineCreditCardPayment:b "
    "AllowOnlineACHPayment:b !InvoiceLink:s !EInvoiceStatus:s !ECloudStatusTimeStamp:s ARAccountRef:r=Account "
    "CreditCardPayment:j",
    "SalesReceipt": _SALES + f" {_CARD} PaymentRefNum:s21",
    "Estimate": _SALES + " ExpirationDate:d AcceptedBy:s AcceptedDate:d",
    "CreditMemo": _SALES + " !RemainingCredit:n ARAccountRef:r=Account InvoiceRef:r=Invoice",
    "RefundReceipt": _SALES + f" {_CARD} PaymentRefNum:s100",
    "Payment": _TXN.replace("!TotalAmt:n", "TotalAmt:n") + " Line:l=PaymentLine CustomerRef:r=Customer "
    "ARAccountRef:r=Account DepositToAccountRef:r=Account PaymentMethodRef:r=PaymentMethod PaymentRefNum:s21 "
    "!UnappliedAmt:n ProcessPayment:b TaxExemptionRef:r=free PaymentType:s CheckPayment:j CreditCardPayment:j",
    "Bill": _TXN + " Line:l=Line VendorRef:r=Vendor APAccountRef:r=Account SalesTermRef:r=Term DueDate:d !Balance:n "
    "!HomeBalance:n VendorAddr:o=Address RemitToAddr:o=Address ShipAddr:o=Address PayerRef:j Memo:s4000 "
    "IncludeInAnnualTPAR:b",
    "PurchaseOrder": _TXN + " Line:l=Line VendorRef:r=Vendor APAccountRef:r=Account SalesTermRef:r=Term DueDate:d "
    "VendorAddr:o=Address ShipAddr:o=Address ShipTo:r=Customer ShipMethodRef:r=free ClassRef:r=Class Memo:s4000 "
    "POStatus:e=Open|Closed POEmail:o=Email EmailStatus:e=NotSet|NeedToSend|EmailSent TemplateRef:r=free "
    "TaxCodeRef:r=TaxCode ExpectedDate:d ReplyEmail:j PrintStatus:e=NotSet|NeedToPrint|PrintComplete !DeliveryInfo:j",
    "VendorCredit": _TXN + " Line:l=Line VendorRef:r=Vendor APAccountRef:r=Account VendorAddr:o=Address !Balance:n "
    "IncludeInAnnualTPAR:b",
    "Purchase": _TXN + " Line:l=Line AccountRef:r=Account PaymentType:e=Cash|Check|CreditCard EntityRef:r=any "
    "PaymentMethodRef:r=PaymentMethod RemitToAddr:o=Address Credit:b PrintStatus:e=NotSet|NeedToPrint|PrintComplete "
    "PaymentRefNum:s21 PurchaseEx:j CheckPayment:j CreditCardPayment:j IncludeInAnnualTPAR:b Memo:s4000",
    "Deposit": _TXN + " Line:l=Line DepositToAccountRef:r=Account CashBack:o=CashBack",
    "JournalEntry": _TXN + " Line:l=Line Adjustment:b HomeCurrencyAdjustment:b EnteredInHomeCurrency:b",
    "Transfer": _TXN + " FromAccountRef:r=Account ToAccountRef:r=Account Amount:n",
    "BillPayment": _TXN.replace("!TotalAmt:n", "TotalAmt:n") + " Line:l=PaymentLine VendorRef:r=Vendor "
    "APAccountRef:r=Account PayType:e=Check|CreditCard CheckPayment:o=CheckPayment "
    "CreditCardPayment:o=CreditCardCharge ProcessBillPayment:b",
    "CreditCardPayment": _TXN + " Amount:n BankAccountRef:r=Account CreditCardAccountRef:r=Account Memo:s CheckNum:s "
    "VendorRef:r=Vendor PrintStatus:s",
    "TimeActivity": _TXN + " NameOf:e=Employee|Vendor EmployeeRef:r=Employee VendorRef:r=Vendor CustomerRef:r=Customer "
    "ItemRef:r=Item ClassRef:r=Class PayrollItemRef:j BillableStatus:e=Billable|NotBillable|HasBeenBilled Taxable:b "
    "HourlyRate:n CostRate:n Hours:i Minutes:i Seconds:i BreakHours:i BreakMinutes:i StartTime:t EndTime:t "
    "Description:s4000",
    "InventoryAdjustment": _TXN + " Line:l=Line AdjustAccountRef:r=Account ReasonRef:r=free CustomerRef:r=Customer",
    "Customer": _NAME + " Taxable:b Balance:n !BalanceWithJobs:n OpenBalanceDate:d Notes:s2000 Job:b "
    "BillWithParent:b ParentRef:r=Customer !Level:i !RootCustomerRef:j SalesTermRef:r=Term ARAccountRef:r=Account "
    "PaymentMethodRef:r=PaymentMethod PreferredDeliveryMethod:e=Print|Email|None ResaleNum:s16 "
    "DefaultTaxCodeRef:r=TaxCode CustomerTypeRef:r=CustomerType TaxExemptionReasonId:id IsProject:b ClientEntityId:id "
    "SalesRepRef:r=free TaxGroupCodeRef:r=free TaxRateRef:r=TaxRate OverDueBalance:n TotalRevenue:n AltContactName:s "
    "ContactName:s JobInfo:j CreditLimit:n AcctNum:s !ClientCompanyId:s",
    "Vendor": _NAME.replace("PrintOnCheckName:s110", "PrintOnCheckName:s100") + " AcctNum:s100 TermRef:r=Term "
    "APAccountRef:r=Account Balance:n OpenBalanceDate:d BillRate:n CostRate:n Vendor1099:b T4AEligible:b T5018Eligible:b "
    "TaxReportingBasis:s VendorPaymentBankDetail:j Notes:s ContactName:s AltContactName:s Notes:s4000 CreditLimit:n "
    "T4AEligible:b VendorTypeRef:r=free",
    "Employee": _NAME + " EmployeeNumber:s SSN:s BirthDate:d Gender:s HiredDate:d ReleasedDate:d BillRate:n "
    "CostRate:n BillableTime:b PrimaryAddr:o=Address EmailAddress:j Department:s EmployeeType:s",
    "Item": _COMMON + " Name:s100 Sku:s100 Description:s4000 PurchaseDesc:s1000 Active:b SubItem:b ParentRef:r=Item "
    "!Level:i !FullyQualifiedName:s Taxable:b SalesTaxIncluded:b PurchaseTaxIncluded:b PercentBased:b UnitPrice:n "
    "RatePercent:n PurchaseCost:n Type:e=Inventory|NonInventory|Service|Category|Group|Bundle|FixedAsset|OtherCharge|"
    "Payment|Discount|Subtotal|Assembly TrackQtyOnHand:b QtyOnHand:n InvStartDate:d ReorderPoint:n "
    "AssetAccountRef:r=Account IncomeAccountRef:r=Account ExpenseAccountRef:r=Account COGSAccountRef:r=Account "
    "SalesTaxCodeRef:r=TaxCode PurchaseTaxCodeRef:r=TaxCode TaxClassificationRef:r=free ClassRef:r=Class "
    "PrefVendorRef:r=Vendor ItemCategoryType:s ServiceType:s AbatementRate:n ReverseChargeRate:n DeferredRevenue:b "
    "ItemGroupDetail:j PrintGroupedItems:b SpecialItem:b SpecialItemType:s ManPartNum:s UOMSetRef:j "
    "QtyOnPurchaseOrder:n QtyOnSalesOrder:n AvgCost:n Tag:j Source:s PaymentMethodRef:r=PaymentMethod",
    "Account": _COMMON + " Name:s100 AcctNum:s20 Active:b SubAccount:b ParentRef:r=Account Description:s4000 "
    "!FullyQualifiedName:s !Classification:s AccountType:s AccountSubType:s AccountAlias:s BankNum:s "
    "!CurrentBalance:n !CurrentBalanceWithSubAccounts:n OpeningBalance:n OpeningBalanceDate:d "
    "CurrencyRef:r=Currency TaxAccount:b TaxCodeRef:r=TaxCode TxnLocationType:s FIName:s OnlineBankingEnabled:b "
    "JournalCodeRef:r=free",
    "Class": _TREE + " SubClass:b ParentRef:r=Class",
    "Department": _TREE + " SubDepartment:b ParentRef:r=Department Address:o=Address",
    "Term": _COMMON + " Name:s31 Active:b Type:s DueDays:i DiscountDays:i DiscountPercent:n DayOfMonthDue:i "
    "DueNextMonthDays:i DiscountDayOfMonth:i",
    "PaymentMethod": _COMMON + " Name:s31 Active:b Type:e=CREDIT_CARD|NON_CREDIT_CARD",
    "CustomerType": _COMMON + " Name:s100 Active:b",
    "TaxAgency": _COMMON + " DisplayName:s100 TaxRegistrationNumber:s TaxTrackedOnSales:b TaxTrackedOnPurchases:b "
    "TaxAgencyConfig:s Active:b TaxCodeRef:j LastFileDate:d",
    "TaxCode": _COMMON + " Name:s100 Description:s100 Active:b Hidden:b Taxable:b TaxGroup:b TaxCodeConfigType:s "
    "SalesTaxRateList:o=TaxRateList PurchaseTaxRateList:o=TaxRateList AdjustmentTaxRateList:o=TaxRateList",
    "TaxRate": _COMMON + " Name:s100 Description:s Active:b RateValue:n AgencyRef:r=TaxAgency SpecialTaxType:s "
    "DisplayType:s EffectiveTaxRate:j TaxReturnLineRef:r=free OriginalTaxRate:s",
    "CompanyCurrency": _COMMON + " Code:s3 Name:s Active:b CustomField:l=CustomField",
    "ExchangeRate": _COMMON + " SourceCurrencyCode:s3 TargetCurrencyCode:s3 Rate:n AsOfDate:d CustomField:j",
    "CompanyInfo": _COMMON + " CompanyName:s1024 LegalName:s1024 CompanyAddr:o=Address LegalAddr:o=Address "
    "CustomerCommunicationAddr:o=Address CustomerCommunicationEmailAddr:o=Email PrimaryPhone:o=Phone Email:o=Email "
    "WebAddr:o=Web CompanyStartDate:j FiscalYearStartMonth:s Country:s SupportedLanguages:s NameValue:j "
    "DefaultTimeZone:s EmployerId:s IndustryType:s",
    "Preferences": _COMMON + " AccountingInfoPrefs:j ProductAndServicesPrefs:j SalesFormsPrefs:j "
    "EmailMessagesPrefs:j VendorAndPurchasesPrefs:j TimeTrackingPrefs:j TaxPrefs:j CurrencyPrefs:j ReportPrefs:j "
    "OtherPrefs:j",
    "Attachable": _COMMON + " AttachableRef:l=AttachableRef FileName:s1000 !FileAccessUri:s !TempDownloadUri:s "
    "!Size:n ContentType:s Category:s Lat:s Long:s PlaceName:s Note:s2000 Tag:s !ThumbnailFileAccessUri:s "
    "!ThumbnailTempDownloadUri:s",
    "RecurringTransaction": "Id:id Type:s !MetaData:j",
    "TaxService": "TaxCode:s100 TaxCodeId:id TaxRateDetails:l=ServiceRate Id:id",
}

TRANSACTIONS = frozenset(
    [
        "Invoice",
        "SalesReceipt",
        "Estimate",
        "CreditMemo",
        "RefundReceipt",
        "Payment",
        "Bill",
        "PurchaseOrder",
        "VendorCredit",
        "Purchase",
        "Deposit",
        "JournalEntry",
        "Transfer",
        "BillPayment",
        "CreditCardPayment",
        "TimeActivity",
        "InventoryAdjustment",
    ]
)
SALES_FORMS = frozenset(["Invoice", "SalesReceipt", "Estimate", "CreditMemo", "RefundReceipt"])
# What an answer calls an entity where that is not its name.
ENVELOPES = {"CreditCardPayment": "CreditCardPaymentTxn"}
# The path of an entity is its name in lower case, in whatever case it is asked for.
BY_PATH = {name.lower(): name for name in ENTITIES if name != "TaxService"}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    limit: int | None = None
    target: str = ""
    values: frozenset[str] = frozenset()
    read_only: bool = False


def _field(text: str) -> Field:
    name, _, kind = text.partition(":")
    read_only = name.startswith("!")
    name = name.lstrip("!")
    kind, _, argument = kind.partition("=")
    limit = int(kind[1:]) if kind[0] == "s" and kind[1:] else None
    values = frozenset(argument.split("|")) if kind == "e" else frozenset()
    return Field(name, kind[:2] if kind == "id" else kind[0], limit, argument, values, read_only)


def _fields(text: str) -> dict[str, Field]:
    return {field.name: field for field in map(_field, text.split())}


ENTITY_FIELDS = {name: _fields(text) for name, text in ENTITIES.items()}
SHAPE_FIELDS = {name: _fields(text) for name, text in SHAPES.items()}
_REFERENCE_KEYS = frozenset({"value", "name", "type", "Type", "_Type"})
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MAX_NUMBER = Decimal("99999999999999.99999")
# All five lines of an address together.
_MAX_STREET = 2000


def envelope(entity: str) -> str:
    """The key under which an answer holds a document."""
    return ENVELOPES.get(entity, entity)


def read(entity: str, payload: Mapping[str, Any]) -> Json:
    """A payload in our own form: only known and writable fields, absent where "" or null, numbers as Decimal.

    Raises Fault 2010 for unknown properties, 2050 for lengths, 2170 for enumerations, and so on.
    """
    return _read_fields(ENTITY_FIELDS[entity], payload, entity)


def _read_fields(fields: Mapping[str, Field], payload: Mapping[str, Any], owner: str) -> Json:
    out: Json = {}
    for key, value in payload.items():
        field = fields.get(key)
        if field is None:
            raise unknown_property(key, owner)
        if value is None or value == "" or field.read_only:
            continue
        converted = _READERS[field.kind](field, value)
        if converted is not None:
            out[field.name] = converted
    return out


def unknown_property(key: str, owner: str) -> Fault:
    return Fault(
        2010,
        f'Property Name:Unrecognized field "{key}" (class com.intuit.schema.finance.v3.{owner}), not marked as ignorable',
        element=key,
    )


def _text(field: Field, value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif isinstance(value, (bool, dict, list)):
        raise Fault(2120, f"Invalid type: {field.name} must be text. Supplied value:{value}", element=field.name)
    else:
        text = str(value)
    if field.limit is not None and len(text) > field.limit:
        raise too_long(field.name, field.limit, len(text))
    return text


def too_long(name: str, limit: int, length: int) -> Fault:
    return Fault(
        2050,
        "String length specified does not match the supported length. "
        f"Min:0 Max:{limit} supported. Supplied length:{length}",
        element=name,
    )


def _identifier(field: Field, value: Any) -> str | None:
    if isinstance(value, (bool, dict, list)):
        raise Fault(2030, f"Invalid ID : Id should be a valid number. Supplied value:{value}", element=field.name)
    return str(value)


def _number(field: Field, value: Any) -> Decimal:
    if isinstance(value, (bool, dict, list)):
        raise Fault(2090, f"Invalid Number : {value}", element=field.name)
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        raise Fault(2090, f"Invalid Number : {value}", element=field.name) from None
    if not number.is_finite() or abs(number) > _MAX_NUMBER:
        raise Fault(2180, f"Value out of range : {field.name}. Supplied value:{value}", element=field.name)
    return number


def _whole(field: Field, value: Any) -> int:
    number = _number(field, value)
    if number != number.to_integral_value():
        raise Fault(2090, f"Invalid Number : {value}", element=field.name)
    return int(number)


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise Fault(2230, f"Invalid boolean value : {value}", element=field.name)


def _date(field: Field, value: Any) -> str:
    match = _DATE.match(value) if isinstance(value, str) else None
    if match is not None:
        try:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        except ValueError:
            pass
    raise Fault(2070, f"Invalid date value : {field.name}. Supplied value:{value}", element=field.name)


def _time(field: Field, value: Any) -> str:
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        raise Fault(2070, f"Invalid date value : {field.name}. Supplied value:{value}", element=field.name) from None
    return str(value)


def _reference(field: Field, value: Any) -> Json | None:
    if not isinstance(value, dict):
        value = {"value": value}
    for key in value:
        if key not in _REFERENCE_KEYS:
            raise unknown_property(key, "ReferenceType")
    target = value.get("value")
    if target is None or target == "" or isinstance(target, (dict, list, bool)):
        return None
    out: Json = {"value": str(target)}
    if field.target in {"any", "free", ""}:
        for key in ("name", "type"):
            if value.get(key):
                out[key] = str(value[key])
    return out


def _enumeration(field: Field, value: Any) -> str:
    text = str(value)
    if text not in field.values:
        raise Fault(2170, f"Invalid Enumeration : {field.name}. Supplied value:{text}", element=field.name)
    return text


def _object(field: Field, value: Any) -> Json | None:
    if not isinstance(value, dict):
        raise Fault(2120, f"Invalid type: {field.name} must be an object", element=field.name)
    out = _read_fields(SHAPE_FIELDS[field.target], value, field.target)
    if field.target == "Address":
        length = sum(len(out.get(f"Line{number}", "")) for number in range(1, 6))
        if length > _MAX_STREET:
            raise too_long(field.name, _MAX_STREET, length)
    return out or (out if field.target.endswith("LineDetail") else None)


def _list(field: Field, value: Any) -> list[Json]:
    values = value if isinstance(value, list) else [value]
    fields = SHAPE_FIELDS[field.target]
    for entry in values:
        if not isinstance(entry, dict):
            raise Fault(2120, f"Invalid type: {field.name} must be a list of objects", element=field.name)
    return [_read_fields(fields, entry, field.target) for entry in values]


def _anything(field: Field, value: Any) -> Any:
    return value


_READERS: dict[str, Any] = {
    "s": _text,
    "id": _identifier,
    "n": _number,
    "i": _whole,
    "b": _boolean,
    "d": _date,
    "t": _time,
    "r": _reference,
    "e": _enumeration,
    "o": _object,
    "l": _list,
    "j": _anything,
}

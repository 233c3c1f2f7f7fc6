"""The company that a new developer account gets: its lists with the ids that clients know, and some documents.

Source: what integration tests of published clients expect of Intuit's sandbox company (accounts 33, 35, 42, 86,
items 1 and 10, customer 1, tax codes 2 and 3, …).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sandbox.quickbooks import misc, service
from sandbox.quickbooks.company import CURRENCIES, Company
from sandbox.quickbooks.errors import Json
from sandbox.quickbooks.tax import tax_agency, tax_code, tax_rate

# id, name, type, subtype, parent
_ACCOUNTS = """
1|Services|Income|ServiceFeeIncome|
2|Retained Earnings|Equity|RetainedEarnings|
4|Undeposited Funds|Other Current Asset|UndepositedFunds|
5|Fees Billed|Income|ServiceFeeIncome|
7|Advertising|Expense|AdvertisingPromotional|
8|Bank Charges|Expense|BankCharges|
10|Dues & Subscriptions|Expense|DuesSubscriptions|
11|Insurance|Expense|Insurance|
12|Legal & Professional Fees|Expense|LegalProfessionalFees|
13|Meals and Entertainment|Expense|EntertainmentMeals|
14|Miscellaneous|Other Expense|OtherMiscellaneousExpense|
15|Office Expenses|Expense|OfficeGeneralAdministrativeExpenses|
16|Promotional|Expense|AdvertisingPromotional|
17|Rent or Lease|Expense|RentOrLeaseOfBuildings|
18|Stationery & Printing|Expense|OfficeGeneralAdministrativeExpenses|
19|Travel|Expense|Travel|
20|Supplies|Expense|SuppliesMaterials|
21|Commissions & fees|Expense|CommissionsAndFees|
22|Merchant Fees|Expense|BankCharges|
23|Payment Processing Fees|Cost of Goods Sold|OtherCostsOfServiceCos|
24|Utilities|Expense|Utilities|
25|Interest Earned|Other Income|InterestEarned|
26|Other Portfolio Income|Other Income|OtherMiscellaneousIncome|
27|Penalties & Settlements|Other Expense|PenaltiesSettlements|
28|Disposal Fees|Expense|LegalProfessionalFees|
29|Equipment Rental|Expense|EquipmentRental|
30|Uncategorized Income|Income|ServiceFeeIncome|
31|Uncategorized Expense|Expense|OtherMiscellaneousServiceCost|
32|Uncategorized Asset|Other Current Asset|OtherCurrentAssets|
33|Accounts Payable (A/P)|Accounts Payable|AccountsPayable|
34|Opening Balance Equity|Equity|OpeningBalanceEquity|
35|Checking|Bank|Checking|
36|Savings|Bank|Savings|
37|Truck|Fixed Asset|Vehicles|
40|Depreciation|Other Expense|Depreciation|
41|Mastercard|Credit Card|CreditCard|
42|Visa|Credit Card|CreditCard|
43|Loan Payable|Other Current Liability|OtherCurrentLiabilities|
44|Notes Payable|Long Term Liability|OtherLongTermLiabilities|
45|Landscaping Services|Income|OtherPrimaryIncome|
46|Job Materials|Income|OtherPrimaryIncome|45
47|Decks and Patios|Income|OtherPrimaryIncome|46
48|Fountains and Garden Lighting|Income|OtherPrimaryIncome|46
49|Plants and Soil|Income|OtherPrimaryIncome|46
50|Sprinklers and Drip Systems|Income|OtherPrimaryIncome|46
51|Labor|Income|OtherPrimaryIncome|45
52|Installation|Income|OtherPrimaryIncome|51
53|Maintenance and Repair|Income|OtherPrimaryIncome|51
54|Pest Control Services|Income|OtherPrimaryIncome|
55|Automobile|Expense|Auto|
56|Fuel|Expense|Auto|55
58|Job Expenses|Expense|SuppliesMaterials|
59|Cost of Labor|Expense|CostOfLabor|58
63|Job Materials|Expense|SuppliesMaterials|58
69|Accounting|Expense|LegalProfessionalFees|12
75|Equipment Repairs|Expense|RepairMaintenance|
76|Gas and Electric|Expense|Utilities|24
77|Telephone|Expense|Utilities|24
79|Sales of Product Income|Income|SalesOfProductIncome|
80|Cost of Goods Sold|Cost of Goods Sold|SuppliesMaterialsCogs|
81|Inventory Asset|Other Current Asset|Inventory|
82|Design income|Income|OtherPrimaryIncome|
83|Other Income|Income|OtherPrimaryIncome|
84|Accounts Receivable (A/R)|Accounts Receivable|AccountsReceivable|
85|Billable Expense Income|Income|ServiceFeeIncome|
86|Discounts given|Income|DiscountsRefundsGiven|
87|Shipping Income|Income|SalesOfProductIncome|
88|Refunds-Allowances|Income|DiscountsRefundsGiven|
89|Board of Equalization Payable|Other Current Liability|GlobalTaxPayable|
90|Arizona Dept. of Revenue Payable|Other Current Liability|GlobalTaxPayable|
91|Unapplied Cash Payment Income|Income|UnappliedCashPaymentIncome|
92|Inventory Shrinkage|Cost of Goods Sold|SuppliesMaterialsCogs|
"""
_CUSTOMERS = """
Amy's Bird Sanctuary|Amy|Lauterbach|Birds@Intuit.com|4581 Finch St.|Bayshore|CA|94326
Bill's Windsurf Shop|Bill|Lucchini|Surf@Intuit.com|12 Ocean Dr.|Half Moon Bay|CA|94213
Cool Cars|Grace|Pariente|Cool_Cars@intuit.com|65 Ocean Dr.|Half Moon Bay|CA|94213
Diego Rodriguez|Diego|Rodriguez|Diego@Rodriguez.com|321 Channing|Palo Alto|CA|94303
Dukes Basketball Camp|Peter|Dukes|Dukes_bball@intuit.com|25 Court St.|Tucson|AZ|85719
Dylan Sollfrank|Dylan|Sollfrank||||CA|
Freeman Sporting Goods|Kirby|Freeman|Sporting_goods@intuit.com|370 Easy St.|Middlefield|CA|94482
Geeta Kalapatapu|Geeta|Kalapatapu|Geeta@Kalapatapu.com|1987 Main St.|Middlefield|CA|94303
Gevelber Photography|Lisa|Gevelber|Photography@intuit.com|1103 Main St.|Middlefield|CA|94482
Jeff's Jalopies|Jeff|Chin|Jalopies@intuit.com|12 Willow Rd.|Menlo Park|CA|94305
John Melton|John|Melton|John@Melton.com|85 Pine St.|Menlo Park|CA|94304
Kookies by Kathy|Kathy|Kuplis|qbwebsamplecompany@yahoo.com|789 Sugar Lane|Middlefield|CA|94303
Mark Cho|Mark|Cho|Mark@Cho.com|36 Willow Rd|Menlo Park|CA|94304
Paulsen Medical Supplies|Kathy|Paulsen|Medical@intuit.com|900 Main St.|Middlefield|CA|94303
Rago Travel Agency|Sheldon|Rago|Rago_Travel@intuit.com|753 Spring St.|Bayshore|CA|94326
Sonnenschein Family Store|Russ|Sonnenschein|Familiystore@intuit.com|5647 Cypress Hill Ave.|Middlefield|CA|94303
Travis Waldron|Travis|Waldron|Travis@Waldron.com|78 First St.|Monlo Park|CA|94304
Weiskopf Consulting|Nicola|Weiskopf|Consulting@intuit.com|45612 Main St.|Bayshore|CA|94326
"""
_VENDORS = (
    "Bob's Burger Joint|Books by Bessie|Brosnahan Insurance Agency|Cal Telephone|Chin's Gas and Oil|Cigna Health Care|"
    "Computers by Jenni|Diego's Road Warrior Bodyshop|EDD|Ellis Equipment Rental|Fidelity|Hall Properties|"
    "Hicks Hardware|Lee Advertising|Norton Lumber and Building Materials|PG&E|Robertson & Associates|"
    "Squeaky Kleen Car Wash|Tania's Nursery|Tim Philip Masonry"
)
# id, name, type, price, cost, income, expense, taxable, sku, description
_ITEMS = """
1|Services|Service|||1||N||
2|Hours|Service|||1||N||
3|Concrete|Service|||48||N||Concrete for fountain installation
4|Design|Service|75||82||N||Custom Design
6|Gardening|Service|||45||N||Weekly Gardening Service
7|Installation|Service|50||52||N||Installation of landscape design
8|Lighting|Service|15||48||Y||Garden Lighting
9|Maintenance & Repair|Service|||53||N||Maintenance & Repair
10|Pest Control|Service|35||54||N||Pest Control Services
12|Refunds & Allowances|Service|||88||N||Income due to refunds or allowances
13|Rocks|Service|||48||Y||Garden Rocks
14|Sod|NonInventory|10|8|49|63|Y||Sod
15|Soil|NonInventory|10|6.5|49|63|Y||2 cubic ft. bag
18|Trimming|Service|35||45||N||Tree and Shrub Trimming
19|Shipping|Service|||87||N|SHIPPING|Shipping and delivery
"""
_STOCK = """
5|Rock Fountain|275|125|2|FOUNTAIN-1|Rock Fountain
11|Pump|20|10|25|PUMP-1|Fountain Pump
16|Sprinkler Heads|2|0.75|25|SPRINK-H|Sprinkler Heads
17|Sprinkler Pipes|4|2.5|31|SPRINK-P|Sprinkler Pipes
"""


def fill(company: Company) -> None:
    """Writes the whole company; the caller commits."""
    lists(company)
    if not company.options.empty:
        names(company)
        documents(company)


def lists(company: Company) -> None:
    """What every company has before its first customer."""
    options, books = company.options, company.books
    books.insert("Preferences", misc.preferences(options), key="1")
    books.insert("CompanyInfo", _company_info(company), key="1")
    for line in _ACCOUNTS.strip().splitlines():
        key, name, kind, sub, parent = line.split("|")
        payload: Json = {"Name": name, "AccountType": kind, "AccountSubType": sub}
        if parent:
            payload["ParentRef"] = {"value": parent}
        service.create(company, "Account", payload, seed=key)
    _taxes(company)
    for name, days in (("Due on receipt", 0), ("Net 10", 10), ("Net 30", 30), ("Net 60", 60), ("Net 15", 15)):
        service.create(company, "Term", {"Name": name, "DueDays": days})
    for name in ("Cash", "Check", "Visa", "MasterCard", "Discover", "American Express", "Diners Club"):
        kind = "NON_CREDIT_CARD" if name in {"Cash", "Check"} else "CREDIT_CARD"
        service.create(company, "PaymentMethod", {"Name": name, "Type": kind})
    if options.country == "US":
        books.insert("CompanyCurrency", {"Code": "CAD", "Name": "Canadian Dollar", "Active": True}, key="1")
    for code, rate in (("EUR", "1.1"), ("GBP", "1.25"), ("CAD", "0.74"), ("USD", "1")):
        if code != options.currency:
            misc.put_exchange_rate(
                company, {"SourceCurrencyCode": code, "Rate": Decimal(rate), "AsOfDate": "2014-01-01"}
            )
    if options.multicurrency:
        for code in ("EUR", "GBP", "AUD"):
            if code != options.currency:
                books.insert("CompanyCurrency", {"Code": code, "Name": CURRENCIES[code], "Active": True})
                service.create(
                    company,
                    "Account",
                    {
                        "Name": f"Accounts Receivable (A/R) - {code}",
                        "AccountSubType": "AccountsReceivable",
                        "CurrencyRef": {"value": code},
                    },
                )


def _company_info(company: Company) -> Json:
    options = company.options
    short, long = {"US": ("US", "USA"), "CA": ("CA", "CAN"), "GB": ("GB", "GBR"), "AU": ("AU", "AUS")}[options.country]
    address = {
        "US": {
            "Line1": "123 Sierra Way",
            "City": "San Pablo",
            "CountrySubDivisionCode": "CA",
            "PostalCode": "87999",
            "Country": "US",
        },
        "CA": {"Line1": "1 Yonge St", "City": "Toronto", "CountrySubDivisionCode": "ON", "PostalCode": "M5E 1W7"},
        "GB": {"Line1": "1 Strand", "City": "London", "PostalCode": "WC2N 5HR"},
        "AU": {"Line1": "1 George St", "City": "Sydney", "CountrySubDivisionCode": "NSW", "PostalCode": "2000"},
    }[options.country]
    offering = "QuickBooks Online Plus" if options.plan == "plus" else "QuickBooks Online Essentials"
    return {
        "CompanyName": options.company_name,
        "LegalName": options.company_name,
        "CompanyAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationAddr": address,
        "PrimaryPhone": {"FreeFormNumber": "4155551000"},
        "Email": {"Address": "noreply@quickbooks.com"},
        "CompanyStartDate": "2014-01-01",
        "FiscalYearStartMonth": "January",
        "Country": long if company.switches.country_code == "alpha3" else short,
        "SupportedLanguages": "en",
        "NameValue": [
            {"Name": "NeoEnabled", "Value": "true"},
            {"Name": "IndustryType", "Value": "Landscaping Services"},
            {"Name": "OfferingSku", "Value": offering},
            {"Name": "SubscriptionStatus", "Value": "CANCELLED" if options.subscription_ended else "SUBSCRIBED"},
        ],
    }


def _taxes(company: Company) -> None:
    books, options = company.books, company.options
    if options.country == "US":
        for key, name in (("TAX", "Taxable"), ("NON", "Non-taxable"), ("CustomSalesTax", "Custom sales tax")):
            pseudo = {
                "Name": key,
                "Description": name,
                "Active": True,
                "Hidden": False,
                "Taxable": key != "NON",
                "TaxGroup": False,
            }
            books.insert("TaxCode", pseudo, key=key)
        books.insert("TaxAgency", tax_agency("Arizona Dept. of Revenue"), key="1")
        books.insert("TaxAgency", tax_agency("Board of Equalization"), key="2")
        if options.sales_tax == "automated":
            return
        books.insert("TaxRate", tax_rate("AZ State tax", Decimal("7.1"), "1", "Sales Tax"), key="1")
        books.insert("TaxRate", tax_rate("Tucson City", Decimal("2"), "1", "Sales Tax"), key="2")
        books.insert("TaxRate", tax_rate("California", Decimal("8"), "2", "Sales Tax"), key="3")
        books.insert("TaxCode", tax_code("California", ["3"]), key="2")
        books.insert("TaxCode", tax_code("Tucson", ["1", "2"]), key="3")
        return
    agency = {"GB": "HMRC", "CA": "Canada Revenue Agency", "AU": "Australian Taxation Office"}[options.country]
    books.insert("TaxAgency", tax_agency(agency), key="1")
    rates = {
        "GB": (("20.0% S", "20"), ("5.0% R", "5"), ("0.0% Z", "0"), ("Exempt", "0"), ("No VAT", "0")),
        "CA": (("HST ON", "13"), ("GST", "5"), ("GST/PST BC", "12"), ("Zero-rated", "0"), ("Exempt", "0")),
        "AU": (("GST", "10"), ("GST free", "0"), ("Out of Scope", "0")),
    }[options.country]
    for number, (name, rate) in enumerate(rates, 1):
        sales = books.insert("TaxRate", tax_rate(f"{name} (Sales)", Decimal(rate), "1"))
        bought = books.insert("TaxRate", tax_rate(f"{name} (Purchases)", Decimal(rate), "1"))
        books.insert("TaxCode", tax_code(name, [sales["Id"]], purchase_rates=[bought["Id"]]), key=str(number + 1))


def names(company: Company) -> None:
    """Customers, vendors, employees, items, classes and departments."""
    for number, line in enumerate(_CUSTOMERS.strip().splitlines(), 1):
        display, given, family, mail, street, city, state, postal = line.split("|")
        customer: Json = {"DisplayName": display, "GivenName": given, "FamilyName": family}
        if mail:
            customer["PrimaryEmailAddr"] = {"Address": mail}
        if street:
            address = {"Line1": street, "City": city, "CountrySubDivisionCode": state, "PostalCode": postal}
            customer |= {"BillAddr": address, "ShipAddr": address}
        if " " in display and not display.startswith(given):
            customer["CompanyName"] = display
        service.create(company, "Customer", customer, seed=str(number))
    for number, name in enumerate(_VENDORS.split("|"), 30):
        service.create(company, "Vendor", {"DisplayName": name, "CompanyName": name}, seed=str(number))
    for number, (given, family) in enumerate((("Emily", "Platt"), ("John", "Johnson")), 54):
        service.create(company, "Employee", {"GivenName": given, "FamilyName": family}, seed=str(number))
    if company.options.class_tracking != "off":
        for name in ("Web", "Wholesale", "Landscaping"):
            service.create(company, "Class", {"Name": name})
    if company.options.location_tracking:
        for name in ("Main Street", "Warehouse", "Online"):
            service.create(company, "Department", {"Name": name})
    for line in _ITEMS.strip().splitlines():
        _item(company, line)
    for line in _STOCK.strip().splitlines():
        key, name, price, cost, quantity, sku, description = line.split("|")
        stocked = company.options.inventory and company.options.plan == "plus"
        item: Json = {
            "Name": name,
            "Sku": sku,
            "Description": description,
            "PurchaseDesc": description,
            "UnitPrice": price,
            "PurchaseCost": cost,
            "Taxable": True,
            "Type": "Inventory" if stocked else "NonInventory",
            "IncomeAccountRef": {"value": "79"},
            "ExpenseAccountRef": {"value": "80"},
        }
        if stocked:
            item |= {
                "TrackQtyOnHand": True,
                "QtyOnHand": quantity,
                "InvStartDate": "2014-01-01",
                "AssetAccountRef": {"value": "81"},
            }
        service.create(company, "Item", item, seed=key)


def _item(company: Company, line: str) -> None:
    key, name, kind, price, cost, income, expense, taxable, sku, description = line.split("|")
    item: Json = {
        "Name": name,
        "Type": kind,
        "UnitPrice": price,
        "PurchaseCost": cost,
        "Taxable": taxable == "Y",
        "Sku": sku,
        "Description": description,
        "IncomeAccountRef": {"value": income},
    }
    if expense:
        item["ExpenseAccountRef"] = {"value": expense}
    service.create(company, "Item", item, seed=key)


def documents(company: Company) -> None:
    """A few months of business before today."""
    today = date.fromisoformat(company.clock.today())
    tax = "TAX" if company.options.country == "US" else "2"
    none = "NON" if company.options.country == "US" else "4"

    def ago(days: int) -> str:
        return (today - timedelta(days=days)).isoformat()

    def line(item: str, quantity: str, price: str, *, taxed: bool = False) -> Json:
        return {
            "DetailType": "SalesItemLineDetail",
            "Amount": Decimal(quantity) * Decimal(price),
            "SalesItemLineDetail": {
                "ItemRef": {"value": item},
                "Qty": quantity,
                "UnitPrice": price,
                "TaxCodeRef": {"value": tax if taxed else none},
            },
        }

    def form(customer: str, days: int, lines: list[Json], **more: object) -> Json:
        body: Json = {"CustomerRef": {"value": customer}, "TxnDate": ago(days), "Line": lines, **more}
        if company.options.country == "US" and company.options.sales_tax == "legacy":
            body["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": "2"}}
        return body

    closed = company.preference("AccountingInfoPrefs", "BookCloseDate")
    if closed and closed >= ago(90):
        return  # nothing can be written into a closed period
    sold = [
        ("1", 80, [line("6", "4", "60"), line("10", "1", "35")]),
        ("1", 60, [line("4", "3", "75")]),
        ("2", 50, [line("18", "1", "85")]),
        ("3", 45, [line("5", "1", "275", taxed=True), line("11", "2", "20", taxed=True)]),
        ("5", 40, [line("7", "5", "50")]),
        ("7", 30, [line("14", "20", "10", taxed=True)]),
        ("10", 20, [line("16", "10", "2", taxed=True), line("17", "5", "4", taxed=True)]),
        ("14", 10, [line("4", "8", "75"), line("3", "1", "120")]),
    ]
    invoices = [
        service.create(company, "Invoice", form(customer, days, lines, DocNumber=str(1001 + number)))
        for number, (customer, days, lines) in enumerate(sold)
    ]
    for invoice in invoices[:5]:
        service.create(
            company,
            "Payment",
            {
                "CustomerRef": invoice["CustomerRef"],
                "TotalAmt": invoice["TotalAmt"],
                "TxnDate": ago(5),
                "PaymentMethodRef": {"value": "2"},
                "Line": [
                    {
                        "Amount": invoice["TotalAmt"],
                        "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}],
                    }
                ],
            },
        )
    service.create(company, "SalesReceipt", form("11", 15, [line("4", "3", "75")], PaymentMethodRef={"value": "1"}))
    if company.options.allow_estimates:
        service.create(company, "Estimate", form("8", 12, [line("5", "1", "275", taxed=True)]))
        service.create(company, "Estimate", form("13", 8, [line("10", "2", "35")]))
    service.create(company, "CreditMemo", form("1", 6, [line("12", "1", "20")], PrivateNote="Allowance"))
    _bought(company, ago(25), none)


def _bought(company: Company, day: str, none: str) -> None:
    expense: Json = {
        "DetailType": "AccountBasedExpenseLineDetail",
        "Amount": 103.55,
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "15"}, "TaxCodeRef": {"value": none}},
    }
    service.create(company, "Bill", {"VendorRef": {"value": "41"}, "TxnDate": day, "Line": [expense]})
    service.create(
        company,
        "Purchase",
        {
            "AccountRef": {"value": "42"},
            "PaymentType": "CreditCard",
            "EntityRef": {"value": "34", "type": "Vendor"},
            "TxnDate": day,
            "Line": [{**expense, "Amount": 34}],
        },
    )
    service.create(
        company,
        "Transfer",
        {"FromAccountRef": {"value": "35"}, "ToAccountRef": {"value": "36"}, "Amount": 100, "TxnDate": day},
    )
    service.create(
        company,
        "CreditCardPayment",
        {
            "BankAccountRef": {"value": "35"},
            "CreditCardAccountRef": {"value": "41"},
            "Amount": 50,
            "TxnDate": day,
        },
    )
    service.create(
        company,
        "TimeActivity",
        {
            "NameOf": "Employee",
            "EmployeeRef": {"value": "54"},
            "CustomerRef": {"value": "1"},
            "Hours": 2,
            "Minutes": 0,
            "Description": "Planting",
            "TxnDate": day,
        },
    )
    service.create(
        company,
        "Attachable",
        {
            "Note": "Prefers to be called in the morning",
            "AttachableRef": [{"EntityRef": {"value": "1", "type": "Customer"}}],
        },
    )

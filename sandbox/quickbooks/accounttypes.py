"""Account types with their classification and subtypes, as the API reference lists them; data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountType:
    classification: str
    sub_types: tuple[str, ...]


def _type(classification: str, sub_types: str) -> AccountType:
    return AccountType(classification, tuple(sub_types.split()))


ACCOUNT_TYPES: dict[str, AccountType] = {
    "Bank": _type("Asset", "Checking CashOnHand MoneyMarket RentsHeldInTrust Savings TrustAccounts Bank"),
    "Accounts Receivable": _type("Asset", "AccountsReceivable"),
    "Other Current Asset": _type(
        "Asset",
        "OtherCurrentAssets AllowanceForBadDebts DevelopmentCosts EmployeeCashAdvances Inventory "
        "Investment_MortgageRealEstateLoans Investment_Other Investment_TaxExemptSecurities "
        "Investment_USGovernmentObligations LoansToOfficers LoansToOthers LoansToStockholders PrepaidExpenses Retainage "
        "UndepositedFunds GlobalTaxDeferred GlobalTaxRefund",
    ),
    "Fixed Asset": _type(
        "Asset",
        "OtherFixedAssets AccumulatedDepletion AccumulatedDepreciation AccumulatedAmortization Buildings "
        "DepletableAssets FixedAssetComputers FixedAssetCopiers FixedAssetFurniture FixedAssetPhone "
        "FixedAssetPhotoVideo FixedAssetSoftware FixedAssetOtherToolsEquipment FurnitureAndFixtures IntangibleAssets "
        "Land LeaseholdImprovements MachineryAndEquipment Vehicles",
    ),
    "Other Asset": _type(
        "Asset",
        "OtherLongTermAssets AccumulatedAmortizationOfOtherAssets Goodwill LeaseBuyout Licenses OrganizationalCosts "
        "SecurityDeposits",
    ),
    "Accounts Payable": _type("Liability", "AccountsPayable"),
    "Credit Card": _type("Liability", "CreditCard"),
    "Other Current Liability": _type(
        "Liability",
        "OtherCurrentLiabilities DirectDepositPayable LineOfCredit LoanPayable GlobalTaxPayable GlobalTaxSuspense "
        "PayrollClearing PayrollTaxPayable PrepaidExpensesPayable RentsInTrustLiability SalesTaxPayable "
        "TrustAccountsLiabilities FederalIncomeTaxPayable InsurancePayable StateLocalIncomeTaxPayable",
    ),
    "Long Term Liability": _type("Liability", "OtherLongTermLiabilities NotesPayable ShareholderNotesPayable"),
    "Equity": _type(
        "Equity",
        "OpeningBalanceEquity AccumulatedAdjustment CommonStock EstimatedTaxes OwnersEquity PaidInCapitalOrSurplus "
        "PartnerContributions PartnerDistributions PartnersEquity PersonalExpense PersonalIncome PreferredStock "
        "RetainedEarnings TreasuryStock Healthcare",
    ),
    "Income": _type(
        "Revenue",
        "SalesOfProductIncome ServiceFeeIncome NonProfitIncome OtherPrimaryIncome DiscountsRefundsGiven "
        "UnappliedCashPaymentIncome CashReceiptIncome",
    ),
    "Other Income": _type(
        "Revenue", "OtherMiscellaneousIncome DividendIncome InterestEarned OtherInvestmentIncome TaxExemptInterest"
    ),
    "Expense": _type(
        "Expense",
        "OtherMiscellaneousServiceCost AdvertisingPromotional Auto BadDebts BankCharges CharitableContributions "
        "CommissionsAndFees CostOfLabor DuesSubscriptions Entertainment EntertainmentMeals EquipmentRental FinanceCosts "
        "Insurance InterestPaid LegalProfessionalFees OfficeGeneralAdministrativeExpenses OtherBusinessExpenses "
        "PayrollExpenses PromotionalMeals RentOrLeaseOfBuildings RepairMaintenance ShippingFreightDelivery "
        "SuppliesMaterials TaxesPaid Travel TravelMeals UnappliedCashBillPaymentExpense Utilities GlobalTaxExpense",
    ),
    "Other Expense": _type(
        "Expense",
        "OtherMiscellaneousExpense Amortization Depreciation ExchangeGainOrLoss PenaltiesSettlements GasAndFuel "
        "HomeOffice",
    ),
    "Cost of Goods Sold": _type(
        "Expense",
        "SuppliesMaterialsCogs CostOfLaborCos EquipmentRentalCos OtherCostsOfServiceCos ShippingFreightDeliveryCos",
    ),
}


def type_of(sub_type: str, preferred: str | None = None) -> str | None:
    """The account type that a subtype belongs to (`preferred` if it is one of several); None if it is not known."""
    found = [name for name, account_type in ACCOUNT_TYPES.items() if sub_type in account_type.sub_types]
    return preferred if preferred in found else next(iter(found), None)


def default_sub_type(account_type: str) -> str:
    return ACCOUNT_TYPES[account_type].sub_types[0]

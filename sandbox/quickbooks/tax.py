"""Sales tax on a sales form: US with hand-made codes, US by address, and the codes per line of other countries.

Amounts are in the document's currency; each tax line is rounded to cents, half up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import CENT, PSEUDO_TAX_CODES, ZERO, Company, cents
from sandbox.quickbooks.errors import Fault, Json, business
from sandbox.quickbooks.jurisdictions import STATE_CODES, Jurisdiction, jurisdictions_at

_RATE_NEEDED = {"CA": "GST/HST rate", "AU": "GST rate"}


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """What tax needs to know of a line: its net amount and tax code ("TAX", "NON" or an id)."""

    amount: Decimal
    code: str
    shipping: bool = False


def line_tax_code(company: Company, ref: Json | None, *, purchase: bool = False) -> Json | None:
    """The tax code of a line as it will stand; Fault 6100, 6160, 2500 or 6000."""
    if company.is_us:
        if ref is None or not company.uses_sales_tax:
            return {"value": "NON"}
        value = ref["value"]
        if value == "CustomSalesTax":
            raise Fault(6160, "CustomSalesTax is not allowed in the request")
        if value not in {"TAX", "NON"}:
            raise Fault(
                6100,
                "Invalid Line TaxCode in the request : Valid Line TaxCodes for US should be TAX or NON. "
                f"Supplied value:{value}",
            )
        return {"value": value}
    if not company.uses_sales_tax:
        return None
    if ref is None:
        word = _RATE_NEEDED.get(company.options.country, "VAT rate")
        raise business(f"Make sure all your transactions have a {word} before you save.")
    return company.reference("TaxCode", ref)


def inclusive_net(company: Company, doc: Json, code: str, amount: Decimal, inclusive: Decimal | None) -> Decimal:
    """The net amount of a line in a company whose prices may include tax."""
    if company.is_us or doc.get("GlobalTaxCalculation") != "TaxInclusive":
        return amount
    if inclusive:
        gross = inclusive
    elif company.switches.tax_inclusive_lines == "gross":
        gross = amount
    else:
        return amount
    rate = sum((Decimal(rate["RateValue"]) for rate in _rates_of(company, code)), ZERO)
    return cents(gross * 100 / (100 + rate))


def tax_detail(
    company: Company, doc: Json, lines: Sequence[TaxedLine], discount: Decimal, supplied: Json | None
) -> tuple[Json | None, Decimal]:
    """TxnTaxDetail as it will stand, and the total tax."""
    if not company.uses_sales_tax:
        return None, ZERO
    if not company.is_us:
        return _by_line(company, doc, lines, discount, supplied)
    if company.automated_tax:
        return _by_address(company, doc, lines, discount, supplied)
    return _by_code(company, doc, lines, discount, supplied)


def _by_code(
    company: Company, doc: Json, lines: Sequence[TaxedLine], discount: Decimal, supplied: Json | None
) -> tuple[Json, Decimal]:
    supplied = supplied or {}
    ref = supplied.get("TxnTaxCodeRef")
    code = None if ref is None else ref["value"]
    if code is None or code in {"TAX", "NON"}:
        override = supplied.get("TotalTax", ZERO) if company.switches.legacy_total_tax_override else ZERO
        return {"TotalTax": cents(decimal(override))}, cents(decimal(override))
    if code == "CustomSalesTax":
        raise Fault(6160, "CustomSalesTax is not allowed in the request")
    company.resolve("TaxCode", code)
    base = _taxable(lines, discount if doc.get("ApplyTaxAfterDiscount") else ZERO)
    return _detail(code, [(rate, base) for rate in _rates_of(company, code)], _override(company, supplied))


def _override(company: Company, supplied: Json) -> Decimal | None:
    if company.switches.legacy_total_tax_override and supplied.get("TotalTax") is not None:
        return decimal(supplied["TotalTax"])
    return None


def _by_address(
    company: Company, doc: Json, lines: Sequence[TaxedLine], discount: Decimal, supplied: Json | None
) -> tuple[Json, Decimal]:
    if not company.switches.automated_tax_on_shipping:
        lines = [line for line in lines if not line.shipping]
    base = _taxable(lines, discount if company.switches.automated_tax_after_discount else ZERO)
    override = None if supplied is None or supplied.get("TotalTax") is None else decimal(supplied["TotalTax"])
    found = jurisdictions_at(doc.get("ShipAddr") or doc.get("BillAddr") or _company_address(company))
    if not found:
        total = cents(override or ZERO)
        return {"TotalTax": total}, total
    code, rates = _automated_code(company, found)
    return _detail(code, [(rate, base) for rate in rates], override)


def _company_address(company: Company) -> Json:
    info = company.books.get("CompanyInfo", "1") or {}
    return dict(info.get("LegalAddr") or info.get("CompanyAddr") or {})


def _by_line(
    company: Company, doc: Json, lines: Sequence[TaxedLine], discount: Decimal, supplied: Json | None
) -> tuple[Json | None, Decimal]:
    if doc.get("GlobalTaxCalculation") == "NotApplicable":
        if supplied and (supplied.get("TaxLine") or supplied.get("TotalTax")):
            raise Fault(6170, "TxnTaxDetail is not allowed when GlobalTaxCalculation is NotApplicable")
        return None, ZERO
    subtotal = sum((line.amount for line in lines), ZERO)
    bases: dict[str, tuple[Json, Decimal]] = {}
    for line in lines:
        amount = line.amount - (discount * line.amount / subtotal if subtotal else ZERO)
        for rate in _rates_of(company, line.code):
            _, base = bases.get(rate["Id"], (rate, ZERO))
            bases[rate["Id"]] = (rate, base + amount)
    return _detail(None, bases.values(), None)


def _taxable(lines: Iterable[TaxedLine], discount: Decimal) -> Decimal:
    lines = list(lines)
    taxable = sum((line.amount for line in lines if line.code == "TAX"), ZERO)
    goods = sum((line.amount for line in lines if not line.shipping), ZERO)
    if discount and goods:
        taxed_goods = sum((line.amount for line in lines if line.code == "TAX" and not line.shipping), ZERO)
        taxable -= discount * taxed_goods / goods
    return cents(taxable)


def _detail(code: str | None, rates: Iterable[tuple[Json, Decimal]], override: Decimal | None) -> tuple[Json, Decimal]:
    parts = [(rate, base, cents(base * Decimal(rate["RateValue"]) / 100)) for rate, base in rates]
    total = sum((amount for _, _, amount in parts), ZERO)
    if override is not None and cents(override) != total:
        parts = _prorate(parts, cents(override))
        total = cents(override)
    lines = [
        {
            "Amount": amount,
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": {"value": rate["Id"]},
                "PercentBased": True,
                "TaxPercent": Decimal(rate["RateValue"]),
                "NetAmountTaxable": cents(base),
            },
        }
        for rate, base, amount in parts
    ]
    detail: Json = {"TotalTax": total}
    if code is not None:
        detail = {"TxnTaxCodeRef": {"value": code}, **detail}
    if lines:
        detail["TaxLine"] = lines
    return detail, total


def _prorate(parts: list[tuple[Json, Decimal, Decimal]], total: Decimal) -> list[tuple[Json, Decimal, Decimal]]:
    """Spreads a total given by the caller over the rates; the last one takes what is left."""
    weight = sum((Decimal(rate["RateValue"]) for rate, _, _ in parts), ZERO)
    left = total
    out = []
    for number, (rate, base, _) in enumerate(parts):
        share = left if number == len(parts) - 1 else cents(total * Decimal(rate["RateValue"]) / weight)
        left -= share
        out.append((rate, base, share.quantize(CENT)))
    return out


def _rates_of(company: Company, code: str) -> list[Json]:
    if code in PSEUDO_TAX_CODES:
        return []
    details = company.resolve("TaxCode", code, inactive=True).get("SalesTaxRateList", {}).get("TaxRateDetail", [])
    return [company.resolve("TaxRate", detail["TaxRateRef"]["value"], inactive=True) for detail in details]


def _automated_code(company: Company, found: Sequence[Jurisdiction]) -> tuple[str, list[Json]]:
    """The system's own tax code for a set of jurisdictions, made when first needed."""
    name = ", ".join(jurisdiction.name for jurisdiction in reversed(found))
    rates = [_automated_rate(company, jurisdiction) for jurisdiction in found]
    for doc in company.books.find("TaxCode", "Name", name):
        return doc["Id"], rates
    doc = company.books.insert("TaxCode", tax_code(name, [rate["Id"] for rate in rates], origin="SYSTEM_GENERATED"))
    return doc["Id"], rates


def _automated_rate(company: Company, jurisdiction: Jurisdiction) -> Json:
    for doc in company.books.find("TaxRate", "Name", jurisdiction.name):
        return doc
    agency_name = f"{STATE_CODES[jurisdiction.state]} Department of Revenue"
    agency = next(
        (doc for doc in company.books.all("TaxAgency").values() if doc["DisplayName"] == agency_name), None
    ) or company.books.insert("TaxAgency", tax_agency(agency_name))
    return company.books.insert("TaxRate", tax_rate(jurisdiction.name, jurisdiction.rate, agency["Id"]))


def tax_agency(name: str) -> Json:
    return {
        "DisplayName": name,
        "TaxTrackedOnSales": True,
        "TaxTrackedOnPurchases": False,
        "TaxAgencyConfig": "USER_DEFINED",
    }


def tax_rate(name: str, rate: Decimal, agency: str, description: str | None = None) -> Json:
    return {
        "Name": name,
        "Description": description or name,
        "Active": True,
        "RateValue": rate,
        "AgencyRef": {"value": agency},
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
        "EffectiveTaxRate": [{"RateValue": rate, "EffectiveDate": "2014-01-01T00:00:00-08:00"}],
    }


def tax_code(
    name: str,
    sales_rates: Sequence[str],
    *,
    purchase_rates: Sequence[str] = (),
    description: str | None = None,
    origin: str = "USER_DEFINED",
) -> Json:
    return {
        "Name": name,
        "Description": description or name,
        "Active": True,
        "Hidden": False,
        "Taxable": True,
        "TaxGroup": True,
        "TaxCodeConfigType": origin,
        "SalesTaxRateList": {"TaxRateDetail": [_rate_detail(rate, n) for n, rate in enumerate(sales_rates)]},
        "PurchaseTaxRateList": {"TaxRateDetail": [_rate_detail(rate, n) for n, rate in enumerate(purchase_rates)]},
    }


def _rate_detail(rate: str, order: int) -> Json:
    return {"TaxRateRef": {"value": rate}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": order}

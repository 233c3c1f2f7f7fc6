"""The lines of a sales form: what is checked, filled in, summed and inserted; it knows no links and no stock."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sandbox.quickbooks.books import decimal
from sandbox.quickbooks.company import GRATUITY_ITEM, SHIPPING_ITEM, ZERO, Company, cents
from sandbox.quickbooks.errors import Fault, Json, business, missing
from sandbox.quickbooks.tax import TaxedLine, inclusive_net, line_tax_code

MAX_TAXED_LINES = 750
SPECIAL_ITEMS = {SHIPPING_ITEM, GRATUITY_ITEM}


@dataclass(frozen=True, slots=True)
class SalesLines:
    """Lines as they will stand, with their sums: total before tax is subtotal - discount + extras."""

    lines: list[Json]
    subtotal: Decimal
    discount: Decimal
    extras: Decimal
    taxed: list[TaxedLine]


def sales_lines(company: Company, doc: Json, payload: list[Json]) -> SalesLines:
    """Reads the lines of a sales form; `doc` gives date and customer. Raises Faults of section 'lines'."""
    items: list[Json] = []
    extras: list[Json] = []
    discount_line: Json | None = None
    taxed: list[TaxedLine] = []
    for line in payload:
        kind = _detail_type(company, line)
        if kind == "SubTotalLineDetail":
            continue  # the server makes its own
        if kind == "DiscountLineDetail":
            if discount_line is not None:
                raise business("Only one discount line is allowed for a transaction.")
            discount_line = line
        elif kind == "DescriptionOnly":
            items.append(line)
        elif kind == "GroupLineDetail":
            items.append(_group_line(company, doc, line, taxed))
        elif kind == "SalesItemLineDetail":
            read = _item_line(company, doc, line, taxed)
            special = read["SalesItemLineDetail"]["ItemRef"]["value"] in SPECIAL_ITEMS
            (extras if special else items).append(read)
        else:
            raise Fault(2170, f"Invalid Enumeration : DetailType. Supplied value:{kind}", element="DetailType")
    if len(items) + len(extras) > MAX_TAXED_LINES and any(line.code != "NON" for line in taxed):
        raise business(f"A transaction with sales tax can have at most {MAX_TAXED_LINES} lines.")
    if not items and not extras:
        raise missing("Line")
    goods = sum((decimal(line.get("Amount")) for line in items), ZERO)
    extra = sum((decimal(line["Amount"]) for line in extras), ZERO)
    discount, discount_line = _discount(company, discount_line, goods)
    shown = goods + extra if company.switches.shipping_in_subtotal else goods
    lines = [*items, {"Amount": shown, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}]
    if discount_line is not None:
        lines.append(discount_line)
    return SalesLines(number_lines([*lines, *extras]), goods, discount, extra, taxed)


def number_lines(lines: list[Json]) -> list[Json]:
    """Gives every line that needs one an Id of its own, and its place."""
    taken = {line["Id"] for line in lines if line.get("Id")}
    next_id, place, out = 1, 0, []
    for line in lines:
        kind = line.get("DetailType")
        if kind in {"SubTotalLineDetail", "DiscountLineDetail"}:
            out.append({key: value for key, value in line.items() if key not in {"Id", "LineNum"}})
            continue
        place += 1
        if not line.get("Id"):
            while str(next_id) in taken:
                next_id += 1
            line = {"Id": str(next_id), **line}
            taken.add(str(next_id))
        out.append({**line, "LineNum": place})
    return out


def _detail_type(company: Company, line: Json) -> str:
    kind = line.get("DetailType")
    if kind is None:
        raise missing("Line.DetailType")
    if kind == "SubtotalLineDetail" and company.switches.subtotal_spelling == "lenient":
        return "SubTotalLineDetail"
    return str(kind)


def _item_line(company: Company, doc: Json, line: Json, taxed: list[TaxedLine]) -> Json:
    detail = line.get("SalesItemLineDetail")
    if detail is None:
        raise missing("Line.SalesItemLineDetail")
    if line.get("Amount") is None:
        raise missing("Line.Amount")
    detail = dict(detail)
    ref = detail.get("ItemRef")
    if ref is None:
        if not company.switches.default_item:
            raise missing("Line.SalesItemLineDetail.ItemRef")
        ref = {"value": "1"}
    special = ref["value"] in SPECIAL_ITEMS
    if special:
        detail["ItemRef"] = _special_item(company, ref["value"])
    else:
        detail["ItemRef"] = _sold_item(company, doc, ref, detail, decimal(line["Amount"]))
    amount = check_amount(company, line, detail)
    _untrack(company, detail)
    code = line_tax_code(company, detail.get("TaxCodeRef"))
    detail.pop("TaxCodeRef", None)
    if code is not None:
        inclusive = detail.get("TaxInclusiveAmt")
        amount = cents(inclusive_net(company, doc, code["value"], amount, inclusive))
        detail["TaxCodeRef"] = code
        taxed.append(TaxedLine(amount, code["value"], special))
    if detail.get("ItemAccountRef") is not None:
        detail["ItemAccountRef"] = company.account(detail["ItemAccountRef"])
    return {**line, "Amount": amount, "SalesItemLineDetail": detail}


def _special_item(company: Company, value: str) -> Json:
    if value == SHIPPING_ITEM and not company.preference("SalesFormsPrefs", "AllowShipping"):
        raise business("Shipping is not turned on in the sales settings of this company.")
    return {"value": value}


def _sold_item(company: Company, doc: Json, ref: Json, detail: Json, amount: Decimal) -> Json:
    item = company.resolve("Item", ref["value"])
    if item["Type"] == "Category":
        raise business("A category cannot be used on a transaction.")
    if item["Type"] == "Inventory":
        # A voided line has neither amount nor quantity and may be saved again.
        if amount and not detail.get("Qty") and company.switches.quantity_needed_for_stock:
            raise Fault(6520, f"Quantity is required : {item['Name']} is an inventory item")
        check_stock_date(item, doc)
    if detail.get("ItemAccountRef") is None and item.get("IncomeAccountRef") is not None:
        detail["ItemAccountRef"] = item["IncomeAccountRef"]
    return {"value": item["Id"], "name": item["Name"]}


def check_stock_date(item: Json, doc: Json) -> None:
    """Fault 6270 where a transaction is dated before the item's stock begins."""
    start = item.get("InvStartDate")
    if start is not None and doc["TxnDate"] < start:
        raise Fault(
            6270,
            "Transaction date is prior to start date for inventory item : "
            f"Item {item['Name']} has the inventory start date {start}. Supplied date:{doc['TxnDate']}",
        )


def check_amount(company: Company, line: Json, detail: Json) -> Decimal:
    """The line's amount in cents; Fault 6070 unless it is quantity times price (where both are given)."""
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    amount = cents(decimal(line["Amount"]))
    if price is not None:
        step = Decimal(1).scaleb(-company.switches.unit_price_decimals)
        if price != price.quantize(step, ROUND_HALF_UP):
            price = price.quantize(step, ROUND_HALF_UP)
            detail["UnitPrice"] = price
    # Zero counts as absent: clients send it for what they leave out.
    if quantity and price and cents(quantity * price) != amount:
        raise Fault(6070, f"Amount is not equal to UnitPrice * Qty. Supplied value:{line['Amount']}", element="Amount")
    for name in ("Qty", "UnitPrice"):
        if not detail.get(name) and name in detail:
            del detail[name]
    if quantity and not price:
        detail["UnitPrice"] = (amount / quantity).quantize(Decimal("0.0000001"), ROUND_HALF_UP).normalize()
    if not detail.get("TaxInclusiveAmt"):
        detail.pop("TaxInclusiveAmt", None)
    return amount


def _untrack(company: Company, detail: Json) -> None:
    """Class on a line: by name, or as the preference says where lines have none."""
    if detail.get("ClassRef") is None:
        return
    if company.preference("AccountingInfoPrefs", "ClassTrackingPerTxnLine"):
        detail["ClassRef"] = company.reference("Class", detail["ClassRef"])
    else:
        untracked(company, detail, "ClassRef")


def untracked(company: Company, owner: Json, name: str) -> None:
    """Drops a reference that the company does not track, or refuses it (5030), as the switch says."""
    if company.switches.untracked_reference == "5030":
        raise Fault(5030, f"Feature Not Supported Error : {name} is not tracked in this company", element=name)
    del owner[name]


def _group_line(company: Company, doc: Json, line: Json, taxed: list[TaxedLine]) -> Json:
    detail = line.get("GroupLineDetail")
    if detail is None or detail.get("GroupItemRef") is None:
        raise missing("Line.GroupLineDetail.GroupItemRef")
    parts = [_item_line(company, doc, part, taxed) for part in detail.get("Line", [])]
    amount = sum((decimal(part["Amount"]) for part in parts), ZERO)
    detail = {
        **detail,
        "GroupItemRef": company.reference("Item", detail["GroupItemRef"]),
        "Line": number_lines(parts),
    }
    return {**line, "Amount": amount, "GroupLineDetail": detail}


def _discount(company: Company, line: Json | None, goods: Decimal) -> tuple[Decimal, Json | None]:
    if line is None:
        return ZERO, None
    detail = dict(line.get("DiscountLineDetail") or {})
    percent = detail.get("DiscountPercent")
    based = detail.get("PercentBased") or (percent and line.get("Amount") is None)
    if not (based and percent) and line.get("Amount") is None:
        raise Fault(6090, "Discount information missing : supply DiscountPercent, or an Amount")
    if not company.preference("SalesFormsPrefs", "AllowDiscount"):
        raise business("Discounts are not turned on in the sales settings of this company.")
    if based and percent:
        if not 0 <= percent <= 100:
            raise Fault(2150, f"Invalid percent : {percent}")
        amount = cents(goods * percent / 100)
    else:
        amount = cents(abs(decimal(line["Amount"])))
        detail.pop("DiscountPercent", None)
    detail["PercentBased"] = bool(based and percent)
    account = detail.get("DiscountAccountRef")
    if account is None:
        default = company.preference("SalesFormsPrefs", "DefaultDiscountAccount")
        account = None if not default else {"value": default}
    if account is not None:
        detail["DiscountAccountRef"] = company.account(account)
    if detail.get("ClassRef") is not None:
        _untrack(company, detail)
    return amount, {
        "Amount": amount,
        "DetailType": "DiscountLineDetail",
        **({"Description": line["Description"]} if line.get("Description") else {}),
        "DiscountLineDetail": detail,
    }

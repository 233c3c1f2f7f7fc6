"""What the old system's actions do, in statements of the language, with what a test then expects.

Changes when an export holds an action that is not known yet: each is a line of the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from dsl.schema import Field, Schema
from dsl.types import DATE, MONEY, NUMBER, TEXT
from engine.convert.old import NotConvertible, OldCondition
from engine.convert.values import literal, number, quoted
from engine.convert.words import (
    BILL_LINE,
    DISCOUNT,
    LINE,
    ORDER,
    PAYMENT,
    PRODUCT,
    SHIPPING,
    Scope,
    comparison,
    field_path,
    plain,
)


@dataclass(frozen=True, slots=True)
class Action:
    """One action: what it is called there (old names and new), what it runs for, and how it works.

    `how` is one of: set (a value, or a field by Map All), skip, skip_item, prefix, suffix, take_out (the compared letters from
    the target), before (what stands before the compared letters), add, times, none (it has no counterpart: `reason`).
    """

    label: str
    names: tuple[str, ...]
    scope: Scope
    how: str
    target: str = ""
    reason: str = ""
    next_step: str = ""
    note: str = ""
    """Stands in the rule: why a total may change, for instance."""


ACTIONS: tuple[Action, ...] = (
    Action("skip", ("donotimport", "donotimportordertoquickbooks", "donotimportorder", "excludeorder", "excludeorders",
                    "excludeorderfromsyncing", "skiporder", "filterorder"), ORDER, "skip"),
    Action("skip", ("excludeorderfromsyncingtoecommerce", "excludeorderfromsyncingtoecommercesite", "donotexport",
                    "excludeorderfromquickbooks"), ORDER, "skip",
           note="It was meant for orders that come from QuickBooks."),
    Action("deposit account", ("maporderdepositaccount", "changeorderdepositaccount", "orderdepositaccount", "changedepositaccount",
                               "mapdepositaccount"), ORDER, "set", "books.deposit_account"),
    Action("deposit account", ("paymentdepositmethod", "mappaymentdepositaccount", "changepaymentdepositaccount"), PAYMENT, "set",
           "payment.deposit_account"),
    Action("receivable account", ("maporderaraccount", "changearaccount", "maparaccount", "orderaraccount"), ORDER, "set",
           "books.receivable_account"),
    Action("currency", ("mapcurrencycode", "ordercurrency", "changecurrency", "maporrdercurrency", "changeordercurrency",
                        "mapordercurrency"), ORDER, "none",
           reason="the currency of an order is the one that was paid in and is never changed",
           next_step="to keep customers of each currency apart, set `match_customers = store_name_and_currency` in the flow"),
    Action("class", ("maporderclass", "changeorderclass", "orderclass", "mapclass", "changeclass"), ORDER, "set", "books.class"),
    Action("class", ("mapclassonlineitems", "changeorderdetailclass", "changeorderetailclass", "maplineitemclass", "mapitemclass",
                     "changeitemclass", "orderdetailclass"), LINE, "set", "line.class"),
    Action("SKU", ("mapsku", "changesku", "mapproduct", "mapskuproduct", "changeproduct", "sku"), LINE, "set", "line.sku"),
    Action("SKU without a part", ("replacesku", "removefromsku"), LINE, "take_out", "line.sku"),
    Action("SKU up to a sign", ("splitsku",), LINE, "before", "line.sku"),
    Action("store", ("mapsellingchannel", "changesellingchannel", "changestorename", "mapstorename"), ORDER, "set", "order.store"),
    Action("billing company", ("mapbillingaddresscompany", "changebillingcompany", "mapbillingcompany"), ORDER, "set",
           "bill_to.company"),
    Action("customer", ("mapcustomer", "changecustomer", "mapcustomername", "changecustomername"), ORDER, "set", "books.customer"),
    Action("order number", ("mapordernumber", "changeordernumber", "orderid", "changeorderid", "ordernumber"), ORDER, "set",
           "order.number"),
    Action("order number without a part", ("replaceordernumber", "replaceorderid", "removefromordernumber"), ORDER, "take_out",
           "order.number"),
    Action("order number up to a sign", ("splitordernumber", "splitorderid"), ORDER, "before", "order.number"),
    Action("prefix", ("addorderprefix", "orderprefix", "addprefix"), ORDER, "prefix", "order.number"),
    Action("suffix", ("addordersuffix", "ordersuffix", "addsuffix"), ORDER, "suffix", "order.number"),
    Action("PO number", ("mapponumber", "changeponumber", "ponumber"), ORDER, "set", "books.po_number"),
    Action("terms", ("maporderterms", "changeorderterms", "maptermsorder", "mapterms", "orderterms"), ORDER, "set", "books.terms"),
    Action("payment reference", ("mappaymentreferencenumber", "changepaymentreferencenumber", "mapreferencenumber"), ORDER, "set",
           "books.payment_reference"),
    Action("payment method", ("orderpaymentmethod", "mappaymentmethod", "changepaymentmethod", "maporderpaymentmethod",
                              "changeorderpaymentmethod"), ORDER, "set", "books.payment_method"),
    Action("ship date", ("mapordershipdate", "changeshipdate", "mapshipdate"), ORDER, "set", "books.ship_date"),
    Action("ship via", ("mapshipvia", "changeshipvia"), ORDER, "set", "books.ship_via"),
    Action("memo", ("mapmemo", "changememo", "mapordermemo"), ORDER, "set", "books.memo"),
    Action("message", ("mapmessage", "mapcustomermessage"), ORDER, "set", "books.message"),
    Action("location", ("maplocation", "mapdepartment", "department", "mapinventorysite", "changelocation", "changedepartment",
                        "mapinventorysiteonorder"), ORDER, "set", "books.location"),
    Action("order status", ("orderstatus", "changeorderstatus", "maporderstatus"), ORDER, "set", "order.status"),
    Action("description", ("mapproductdescription", "changeproductdescription", "mapdescription", "productdescription"), LINE,
           "set", "line.description"),
    Action("custom field", ("mapcustomfieldtolineitems", "mapcustomfieldtolineitem", "customfieldname"), LINE, "none",
           reason="lines of QuickBooks documents have no custom fields",
           next_step='put it into the description: `set line.description to "{line.description} {order.meta[""its name""]}"`'),
    Action("custom field", ("maporderotherfob", "maporderother", "mapfob", "mapother"), ORDER, "set", 'books.custom["Other"]'),
    Action("expense account", ("mapbilltoaccount", "mapbillaccount", "expenseaccount", "changeexpenseaccount", "mapexpenseaccount",
                               "changebillaccount", "changepurchaseaccount"), BILL_LINE, "set", "line.account"),
    Action("payment", ("markinvoiceasunpaid", "markunpaid", "markasunpaid", "donotaddpayment", "donotimportpayment",
                       "skippayment", "excludepayment", "donotcreatepayment"), PAYMENT, "skip_item"),
    Action("no tax", ("removetaxonorder", "removetax", "removeordertax", "removesalestax"), ORDER, "zero", "order.tax_total",
           note="The document's total falls by the tax."),
    Action("tax code", ("mapsalestaxcode", "salestaxcode", "changesalestaxcode", "maptaxcode", "changetaxcode"), ORDER, "set",
           "books.tax_code"),
    Action("tax code", ("maporderitemtaxcode", "orderitemtaxcode", "mapitemtaxcode", "changeorderdetailtaxcode",
                        "changeitemtaxcode"), LINE, "set", "line.tax_code"),
    Action("tax code of shipping", ("mapshippinglinetaxcode", "mapshippingtaxcode", "addshippingtax", "changeshippingtaxcode"),
           ORDER, "set", "books.shipping_tax_code"),
    Action("tax code of discounts", ("mapdiscounttaxcode", "changediscounttaxcode"), ORDER, "set", "books.discount_tax_code"),
    Action("shipping tax rate", ("mapshippingtaxrate",), ORDER, "none",
           reason="a rate of tax belongs to the tax code in the books", next_step="map the tax code of shipping instead"),
    Action("state", ("shippingaddressregion", "changeshippingstate", "mapshippingstate", "addsalestaxforregister",
                     "mapshippingaddressregion", "changeshippingaddressregion"), ORDER, "set", "ship_to.state"),
    Action("shipping item", ("shippingmethod", "mapshippingmethod", "changeshippingmethod"), SHIPPING, "set", "shipping.item"),
    Action("discount item", ("discountcode", "mapdiscountcode", "mapdiscount", "changediscountcode", "couponcode"), DISCOUNT, "set",
           "discount.item"),
    Action("surcharge", ("addshippingsurcharge", "shippingsurcharge"), ORDER, "add", "order.shipping_total",
           note="The document's total rises by the surcharge."),
    Action("shipping", ("overrideshippingamount", "changeshippingamount", "mapshippingamount"), ORDER, "set",
           "order.shipping_total", note="The document's total changes with the shipping."),
    Action("quantity", ("multiplyquantity", "multiplyqty", "changequantity"), LINE, "times", "line.quantity"),
    Action("transaction type", ("maptransactiontype", "changetransactiontype", "transactiontype", "changeordertype"), ORDER, "set",
           "books.transaction_type"),
    Action("income account", ("mapincomeaccount", "changeincomeaccount"), PRODUCT, "set", "product.income_account"),
    Action("tag", ("customertagging", "addcustomertag", "addtag", "tagorder"), ORDER, "tag"),
)  # fmt: skip
_BY_NAME = {name: action for action in ACTIONS for name in action.names}

#: What an action is for another kind of object: (label of the action, kind of object) -> what it runs for and writes.
_FOR_OBJECT: dict[tuple[str, str], tuple[Scope, str]] = {
    ("class", "line"): (LINE, "line.class"),
    ("class", "order"): (ORDER, "books.class"),
    ("SKU", "product"): (PRODUCT, "product.sku"),
    ("quantity", "product"): (PRODUCT, "product.quantity"),
    ("description", "product"): (PRODUCT, "product.description"),
    ("deposit account", "payment"): (PAYMENT, "payment.deposit_account"),
    ("tax code", "line"): (LINE, "line.tax_code"),
    ("SKU without a part", "product"): (PRODUCT, "product.sku"),
    ("SKU up to a sign", "product"): (PRODUCT, "product.sku"),
    ("skip", "payment"): (PAYMENT, ""),
}


def action_of(name: str, object_kind: str) -> Action:
    """The action of that name, for that kind of object. Raises NotConvertible for one that is not known."""
    action = _BY_NAME.get(plain(name))
    if action is None:
        raise NotConvertible(f'the action "{name}" is not known' if name else "it names no action")
    if action.how == "none":
        raise NotConvertible(action.reason, action.next_step)
    other = _FOR_OBJECT.get((action.label, object_kind))
    if other is not None:
        how = "skip_item" if action.label == "skip" else action.how
        return replace(action, scope=other[0], target=other[1], how=how)
    return action


@dataclass(frozen=True, slots=True)
class Done:
    """What a rule does: its statements, the literal that it writes where it is one, and what a test expects of them.

    `needs` are values that a test has to give for the action to show; `expects` are (path or "", words behind it).
    """

    statements: tuple[str, ...]
    value: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)
    expects: tuple[tuple[str, str], ...] = ()
    guard: str = ""
    """A condition that keeps a second run from doing it again."""


def done_by(
    action: Action, said: str, reason: str, conditions: Sequence[OldCondition], given: Mapping[str, str], schema: Schema
) -> Done:
    """The statements of an action with this value. `reason` is what a log says of records that it leaves out.

    Raises NotConvertible where the value, or a comparison, does not go with the action.
    """
    copied = [each for each in conditions if comparison(each.comparison) == "copy"]
    if copied and action.how != "set":
        raise NotConvertible(f'"Map All" copies a field, which does not go with the action "{action.label}"')
    target = action.target
    known = schema.field(target.partition("[")[0]) if target else None
    if action.how == "skip":
        return Done((f"skip {quoted(reason)}",), expects=(("", f"skipped {quoted(reason)}"),))
    if action.how == "skip_item":
        item = action.scope.item
        return Done((f"skip {item} {quoted(reason)}",), expects=(("", f"{item} skipped {quoted(reason)}"),))
    if action.how == "tag":
        if not said:
            raise NotConvertible("it says no tag to add")
        return Done((f"tag {quoted(said)}",), expects=(("order.tags", f"contains {quoted(said)}"),))
    if known is None:
        raise NotConvertible(f"{target} is no field")
    if action.how == "zero":
        return Done((f"set {target} to 0",), "0", {target: "2.00 USD"}, ((target, "is 0"),))
    if action.how == "set":
        if copied:
            return _copy(action, copied, known, schema)
        return _constant(target, known, said)
    if action.how in ("prefix", "suffix"):
        return _around(action, said, given)
    if action.how in ("take_out", "before"):
        return _part(action, said, conditions)
    return _reckoned(action, said, schema)


def _constant(target: str, known: Field, said: str) -> Done:
    if not said:
        raise NotConvertible(
            f"it maps to nothing: {target} would be emptied", f"write `clear {target}` if that is meant"
        )
    if said == "*":
        raise NotConvertible('"*" is no value to write', "say which value is meant")
    value = literal(known, said)
    if known.type == MONEY:
        return Done((f"set {target} to {value}",), value, expects=((target, f"is {value}"),))
    return Done((f"set {target} to {value}",), value, expects=((target, f"is {value}"),))


def _copy(action: Action, copied: Sequence[OldCondition], known: Field, schema: Schema) -> Done:
    """Map All: a field is copied into the target."""
    if len(copied) > 1:
        raise NotConvertible("several fields are copied into one", "say which comes first: `… or else …`")
    path = field_path(copied[0].field, action.scope, frozenset(each.path for each in schema.fields))
    source = schema.field(path.partition("[")[0]) if path else None
    if path is None or source is None:
        raise NotConvertible(f'there is no field "{copied[0].field}" to copy from')
    if source.type == known.type:
        value = path
    elif known.type == TEXT and source.type.element is None:
        value = '"{' + path.replace('"', '""') + '}"'
    elif known.type == DATE and source.type == TEXT:
        value = f"date({path})"
    else:
        raise NotConvertible(f"{path} is {source.type}, and {action.target} is {known.type}")
    example = {TEXT: quoted("Copied 1"), MONEY: "5.00 USD", DATE: "2026-01-31", NUMBER: "2"}.get(source.type)
    if known.type == DATE:
        example = "2026-01-31" if source.type == DATE else quoted("2026-01-31")
    if source.values:
        example = quoted(source.values[0])
    if example is None:
        return Done((f"set {action.target} to {value}",), expects=())
    seen = "2026-01-31" if known.type == DATE else quoted("5.00") if source.type == MONEY != known.type else example
    if known.type == TEXT and source.type in (DATE, NUMBER):
        seen = quoted(example)
    return Done((f"set {action.target} to {value}",), needs={path: example}, expects=((action.target, f"is {seen}"),))


def _around(action: Action, said: str, given: Mapping[str, str]) -> Done:
    if not said:
        raise NotConvertible(f"it says no {action.label}")
    target, text = action.target, quoted(said)[1:-1]
    number_given = given.get(target, quoted("1042"))[1:-1]
    if action.how == "prefix":
        made, guard, becomes = f'"{text}{{{target}}}"', f'not {target} starts with "{text}"', f'"{text}{number_given}"'
    else:
        made, guard, becomes = f'"{{{target}}}{text}"', f'not {target} ends with "{text}"', f'"{number_given}{text}"'
    return Done((f"set {target} to {made}",), "", {target: f'"{number_given}"'}, ((target, f"is {becomes}"),), guard)


def _part(action: Action, said: str, conditions: Sequence[OldCondition]) -> Done:
    """A part of a text is taken out or kept: the one that the condition names (or that the value names)."""
    target = action.target
    named = [each for each in conditions if each.value and each.value != "*"]
    kinds = {comparison(each.comparison) for each in named}
    if len(named) > 1 or kinds & {"is_not", "contains_not", "more", "less", "at_least", "at_most"}:
        raise NotConvertible(
            f'no single part to work with is named for the action "{action.label}"', "make a rule for each part"
        )
    sought = named[0].value.strip("*") if named else ("" if action.how == "take_out" else said)
    kind = comparison(named[0].comparison) if named else "contains"
    if not sought:
        raise NotConvertible("it names no part to look for")
    text, size = quoted(sought), len(sought)
    if action.how == "before":
        return Done(
            (f"set {target} to text_before({target}, {text})",),
            needs={target: quoted(f"ABC{sought}1")},
            expects=((target, f"is {quoted('ABC')}"),),
        )
    if kind == "starts" and not said:
        statement = f"set {target} to right({target}, length({target}) - {size})"
        return Done((statement,), needs={target: quoted(f"{sought}99")}, expects=((target, f"is {quoted('99')}"),))
    if kind == "ends" and not said:
        statement = f"set {target} to left({target}, length({target}) - {size})"
        return Done((statement,), needs={target: quoted(f"99{sought}")}, expects=((target, f"is {quoted('99')}"),))
    if kind == "is" and not said:
        raise NotConvertible("nothing would be left", "compare with `contains` or `starts with`")
    statement = f"replace {text} with {quoted(said)} in {target}"
    sample = sought if kind == "is" else f"{sought}99" if kind != "ends" else f"99{sought}"
    left = said if kind == "is" else f"{said}99" if kind != "ends" else f"99{said}"
    return Done((statement,), needs={target: quoted(sample)}, expects=((target, f"is {quoted(left)}"),))


def _reckoned(action: Action, said: str, schema: Schema) -> Done:
    """An amount is added, or a quantity multiplied."""
    target, value = action.target, number(said)
    if value is None or (action.how == "times" and value <= 0):
        raise NotConvertible(f'"{said}" is no number for the action "{action.label}"')
    if action.how == "add":
        percent = said.strip().endswith("%")
        added = f"{target} * {value:f}%" if percent else f"{value:f}"
        before = Decimal(10)
        after = before + (before * value / 100 if percent else value)
        return Done(
            (f"set {target} to {target} + {added}",),
            "",
            {target: f"{before:.2f} USD"},
            ((target, f"is {after:.2f} USD"),),
        )
    if target == "line.quantity":
        return Done(
            (f"set {target} to {target} * {value:f}", f"set line.unit_price to line.unit_price / {value:f}"),
            needs={target: "2", "line.unit_price": "6.00 USD"},
            expects=((target, f"is {2 * value:f}"),),
        )
    return Done(
        (f"set {target} to {target} * {value:f}",), needs={target: "2"}, expects=((target, f"is {2 * value:f}"),)
    )

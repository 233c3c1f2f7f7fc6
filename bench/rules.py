"""Rules per order against hand-written Python of equal semantics, side by side in one run; changes with the workload only.

    python -m bench.rules [--orders 2000] [--rounds 31]

The workload is that of a web shop: 20 rules over orders with 1 to 8 lines and 1 or 2 payments (3 % of the orders are
skipped). The hand-written function does what the rules mean and no less: it works on its own copy, missing is null,
absent or blank, texts compare folded and trimmed, amounts in the order's currency; both give the same records, which is
checked before anything is timed. CPU time of this process, alternating round by round, the median of what each round says.
"""

import argparse
import gc
import random
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Any

from dsl.check import check_text
from dsl.program import Program, compile_ruleset
from dsl.values import fold
from engine.vocabulary import vocabulary

TODAY = date(2026, 1, 31)
_STATES = """
AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ
NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY
"""
STATES = tuple(_STATES.split())
SKUS = [f"SKU-{number:03}" for number in range(250)]


def rules() -> str:
    """The workload's rule set."""
    states = "\n".join(f'  "{state}" -> "Tax {state}"' for state in STATES)
    skus = "\n".join(f'  "{sku}" -> "Class {number % 7}"' for number, sku in enumerate(SKUS[:200]))
    return f"""
table tax_code_for
  state -> code
{states}
end
table class_for_sku
  sku -> class
{skus}
end
rule "Tiny orders" for order when order.total is less than 1.00 then skip "Total under 1.00" end
rule "Credit payments" for each payment in order.payments where payment.type is "credit" and payment.amount > 0.00
  then skip payment "Paid by credit" end
rule "No hash" for order then replace "#" with "" in order.number end
rule "Prefix" for order then set order.number to "WC-{{order.number}}" end
rule "Phone" for order then set bill_to.phone to replace_pattern(bill_to.phone, "[^0-9+]", "") end
rule "Register 1" for order when order.register_id is "1" then set ship_to.state to "MD" end
rule "Register 2" for order when order.register_id is "2" then set ship_to.state to "VA" end
rule "Country" for order when ship_to.country is missing then set ship_to.country to "US" end
rule "Cash on delivery" for order when order.payment_method_id is "cod" then set books.terms to "Due on receipt" end
rule "Counter" for order when order.store is "pos" then set order.channel to "Retail" end
rule "Guests" for order when customer.guest is yes then set books.customer to "Web guest" end
rule "Receipts" for order when order.status is "processing" then set books.transaction_type to "sales_receipt" end
rule "Inclusive" for order when order.prices_include_tax is yes then set books.memo to "Prices include tax" end
rule "Tax code" for order then set books.tax_code to lookup tax_code_for(ship_to.state) or else "Out of area" end
rule "Class" for each line in order.lines then set line.class to lookup class_for_sku(line.sku) or else "Other" end
rule "Gift cards" for each line in order.lines where line.sku starts with "GC-" then set line.tax_code to "Non" end
rule "Bulk" for each line in order.lines where line.quantity is at least 10 then set line.account to "Wholesale" end
rule "Free" for each line in order.lines where line.amount is 0.00 then set line.name to "{{line.name}} (free)" end
rule "Freight" for order
  when ship_to.country is one of ["US", "CA", "MX"] and order.total is at least 500.00
    and ship_to.state is not one of ["AK", "HI"]
  then set books.ship_via to "Freight" end
rule "Exempt" for order
  when (order.payment_method_id is one of ["purchase_order", "invoice"] or bill_to.company is present)
    and order.tax_total is 0.00
  then set books.class to "Exempt" end
"""


def orders(count: int) -> list[dict[str, Any]]:
    """Made-up orders, the same in every run."""
    random_ = random.Random(7)
    pick, chance = random_.choice, random_.random
    made = []
    for number in range(count):
        lines: list[dict[str, Any]] = []
        for place in range(random_.choices(range(1, 9), (35, 22, 14, 10, 7, 5, 4, 3))[0]):
            quantity = Decimal(pick((1, 1, 1, 2, 3, 5, 12)))
            price = Decimal(random_.randrange(0, 12_000)) / 100 if chance() > 0.03 else Decimal("0.00")
            sku = f"GC-{place}" if chance() < 0.04 else pick(SKUS)
            lines.append(
                {
                    "id": str(number * 10 + place),
                    "sku": sku,
                    "name": f"Product {sku}",
                    "quantity": quantity,
                    "unit_price": price,
                    "amount": quantity * price,
                    "class": None,
                    "tax_code": None,
                    "account": None,
                    "item": None,
                    "meta": {},
                }
            )
        total = sum((line["amount"] for line in lines), Decimal(0))
        payments = [{"id": "p1", "type": "card", "method": "Card", "amount": total, "currency": None}]
        if chance() < 0.12:
            payments.append(
                {"id": "p2", "type": "credit", "method": "Credit", "amount": Decimal("5.00"), "currency": None}
            )
        hash_ = "#" if chance() < 0.7 else ""
        made.append(
            {
                "order": {
                    "id": str(number),
                    "number": f"{hash_}{1_000_000 + number}",
                    "status": pick(("processing", "completed", "on-hold")),
                    "store": pick(("checkout", "checkout", "pos", "admin")),
                    "channel": None,
                    "currency": "USD",
                    "date": TODAY,
                    "total": total if chance() > 0.034 else Decimal("0.50"),
                    "tax_total": Decimal("0.00") if chance() < 0.4 else Decimal("3.10"),
                    "shipping_total": Decimal("5.00"),
                    "prices_include_tax": chance() < 0.1,
                    "note": None if chance() < 0.8 else "Leave at the door",
                    "payment_method": "Card",
                    "payment_method_id": pick(("stripe", "paypal", "cod", "invoice", "bacs")),
                    "transaction_id": f"ch_{number}",
                    "register_id": None if chance() < 0.6 else pick("1234"),
                    "tags": [],
                    "lines": lines,
                    "payments": payments,
                    "shipping_lines": [],
                    "fees": [],
                    "discounts": [],
                    "taxes": [],
                    "meta": {"_a": "1", "_b": "2", "_c": "3"},
                },
                "customer": {"id": "0", "name": "Jane Doe", "guest": chance() < 0.35},
                "bill_to": {
                    "name": "Jane Doe",
                    "company": "" if chance() < 0.8 else "Acme",
                    "city": "Baltimore",
                    "state": pick(STATES),
                    "country": "US",
                    "phone": pick(("(410) 555-0100", "410-555-0100", "+1 410 555 0100", "4105550100")),
                },
                "ship_to": {
                    "name": "Jane Doe",
                    "city": "Baltimore",
                    "state": pick(STATES),
                    "country": pick(("US", "US", "US", "CA", "")),
                },
                "books": {"custom": {}},
            }
        )
    return made


_TAX = {fold(state): f"Tax {state}" for state in STATES}
_CLASSES = {fold(sku): f"Class {number % 7}" for number, sku in enumerate(SKUS[:200])}
_PHONE = re.compile("[^0-9+]")
_ONE, _TEN, _ZERO, _LARGE = Decimal("1.00"), Decimal(10), Decimal("0.00"), Decimal("500.00")


def by_hand(
    record: dict[str, Any],
    tax: dict[str, str] = _TAX,
    classes: dict[str, str] = _CLASSES,
    phone_sub: Any = _PHONE.sub,
    fold: Callable[[str], str] = fold,
    one: Decimal = _ONE,
    ten: Decimal = _TEN,
    zero: Decimal = _ZERO,
    large: Decimal = _LARGE,
) -> tuple[str, str | None, str | None, dict[str, Any], tuple[Any, ...]]:
    """What the rules mean, written and tuned by hand: outcome, reason, rule, the record afterwards, what is left out."""
    result = dict(record)
    order = result["order"] = record["order"].copy()
    bill_to = result["bill_to"] = record["bill_to"].copy()
    ship_to = result["ship_to"] = record["ship_to"].copy()
    books = result["books"] = record["books"].copy()
    lines = order["lines"] = [line.copy() for line in order["lines"]]
    total = order.get("total")
    if total is not None and total < one:
        return "skip", "Total under 1.00", "Tiny orders", result, ()
    left: list[Any] = []
    payments = []
    for place, payment in enumerate(order["payments"], 1):
        kind = payment.get("type")
        amount = payment.get("amount")
        if (
            kind
            and (kind.strip().lower() if kind.isascii() else fold(kind)) == "credit"
            and amount is not None
            and amount > zero
        ):
            left.append(("payment", payment.get("id"), place, "Paid by credit", "Credit payments"))
        else:
            payments.append(payment)
    order["payments"] = payments
    number = order.get("number")
    if number and number.strip():
        order["number"] = "WC-" + number.replace("#", "")
    phone = bill_to.get("phone")
    if phone and phone.strip():
        bill_to["phone"] = phone_sub("", phone)
    register = order.get("register_id")
    register = (register.strip().lower() if register.isascii() else fold(register)) if register else ""
    state = ship_to.get("state")
    if register == "1":
        ship_to["state"] = state = "MD"
    elif register == "2":
        ship_to["state"] = state = "VA"
    state = (state.strip().lower() if state.isascii() else fold(state)) if state else ""
    country = ship_to.get("country")
    country = (country.strip().lower() if country.isascii() else fold(country)) if country else ""
    if not country:
        ship_to["country"] = "US"
        country = "us"
    method = order.get("payment_method_id")
    method = (method.strip().lower() if method.isascii() else fold(method)) if method else ""
    if method == "cod":
        books["terms"] = "Due on receipt"
    store = order.get("store")
    if store and (store.strip().lower() if store.isascii() else fold(store)) == "pos":
        order["channel"] = "Retail"
    if record["customer"].get("guest") is True:
        books["customer"] = "Web guest"
    status = order.get("status")
    if status and (status.strip().lower() if status.isascii() else fold(status)) == "processing":
        books["transaction_type"] = "sales_receipt"
    if order.get("prices_include_tax") is True:
        books["memo"] = "Prices include tax"
    books["tax_code"] = tax.get(state, "Out of area")
    for line in lines:
        sku = line.get("sku")
        sku = (sku.strip().lower() if sku.isascii() else fold(sku)) if sku else ""
        line["class"] = classes.get(sku, "Other")
        if sku.startswith("gc-"):
            line["tax_code"] = "Non"
        quantity = line.get("quantity")
        if quantity is not None and quantity >= ten:
            line["account"] = "Wholesale"
        amount = line.get("amount")
        if amount is not None and amount == zero:
            name = line.get("name")
            if name and name.strip():
                line["name"] = name + " (free)"
    if total is not None and total >= large and country in ("us", "ca", "mx") and state not in ("ak", "hi"):
        books["ship_via"] = "Freight"
    company = bill_to.get("company")
    if method in ("purchase_order", "invoice") or (company and company.strip()):
        taxes = order.get("tax_total")
        if taxes is None or taxes == zero:
            books["class"] = "Exempt"
    return "sync", None, None, result, tuple(left)


def program() -> Program:
    """The workload's rule set, compiled."""
    checked = check_text(rules(), file="bench.rules", schema=vocabulary())
    if checked.ruleset is None:
        raise SystemExit("\n".join(f"{each.code} {each.message}" for each in checked.diagnostics))
    return compile_ruleset(checked.ruleset)


def check(rule_set: Program, records: list[dict[str, Any]]) -> int:
    """Both must give the same for every order; the number of orders skipped."""
    skipped = 0
    for record in records:
        outcome, reason, rule, result, left = by_hand(record)
        decision = rule_set.run_generated(record, today=TODAY, trace="off")
        same = (decision.outcome, decision.reason, decision.rule, decision.record) == (outcome, reason, rule, result)
        told = [(each.kind, each.item_id, each.index, each.reason, each.rule) for each in decision.left_out]
        if not same or told != list(left):
            raise SystemExit(f"Rules and hand-written Python differ for order {record['order']['number']}")
        skipped += outcome == "skip"
    return skipped


def timed(work: Callable[[dict[str, Any]], Any], records: list[dict[str, Any]]) -> float:
    """Microseconds of CPU time for one order."""
    gc.collect()
    gc.disable()
    start = time.process_time()
    for record in records:
        work(record)
    spent = time.process_time() - start
    gc.enable()
    return spent / len(records) * 1e6


def run(count: int = 2_000, rounds: int = 31) -> None:
    """Print the figures."""
    rule_set, records = program(), orders(count)
    skipped = check(rule_set, records)
    evaluate = rule_set.evaluate
    works: dict[str, Callable[[dict[str, Any]], Any]] = {
        "hand-written Python": by_hand,
        "rules, trace off": partial(evaluate, today=TODAY, trace="off"),
        "rules, fired rules (mask)": partial(evaluate, today=TODAY, trace="mask"),
        "rules, every change (full)": partial(evaluate, today=TODAY),
    }
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            spent[name].append(timed(work, records))
    some = records[: max(1, count // 20)]
    walked = min(timed(partial(rule_set.walk, today=TODAY), some) for _ in range(2))
    hand = spent["hand-written Python"]
    out = sys.stdout
    out.write(
        f"{len(records):,} orders, 20 rules, {skipped:,} skipped; median of {rounds} rounds, each compared within itself; "
        f"Python {sys.version.split()[0]}\n"
    )
    for name, times in spent.items():
        # Machines change their pace from one moment to the next: what ran side by side is compared, not the best of each.
        ratio = median(by_us / by_rules for by_us, by_rules in zip(hand, times, strict=True))
        out.write(f"{name:28} {median(times):8.2f} us an order   {ratio:5.2f} x the speed of hand-written\n")
    out.write(f"{'rules, tree walker':28} {walked:8.2f} us an order   {median(hand) / walked:5.2f} x\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=31)
    asked = parser.parse_args()
    run(asked.orders, asked.rounds)

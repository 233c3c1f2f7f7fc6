"""The workload's 20 rules in our language, compiled; changes with the workload alone."""

from bench.rules.workload import CLASSES, TAX_CODES
from dsl.check import check_text
from dsl.program import Program, compile_ruleset
from engine.vocabulary import vocabulary

_RULES = """
rule "Tiny orders" for order when order.total is less than 1.00 then skip "Total under 1.00" end
rule "Credit payments" for each payment in order.payments where payment.type is "credit" and payment.amount > 0.00
  then skip payment "Paid by credit" end
rule "No hash" for order then replace "#" with "" in order.number end
rule "Prefix" for order then set order.number to "WC-{order.number}" end
rule "Phone" for order then set bill_to.phone to replace_pattern(bill_to.phone, "[^0-9+]", "") end
rule "Register 1" for order when order.register_id is "1" then set ship_to.state to "MD" end
rule "Register 2" for order when order.register_id is "2" then set ship_to.state to "VA" end
rule "Country" for order when ship_to.country is missing then set ship_to.country to "US" end
rule "Cash on delivery" for order when order.payment_method_id is "cod" then set books.terms to "Due on receipt" end
rule "Counter" for order when order.store is "pos" then set order.channel to "Retail" end
rule "Guests" for order when customer.id is "0" then set books.customer to "Web guest" end
rule "Receipts" for order when order.status is "processing" then set books.transaction_type to "sales_receipt" end
rule "Inclusive" for order when order.prices_include_tax is yes then set books.memo to "Prices include tax" end
rule "Tax code" for order then set books.tax_code to lookup tax_code_for(ship_to.state) or else "Out of area" end
rule "Class" for each line in order.lines then set line.class to lookup class_for_sku(line.sku) or else "Other" end
rule "Gift cards" for each line in order.lines where line.sku starts with "GC-" then set line.tax_code to "Non" end
rule "Bulk" for each line in order.lines where line.quantity is at least 10 then set line.account to "Wholesale" end
rule "Free" for each line in order.lines where line.amount is 0.00 then set line.name to "{line.name} (free)" end
rule "Freight" for order
  when ship_to.country is one of ["US", "CA", "MX"] and order.total is at least 500.00
    and ship_to.state is not one of ["AK", "HI"]
  then set books.ship_via to "Freight" end
rule "Exempt" for order
  when (order.payment_method_id is one of ["purchase_order", "invoice"] or bill_to.company is present)
    and order.tax_total is 0.00
  then set books.class to "Exempt" end
"""


def rules() -> str:
    """The text of the rule set."""
    states = "\n".join(f'  "{state}" -> "{code}"' for state, code in TAX_CODES.items())
    skus = "\n".join(f'  "{sku}" -> "{class_}"' for sku, class_ in CLASSES.items())
    return f"table tax_code_for\n  state -> code\n{states}\nend\ntable class_for_sku\n  sku -> class\n{skus}\nend\n{_RULES}"


def program() -> Program:
    """The rule set, compiled."""
    checked = check_text(rules(), file="bench.rules", schema=vocabulary())
    if checked.ruleset is None:
        raise SystemExit("\n".join(f"{each.code} {each.message}" for each in checked.diagnostics))
    return compile_ruleset(checked.ruleset)

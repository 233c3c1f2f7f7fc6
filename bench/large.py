"""A large rule set as a chain of shops would have it: made-up, the same in every run; changes with what rules people write.

    python -m bench.large [RULES] > chain.rules

Every shop of the chain has a chapter of its own: its flow, its rules (who pays how, which class, which account, what is
held and what is skipped), and tests; tables, lists and settings stand before them. The file checks clean: shops exclude
each other by `order.store`, and what two rules of one shop may both write is filled or overridden.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from string import Template

_CITY_NAMES = """
Baltimore Annapolis Frederick Rockville Bethesda Salisbury Richmond Norfolk Roanoke Fairfax Dover Newark Camden Trenton
Philadelphia Pittsburgh Harrisburg Scranton Albany Buffalo Rochester Syracuse Yonkers Stamford Hartford Providence Boston
Worcester Springfield Portland Augusta Concord Nashua Burlington Raleigh Durham Charlotte Wilmington Columbia Charleston
Savannah Macon Atlanta Athens Orlando Tampa Miami Tallahassee Mobile Birmingham Nashville Memphis Louisville Lexington
Cincinnati Dayton Cleveland Toledo Detroit Lansing Chicago Peoria Madison Milwaukee Minneapolis Duluth Omaha Lincoln
Wichita Topeka Denver Boulder Austin Houston Dallas Laredo Tulsa Tucson Phoenix Reno Boise Spokane Seattle Tacoma
"""
_KINDS = ("Outdoors", "Outlet", "Wholesale")
_STATE_NAMES = """
AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC
SD TN TX UT VT VA WA WV WI WY
"""
_CITIES = _CITY_NAMES.split()
_STATES = _STATE_NAMES.split()
_METHODS = ("PayPal", "Amazon Pay", "Afterpay", "Klarna", "Stripe", "Square", "Affirm")
_CARRIERS = ("UPS", "FedEx", "USPS", "DHL", "freight")
_BRANDS = ("TENT", "BOOT", "PACK", "LAMP", "ROPE", "KAYAK", "STOVE", "COAT")

_HEAD = """\
ruleset "Acme chain: web stores to books"
  language 1
  note "Every store has its chapter. What holds for all of them stands at the end."
end

// ---- what people may change without touching the rules ---------------------------------------------------------------

setting hold_over is money default 5000.00 USD note "Orders above this are looked at"
setting hold_lines is number default 40 note "Orders with more lines than this are looked at"
setting order_prefix is text default "" note "Put before every order number"
setting bill_account is account default "Cost of Goods Sold" note "For the lines of bills"
setting gift_card_account is account default "Gift Cards" note "Gift cards are money owed, not income"
setting freight_item is item default "Freight" note "The item for carriers' charges"
setting spare_stock is number default 2 note "So many pieces are never offered on the web"
setting thanks is text default "Thank you for your order!" note "Printed on invoices"

list store_credit is ["Credit Account", "Store Credit", "Gift Card"]
list staff is ["ann@acme.example", "bob@acme.example", "eve@acme.example"]
list paid_later is ["cod", "cheque", "invoice", "purchase_order"]
"""

#: One rule each, in the order in which they stand in a chapter. `$` stands before what differs from store to store.
_RULES = (
    # --- what does not come in at all
    """
rule "$store: test orders stay out"
  for order
  when order.store is "$store" and (order.note contains "test order" or customer.email ends with "@test.$code.example")
  then skip "A test order of $store"
end
""",
    """
rule "$store: staff orders stay out"
  note "Staff buys at the till; the web order is only a reservation."
  for order
  when order.store is "$store" and customer.email is one of staff
  then skip "A reservation of {customer.email}"
end
""",
    """
rule "$store: nothing before the first day"
  for order when order.store is "$store" and order.date is before $year-0$month-01
  then skip "Ordered on {order.date}, before the store's books begin"
end
""",
    # --- what a person looks at
    """
rule "$store: large orders are looked at"
  for order
  when order.store is "$store" and order.total is more than hold_over
  then hold "{order.total} is more than {hold_over}"
end
""",
    """
rule "$store: long orders are looked at"
  for order
  when order.store is "$store" and count(order.lines where line.amount is more than 0) is more than hold_lines
  then hold "More than {hold_lines} lines"
end
""",
    """
rule "$store: unpaid orders wait"
  for order
  when order.store is "$store" and order.paid is no and order.payment_method_id is present
    and order.payment_method_id is not one of paid_later
  then hold "Not paid yet" until order.paid is yes for up to $days days
end
""",
    """
rule "$store: no country, no invoice"
  for order
  when order.store is "$store" and ship_to.country is missing and bill_to.country is missing
  then fail "Neither address of order {order.number} has a country"
end
""",
    # --- addresses
    """
rule "$store: the till is in $state"
  note "Walk-in sales carry no shipping address."
  for order
  when order.store is "$store" and order.register_id is "$register"
  then fill ship_to.state with "$state"
       fill ship_to.country with "US"
end
""",
    """
rule "$store: phone numbers without dashes"
  for order when order.store is "$store" and bill_to.phone contains "-"
  then replace "-" with "" in bill_to.phone
end
""",
    """
rule "$store: company instead of name"
  for order
  when order.store is "$store" and bill_to.company is present and customer.company is missing
  then fill customer.company with trim(bill_to.company)
end
""",
    # --- the number
    """
rule "$store: numbers as the warehouse writes them"
  for order
  when order.store is "$store" and order.number matches pattern "^$upper-[0-9]{1,8}$$"
  then set books.number to left(text_after(order.number, "-"), 21)
end
""",
    """
rule "$store: PO number from checkout"
  for order
  when order.store is "$store" and (order.meta["_po_number"] is present or order.po_number is present)
  then fill books.po_number with left(order.meta["_po_number"] or else order.po_number, 31)
end
""",
    # --- customer, class, place
    """
rule "$store: one customer per currency"
  for order
  when order.store is "$store" and customer.guest is yes
  then set books.customer to "$city {order.currency}"
end
""",
    """
rule "$store: $brand Club is one customer"
  for order
  when order.store is "$store" and bill_to.company matches "$brand Club*"
  then override books.customer with "$brand Club, Inc."
end
""",
    """
rule "$store: class by state"
  for order
  when order.store is "$store"
  then set books.class to lookup class_for_state(ship_to.state or else bill_to.state) or else "Out of state"
end
""",
    """
rule "$store: sales nearby"
  for order
  when order.store is "$store" and ship_to.state is one of ["$state", "$near"] and order.channel is missing
  then override books.class with "$city nearby"
       fill order.channel with "Regional"
end
""",
    """
rule "$store: the place in the books"
  for order when order.store is "$store"
  then set books.location to "$city"
end
""",
    # --- tax
    """
rule "$store: tax code by state"
  for order
  when order.store is "$store" and ship_to.country is "US"
  then set books.tax_code to lookup tax_code_for(ship_to.state, order.taxable) or hold "No tax code for {ship_to.state}"
end
""",
    """
rule "$store: abroad is untaxed"
  for order
  when order.store is "$store" and ship_to.country is present and ship_to.country is not "US"
  then set books.tax_code to "Non"
end
""",
    """
rule "$store: exempt customers"
  for order
  when order.store is "$store" and customer.tax_exempt is yes and order.tax_total is 0
  then override books.tax_code with "Non"  tag "exempt"
end
""",
    # --- money
    """
rule "$store: $method has its own account"
  for each payment in order.payments where order.store is "$store" and payment.method contains "$method"
  then fill payment.deposit_account with "$method $city"
end
""",
    """
rule "$store: $other has its own account"
  for each payment in order.payments
  where order.store is "$store" and (payment.method starts with "$other" or payment.method_id is "$othercode")
  when payment.amount is more than 0
  then fill payment.deposit_account with "$other Clearing"
  otherwise tag "$other without an amount"
end
""",
    """
rule "$store: store credit is no payment"
  for each payment in order.payments where order.store is "$store" and payment.type is one of store_credit
  then skip payment "Paid from the customer's credit account"
end
""",
    """
rule "$store: all other money"
  for order
  when order.store is "$store" and order.payment_method is present
  then fill books.deposit_account with if(order.currency is "USD", "Undeposited Funds", "Undeposited Funds {order.currency}")
end
""",
    """
rule "$store: tagged wholesale"
  for order
  when order.store is "$store" and order.tags contains "wholesale"
  then fill books.terms with "Net $net"
       set books.transaction_type to "invoice"
       fill books.due_date with order.date + $net days
end
""",
    # --- lines
    """
rule "$store: $brand articles by their base"
  for each line in order.lines
  where order.store is "$store" and line.sku starts with "$brand-" and line.item is missing
  then fill line.item with text_before(text_after(line.sku, "-"), "-") or else line.sku
end
""",
    """
rule "$store: class by article"
  for each line in order.lines
  where order.store is "$store" and line.sku is present
  then fill line.class with lookup class_for_article(text_before(line.sku, "-")).class or else "$city"
       fill line.account with lookup class_for_article(text_before(line.sku, "-")).account
end
""",
    """
rule "$store: packs of $pack are single pieces"
  for each line in order.lines
  where order.store is "$store" and line.name contains "$pack pack"
  then set line.quantity to line.quantity * $pack
       set line.unit_price to line.unit_price / $pack
end
""",
    """
rule "$store: gift cards are owed"
  for each line in order.lines
  where order.store is "$store" and (line.sku starts with "GC-" or line.name has the word "gift card")
  then override line.account with gift_card_account
       set line.tax_code to "Non"
end
""",
    """
rule "$store: free gifts are left out"
  for each line in order.lines where order.store is "$store" and line.amount is 0 and line.sku starts with "FREE-"
  then skip line "A free gift: {line.name}"
end
""",
    """
rule "$store: names of variations"
  for each line in order.lines
  where order.store is "$store" and line.options["Color"] is present
  then set line.description to left("{line.name}, {lower(line.options[""Color""])}", 4000)
end
""",
    # --- shipping, fees, discounts
    """
rule "$store: $carrier has its item"
  for each shipping in order.shipping_lines
  where order.store is "$store" and shipping.method has the word "$carrier" and shipping.amount is more than 0
  then fill shipping.item with freight_item
end
""",
    """
rule "$store: how it ships"
  for order
  when order.store is "$store" and order.shipping_method contains "$carrier"
  then fill books.ship_via with "$carrier"
       fill books.ship_date with order.ship_date or else order.date + 1 days
end
""",
    """
rule "$store: fees have one item"
  for each fee in order.fees where order.store is "$store" and fee.name is present
  then set fee.item to if(fee.name contains "deposit", "Bottle Deposit", "Handling")
end
""",
    """
rule "$store: coupons of the season"
  for each discount in order.discounts
  where order.store is "$store" and (discount.code starts with "$upper" or discount.code ends with "$year")
  then set discount.item to "Coupons $city"
end
""",
    # --- words
    """
rule "$store: memo"
  for order
  when order.store is "$store"
  then set books.memo to left("$city, order {order.number} of {order.date}: {order.note or else ""no note""}", 4000)
end
""",
    """
rule "$store: message"
  for order
  when order.store is "$store" and order.total is at least 100 and not (order.tags contains "quiet")
  then fill books.message with "{thanks} Your team in $city"
end
""",
    """
rule "$store: the sales rep"
  for order
  when order.store is "$store" and order.meta["_sales_rep"] is present
  then set books.custom["Sales rep"] to left(upper(order.meta["_sales_rep"]), 31)
end
""",
    """
rule "$store: mail the invoice"
  for order
  when order.store is "$store" and customer.email is present
    and every line in order.lines where (line.sku starts with "DIG-" or line.name contains "download")
  then set books.email_invoice to yes
end
""",
    # --- what people look for later
    """
rule "$store: orders of some size"
  for order when order.store is "$store" and order.total is between 500 and $size
  then tag "$code medium"
end
""",
    """
rule "$store: much of one thing"
  for order
  when order.store is "$store"
    and (some line in order.lines where (line.quantity is at least 24)
      or sum(line.quantity in order.lines where line.sku starts with "$brand-") is more than 48)
  then tag "$code bulk"  log "Many pieces in {order.number}"
end
""",
    """
rule "$store: numbers that came with a sign"
  for order when order.store is "$store" and original order.number starts with "#"
  then log "The shop wrote {original order.number}"
end
""",
    """
rule "$store: margin note" off
  note "Switched off since the report shows it."
  for order when order.store is "$store" and order.subtotal is more than 0
  then log "A tenth of {order.subtotal} is {order.subtotal * 10%}"
end
""",
    # --- other records
    """
rule "$store: damaged goods"
  for refund
  when order.store is "$store" and refund.reason has the word "damaged"
  then set books.class to "Claims $city"  set books.memo to "Damaged: {refund.reason}"
end
""",
    """
rule "$store: articles of $code"
  for product when product.sku starts with "$upper-"
  then fill product.income_account with "Sales $city"
       fill product.cost_account with bill_account
end
""",
    """
rule "$store: stock in $city"
  for stock when stock.location is "$store"
  then set stock.quantity to max(0, stock.available - spare_stock)
end
""",
    """
rule "$store: bills of $brand Makers"
  for each line in purchase.lines
  where purchase.vendor is "$brand Makers $city" and line.account is missing
  then set line.account to bill_account
end
""",
)

_FOR_ALL = """
// ---- what holds for every store --------------------------------------------------------------------------------------

rule "Order prefix"
  for order
  when order_prefix is not "" and not order.number starts with order_prefix
  then set order.number to "{order_prefix}{order.number}"
end
"""

_FLOW = """
flow "$store to QuickBooks"
  from woocommerce  to quickbooks
  sync orders
  every $minutes minutes
  when order.store is "$store" and order.status is one of ["processing", "completed"]
  starting $year-0$month-01
  notify "books.$code@acme.example" on hold, failure
  with
    record_as        = $record
    match_customers  = company_or_first_last
    match_products   = sku
    missing_products = create_non_inventory
    sales_tax        = map_codes
end

flow "$store stock"
  from woocommerce  to quickbooks
  sync stock
  every 1 hours
end

flow "$store purchases"
  from woocommerce  to quickbooks
  sync purchases
  every 1 days
end
"""

#: A title's end, and the test of the rule that has it.
_TESTS = (
    (
        ": test orders stay out",
        """
test "$store: a test order stays out"
  given order
    order.store = "$store"  order.note = "Test order, please ignore"
    line sku = "$brand-1" quantity = 1 amount = 10.00 USD
  expect
    skipped "A test order of $store"
end
""",
    ),
    (
        ": the till is in ",
        """
test "$store: a walk-in sale is in $state"
  given order
    order.store = "$store"  order.register_id = "$register"  bill_to.country = "US"  order.date = $year-12-31
    line sku = "$brand-1-S" quantity = 2 amount = 19.90 USD
  expect
    ship_to.state is "$state"  fired "$store: the till is in $state"
end
""",
    ),
    (
        ": store credit is no payment",
        """
test "$store: store credit is left out"
  given order
    order.store = "$store"  bill_to.country = "US"  ship_to.state = "$state"  order.date = $year-12-31
    line sku = "$brand-7" quantity = 1 amount = 20.00 USD
    payment type = "store credit" amount = 20.00 USD
  expect
    payment 1 skipped  fired "$store: store credit is no payment"
end
""",
    ),
    (
        ": gift cards are owed",
        """
test "$store: a gift card is owed"
  given order
    order.store = "$store"  bill_to.country = "US"  order.date = $year-12-31
    line sku = "GC-50" quantity = 1 amount = 50.00 USD
    line sku = "$brand-2" quantity = 1 amount = 12.00 USD
  expect
    line 1 account is "Gift Cards"  line 1 tax_code is "Non"  line 2 tax_code is missing
end
""",
    ),
    (
        ": unpaid orders wait",
        """
test "$store: an unpaid order waits"
  given order
    order.store = "$store"  bill_to.country = "US"  order.paid = no  order.payment_method_id = "bacs"
    order.date = $year-12-31
    line sku = "$brand-3" quantity = 1 amount = 80.00 USD
  expect
    held "Not paid yet"
end
""",
    ),
)


def _tables(random_: random.Random) -> Iterator[str]:
    yield "\ntable tax_code_for\n  state | taxable -> code\n"
    for state in _STATES:
        if state not in ("DE", "MT", "NH", "OR", "AK"):
            yield f'  "{state}" | yes -> "{state} Sales Tax"\n'
    yield '  "DE" or "MT" or "NH" or "OR" or "AK" | yes -> "Non"\n'
    yield '  any | no -> "Non"\n  otherwise -> missing\nend\n'
    yield "\ntable class_for_state\n  state -> class\n"
    for state in _STATES:
        yield f'  "{state}" -> "Region {random_.randrange(1, 9)}"\n'
    yield "end\n\ntable class_for_article\n  article -> class | account\n"
    for brand in _BRANDS:
        yield f'  "{brand}" -> "{brand.title()}s" | "Sales:{brand.title()}"\n'
    for number in range(400):
        yield f'  "A{number:03}" -> "Range {number % 17}" | "Sales:Range {number % 5}"\n'
    yield "end\n"


def _chapters(random_: random.Random) -> Iterator[dict[str, str]]:
    """What the stores differ in, store by store, without end."""
    number = 0
    while True:
        city = _CITIES[number % len(_CITIES)]
        kind = _KINDS[number // len(_CITIES) % len(_KINDS)]
        ordinal = number // (len(_CITIES) * len(_KINDS))
        state, near = random_.sample(_STATES, 2)
        method, other = random_.sample(_METHODS, 2)
        code = f"{city[:4].lower()}{number}"
        yield {
            "store": f"{city} {kind}" + (f" {ordinal + 1}" if ordinal else ""),
            "city": city,
            "code": code,
            "upper": code.upper(),
            "state": state,
            "near": near,
            "method": method,
            "other": other,
            "othercode": other.lower().replace(" ", "_"),
            "brand": random_.choice(_BRANDS),
            "carrier": random_.choice(_CARRIERS),
            "register": str(random_.randrange(1, 9)),
            "days": str(random_.choice((14, 30, 60))),
            "net": str(random_.choice((15, 30, 60))),
            "pack": str(random_.choice((2, 3, 6, 12))),
            "size": str(random_.choice((1000, 2000, 4000))),
            "year": str(random_.randrange(2022, 2026)),
            "month": str(random_.randrange(1, 10)),
            "minutes": str(random_.choice((10, 15, 30))),
            "record": random_.choice(("sales_receipt", "invoice", "invoice_and_payment_if_paid")),
        }
        number += 1


def text(rules: int = 2000, seed: int = 7) -> str:
    """A file with that many rules (one at least). The same arguments give the same text, byte for byte."""
    random_ = random.Random(seed)
    parts = [_HEAD, *_tables(random_)]
    left = rules - 1
    for number, values in enumerate(_chapters(random_)):
        if left <= 0:
            break
        parts.append(f"\n// ---- {values['store']} ".ljust(121, "-") + "\n")
        parts.append(Template(_FLOW).substitute(values))
        # Not every store needs everything; the first one has all, so that each setting of the head is read.
        chosen = [each for each in _RULES if number == 0 or random_.random() < 0.85][:left]
        left -= len(chosen)
        chapter = "".join(Template(each).substitute(values) for each in chosen)
        parts.append(chapter)
        parts += [
            Template(test).substitute(values) for title, test in _TESTS if f'rule "{values["store"]}{title}' in chapter
        ]
    parts.append(_FOR_ALL)
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(text(*(int(each) for each in sys.argv[1:2])))

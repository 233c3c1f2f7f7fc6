"""What is suggested where, in texts that nobody has finished yet."""

import pytest

from dsl.service.completing import complete
from tests.service.service_kit import marked, view

DECLARED = """use "orders/order_prefix" version "1.0" as std end
setting hold_over is money default 5.00 USD
list stores is ["A"]
table tax_code_for
  state -> code
  otherwise -> missing
end
flow "Web" from woocommerce to quickbooks sync orders end
rule "First" for order then tag "x" end
"""

CASES = [
    ('rule "A" for order when order.st‸', ["order.status", "order.store"], ["line.sku", "purchase.number"]),
    ('rule "A" for order when order.status is ‸', ["processing", "completed"], ["MD"]),
    ('rule "A" for order when order.status is one of ["processing", "‸', ["completed"], ["Retail"]),
    ('rule "A" for order when ship_to.state is "‸" then skip "x" end', ["MD"], ["processing"]),
    ('rule "A" for order then set books.deposit_account to ‸', ["PayPal Deposits", "order.store", "upper"], ["Retail"]),
    ('rule "A" for order then set books.class to "‸', ["Retail", "Online:Shop"], ["PayPal Deposits"]),
    ('rule "A" for order when order.total is m‸', ["more", "hold_over"], []),
    ('rule "A" for order when order.paid is ‸', ["yes", "no", "missing"], []),
    ('rule "A" for ‸', ["order", "refund", "product", "each"], ["order.number"]),
    ('rule "A" for each line in ‸', ["order.lines", "purchase.lines"], ["order.payments", "order.number"]),
    ('rule "A" for each line in order.lines where ‸', ["line.sku", "order.number", "not"], []),
    ('rule "A" for order ‸', ["when", "then", "from"], ["order.number"]),
    ('rule "A" for order then ‸', ["set", "fill", "skip", "hold"], ["order.number"]),
    ('rule "A" for order then set ‸', ["order.number", "books.class"], ["hold_over_x"]),
    ('rule "A" for order then set books.tax_code to lookup ‸', ["tax_code_for"], ["hold_over"]),
    (
        'rule "A" for order then set books.tax_code to lookup tax_code_for(upper(ship_to.state)).‸',
        ["code"],
        ["state", "order.number"],
    ),
    (
        'rule "A" for order then set books.tax_code to lookup tax_code_for(ship_to.state).co‸',
        ["code"],
        ["order.number"],
    ),
    ('rule "A" for order then log "Store {ord‸', ["order.store"], ["set"]),
    ('rule "A" for order then log "‸', [], ["order.store", "set"]),
    ('rule "A" replaces "‸', ["std: Order prefix"], ["First"]),
    ('rule "A" for order in flow "‸', ["Web"], []),
    ('flow "B" from ‸', ["woocommerce", "lightspeed"], ["order.number"]),
    ('flow "B" from woocommerce to quickbooks sync ‸', ["orders", "products"], ["order"]),
    ('flow "B" from woocommerce to quickbooks sync orders with ‸', ["record_as", "match_products"], ["order.number"]),
    (
        'flow "B" from woocommerce to quickbooks sync orders with record_as = ‸',
        ["invoice", "sales_receipt"],
        ["record_as"],
    ),
    ('flow "B" from woocommerce sync orders with record_as = invoice ‸', ["match_products"], ["record_as"]),
    ("setting s is ‸", ["money", "account", "text"], ["order.number"]),
    ('use "‸', ["orders/order_prefix", "orders/base_sku"], []),
    ('use "orders/base_sku" version "‸', ["1.0"], []),
    ('use "orders/order_prefix" version "1.0" as other set ‸', ["order_prefix", "order_suffix"], ["hold_over"]),
    ('test "T" given ‸', ["order", "refund"], []),
    ('test "T" given order line ‸', ["sku", "quantity"], ["order.number_x"]),
    ('test "T" given order order.number = "1" expect fired "‸', ["First", "std: Order prefix"], []),
    ('test "T" given order order.number = "1" expect ‸', ["order.number", "fired", "skipped", "document"], []),
    ("‸", ["rule", "setting", "flow", "test"], ["set", "order.number"]),
    ('rule "B" for order then tag "x" end ‸', ["rule", "table"], ["set"]),
    ("// a remark about ord‸", [], ["order.number", "rule"]),
    ('rule "A" for order when order.total is mor than 5.00 USD and order.st‸', ["order.status"], []),
]


@pytest.mark.parametrize(("text", "wanted", "unwanted"), CASES)
def test_what_fits_is_suggested_and_what_does_not_is_not(text: str, wanted: list[str], unwanted: list[str]) -> None:
    whole, offset = marked(DECLARED + text)
    labels = {each.label for each in complete(view(whole), offset)}
    assert set(wanted) <= labels, (sorted(set(wanted) - labels), sorted(labels)[:40])
    assert not set(unwanted) & labels


@pytest.mark.parametrize(
    ("text", "label", "result"),
    [
        ('rule "A" for order when order.st‸', "order.status", 'rule "A" for order when order.status'),
        (
            'rule "A" for order when order.status is "pro‸" then',
            "processing",
            'rule "A" for order when order.status is "processing" then',
        ),
        (
            'rule "A" for order when order.status is ‸',
            "completed",
            'rule "A" for order when order.status is "completed"',
        ),
        (
            'rule "A" for order then log lookup tax_code_for(order.store).c‸',
            "code",
            'rule "A" for order then log lookup tax_code_for(order.store).code',
        ),
        ('rule "A" for order then log "{ord‸}" end', "order.store", 'rule "A" for order then log "{order.store}" end'),
        (
            'test "T" given order order.number = "1" expect fired "Fi‸',
            "First",
            'test "T" given order order.number = "1" expect fired "First"',
        ),
    ],
)
def test_taking_a_suggestion_gives_the_text_that_was_meant(text: str, label: str, result: str) -> None:
    whole, offset = marked(DECLARED + text)
    taken = next(each for each in complete(view(whole), offset) if each.label == label)
    assert (whole[: taken.start] + taken.text + whole[taken.end :])[len(DECLARED) :] == result


def test_a_field_comes_with_its_label_type_and_an_example() -> None:
    whole, offset = marked('rule "A" for order when order.num‸')
    number = next(each for each in complete(view(whole), offset) if each.label == "order.number")
    assert number.detail == "Order number – text"
    assert '"#1007"' in number.documentation


def test_values_of_the_field_come_first() -> None:
    whole, offset = marked('rule "A" for order when order.status is ‸')
    assert complete(view(whole), offset)[0].kind == "value"


def test_every_place_of_a_file_can_be_asked() -> None:
    text = DECLARED + 'rule "A" for order when order.total > 5 then set books.class to "{order.store} x" end'
    opened = view(text)
    for offset in range(0, len(text) + 1, 3):
        for each in complete(opened, offset):
            assert 0 <= each.start <= offset <= max(each.end, offset) <= len(text)

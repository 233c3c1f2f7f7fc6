"""The workload's tests in the Common Expression Language, which three peers speak; changes with the workload."""

TESTS = {
    "tiny": "order.total < 1.0",
    "credit": "payment.type == 'credit' && payment.amount > 0.0",
    "register 1": "order.register_id == '1'",
    "register 2": "order.register_id == '2'",
    "no country": "ship_to.country == ''",
    "cod": "order.payment_method_id == 'cod'",
    "pos": "order.store == 'pos'",
    "guest": "customer.id == '0'",
    "processing": "order.status == 'processing'",
    "inclusive": "order.prices_include_tax",
    "gift": "line.sku.startsWith('GC-')",
    "bulk": "line.quantity >= 10.0",
    "free": "line.amount == 0.0",
    "freight": ("ship_to.country in ['US', 'CA', 'MX'] && order.total >= 500.0 && !(ship_to.state in ['AK', 'HI'])"),
    "exempt": (
        "(order.payment_method_id in ['purchase_order', 'invoice'] || bill_to.company != '') && order.tax_total == 0.0"
    ),
}
FREE = "line.name + ' (free)'"
ROOTS = ("order", "customer", "bill_to", "ship_to", "books", "line", "payment")

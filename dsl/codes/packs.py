"""The codes of packs (R7xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import RULE, Code, rule

_STANDARD = """ruleset "Web store, standard"
  language 1
  version "2.3"
end
setting order_prefix is text default "" note "Put before every order number"
rule "Skip unpaid orders"
  for order
  when order.paid is no
  then skip "Not paid"
end
rule "Order prefix"
  for order
  when order_prefix is present and not order.number starts with order_prefix
  then set order.number to "{order_prefix}{order.number}"
end
"""
_OUTLET = """setting order_prefix is text default "B-"
rule "Skip tests"
  for order
  when order.store is "Test" and order_prefix is present
  then skip "Test"
end
"""
_PACKS = {"woocommerce/standard@2.3": _STANDARD, "shop/outlet@1": _OUTLET}
"""The canned rule sets that the samples can use; docs show how a file uses one, not what stands in it."""
_TWO = 'use "woocommerce/standard" version "2.3" as std\nend\nuse "shop/outlet" version "1" as outlet\nend\n'

PACKS = (
    Code(
        "R701",
        "An unknown pack",
        "There is no canned rule set of that name.",
        'use "woocommerce/standart" version "2.3" as std\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n',
        why="None of the pack's rules would run.",
        packs=_PACKS,
    ),
    Code(
        "R702",
        "An unknown version of a pack",
        "The canned rule set exists, but not in this version.",
        'use "woocommerce/standard" version "9.9" as std\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n',
        why="Versions are pinned so that the books do not change by themselves: another one is never taken in its place.",
        packs=_PACKS,
    ),
    Code(
        "R703",
        "A rule that the pack does not have",
        "`turn off` and `replaces` name a rule of a used pack by its title.",
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid order"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid orders"\nend\n',
        why="The rule that was meant would go on running.",
        packs=_PACKS,
    ),
    Code(
        "R704",
        "A setting that the pack does not have",
        "`set` in `use` gives a value to one of the pack's settings.",
        'use "woocommerce/standard" version "2.3" as std\n  set order_prefx to "WC-"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\n  set order_prefix to "WC-"\nend\n',
        why="The setting that was meant would keep its default.",
        packs=_PACKS,
    ),
    Code(
        "R705",
        "A name of two packs",
        "Two used packs have a setting, list or table of this name: write it with the pack's short name, as in `std.order_prefix`.",
        _TWO + rule('set order.number to "{order_prefix}{order.number}"', 'order.store is "Outlet"'),
        _TWO + rule('set order.number to "{std.order_prefix}{order.number}"', 'order.store is "Outlet"'),
        why="The one that is read would depend on the order of the packs.",
        packs=_PACKS,
    ),
    Code(
        "R706",
        "A mistake inside a pack",
        "The pack cannot be used because its own text does not check clean; whoever publishes it has to mend it.",
        'use "woocommerce/standard" version "2.2" as std\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n',
        why="Half a pack is worse than none: the rules that are missing would be missed only in the books.",
        packs={**_PACKS, "woocommerce/standard@2.2": _STANDARD.replace("order.paid", "order.payd")},
    ),
    Code(
        "R707",
        "Two rules replace one",
        "A pack's rule can be turned off or replaced once.",
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid orders"\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
        why="Only one rule can stand where the other stood.",
        packs=_PACKS,
    ),
    Code(
        "R708",
        "Packs that use each other",
        "A pack uses itself, directly or through another pack.",
        'use "shop/chain" version "1" as chain\nend\n',
        'use "shop/chain" version "1" as chain\nend\n',
        why="Reading it would never come to an end.",
        packs={"shop/chain@1": 'use "shop/chain" version "1" as again\nend\n'},
        right_packs={"shop/chain@1": RULE + "\n"},
    ),
    Code(
        "R709",
        "A rule that replaces one of another kind",
        "A rule that stands in for another is for the same kind of record.",
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for product\n  then tag "x"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
        why="A rule for products cannot do what a rule for orders did.",
        packs=_PACKS,
    ),
    Code(
        "R710",
        "A pack that cannot be relied on",
        "The text of this version of the pack is not the one that was published, or it cannot be read.",
        'use "acme/orders" version "1.0"\nend\n',
        'use "acme/orders" version "1.1"\nend\n',
        why="A version means the same for ever: whoever uses it has tested what it did when it was published.",
        packs={"!acme/orders@1.0": _OUTLET, "acme/orders@1.1": _OUTLET},
    ),
)

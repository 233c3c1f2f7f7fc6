"""The codes of packs (R7xx); changes when such a mistake gets a code of its own."""

from dsl.codes.code import Code

PACKS = (
    Code(
        "R701",
        "An unknown pack",
        "There is no canned rule set of that name.",
        'use "woocommerce/standart" version "2.3" as std\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n',
    ),
    Code(
        "R702",
        "An unknown version of a pack",
        "The canned rule set exists, but not in this version.",
        'use "woocommerce/standard" version "9.9" as std\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n',
    ),
    Code(
        "R703",
        "A rule that the pack does not have",
        "`turn off` and `replaces` name a rule of a used pack by its title.",
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid order"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid orders"\nend\n',
    ),
    Code(
        "R704",
        "A setting that the pack does not have",
        "`set` in `use` gives a value to one of the pack's settings.",
        'use "woocommerce/standard" version "2.3" as std\n  set order_prefx to "WC-"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\n  set order_prefix to "WC-"\nend\n',
    ),
    Code(
        "R705",
        "A name of two packs",
        "Two used packs have a setting, list or table of this name: write it with the pack's short name, as in `std.order_prefix`. "
        "(A sample needs two packs.)",
    ),
    Code(
        "R706",
        "A mistake inside a pack",
        "The pack cannot be used because its own text does not check clean; whoever publishes it has to mend it. "
        "(The samples' packs are clean.)",
    ),
    Code(
        "R707",
        "Two rules replace one",
        "A pack's rule can be turned off or replaced once.",
        'use "woocommerce/standard" version "2.3" as std\n  turn off "Skip unpaid orders"\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
    ),
    Code(
        "R708",
        "Packs that use each other",
        "A pack uses itself, directly or through another pack. (A sample needs such packs.)",
    ),
    Code(
        "R709",
        "A rule that replaces one of another kind",
        "A rule that stands in for another is for the same kind of record.",
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for product\n  then tag "x"\nend\n',
        'use "woocommerce/standard" version "2.3" as std\nend\n'
        + 'rule "Mine"\n  replaces "std: Skip unpaid orders"\n  for order\n  then tag "x"\nend\n',
    ),
)

"""Canned rule sets in use: settings, rules turned off and replaced, names of two packs, and packs that cannot be used."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dsl import tree
from dsl.check import Checked
from dsl.program import content_hash
from dsl.resolved import ResolvedRuleSet, Standing
from tests.dsl.library import STANDARD, Packs
from tests.dsl.marks import unmarked

USE = 'use "woocommerce/standard" version "2.3" as std '


def ruleset(checked: Checked) -> ResolvedRuleSet:
    assert checked.ruleset is not None, [each.message for each in checked.diagnostics]
    return checked.ruleset


def test_rules_of_a_pack_run_where_its_use_stands(check: Callable[..., Checked]) -> None:
    found = ruleset(
        check(
            f'rule "First" for order then tag "a" end {USE} set order_prefix to "WC-" end rule "Last" for order then tag "b" end'
        )
    )
    assert [each.key for each in found.rules] == ["First", "std: Skip unpaid orders", "std: Order prefix", "Last"]
    assert [each.pack for each in found.rules] == ["", "std", "std", ""]
    assert found.settings["std.order_prefix"].value == tree.Text("WC-", type=found.settings["std.order_prefix"].type)
    default = found.settings["std.order_prefix"].default
    assert isinstance(default, tree.Text)
    assert not default.value
    assert set(found.sources) == {"web.rules", "woocommerce/standard@2.3"}
    rule = found.rules[2].rule
    assert found.wording(rule.title.span) == '"Order prefix"'
    assert rule.span.file == "woocommerce/standard@2.3"
    assert isinstance(rule.when, tree.And)
    presence = rule.when.operands[0]
    assert isinstance(presence, tree.Presence)
    assert presence.operand == tree.SettingValue("std.order_prefix", type=found.settings["std.order_prefix"].type)


def test_a_rule_that_is_turned_off_stays_in_sight_but_does_not_run(check: Callable[..., Checked]) -> None:
    found = ruleset(check(f'{USE} turn off "skip unpaid ORDERS" end'))
    assert [(each.key, each.standing, each.runs) for each in found.rules] == [
        ("std: Skip unpaid orders", Standing.TURNED_OFF, False),
        ("std: Order prefix", Standing.ON, True),
    ]


def test_a_replacing_rule_runs_where_the_replaced_one_stood(check: Callable[..., Checked]) -> None:
    found = ruleset(
        check(
            'rule "First" for order then tag "a" end '
            f"{USE} end "
            'rule "Last" for order then tag "b" end '
            'rule "Mine" replaces "std: Skip unpaid orders" for order when order.balance > 0 then hold "Wait" end'
        )
    )
    assert [(each.key, each.standing, each.replaced_by) for each in found.rules] == [
        ("First", Standing.ON, ""),
        ("std: Skip unpaid orders", Standing.REPLACED, "Mine"),
        ("Mine", Standing.ON, ""),
        ("std: Order prefix", Standing.ON, ""),
        ("Last", Standing.ON, ""),
    ]


def test_a_replacing_rule_that_is_off_replaces_nothing(check: Callable[..., Checked]) -> None:
    found = ruleset(check(f'{USE} end rule "Mine" off replaces "std: Order prefix" for order then tag "x" end'))
    assert [(each.key, each.standing) for each in found.rules] == [
        ("std: Skip unpaid orders", Standing.ON),
        ("std: Order prefix", Standing.ON),
        ("Mine", Standing.OFF),
    ]


def test_names_of_a_pack_can_be_used_short_and_long(check: Callable[..., Checked]) -> None:
    found = ruleset(
        check(
            f"{USE} end "
            'rule "A" for order when order.store is one of test_stores or order.store is one of std.test_stores '
            "then set books.class to lookup class_for_store(order.store) set books.memo to lookup std.class_for_store(order.store) "
            'set books.message to "{order_prefix}{std.order_prefix}" end'
        )
    )
    lookups = [each for each in tree.walk(found.rules[2].rule) if isinstance(each, tree.Lookup)]
    assert [(each.table, each.column) for each in lookups] == [("std.class_for_store", "class")] * 2


def test_an_own_name_goes_before_that_of_a_pack(check: Callable[..., Checked]) -> None:
    found = ruleset(
        check(
            f'{USE} end setting order_prefix is text default "OWN" '
            'rule "A" for order then tag order_prefix tag std.order_prefix end'
        )
    )
    tags = [each.value for each in found.rules[2].rule.then if isinstance(each, tree.Tag)]
    assert [each.key for each in tags if isinstance(each, tree.SettingValue)] == ["order_prefix", "std.order_prefix"]


def test_a_pack_without_a_short_name_takes_the_last_part_of_its_name(check: Callable[..., Checked]) -> None:
    found = ruleset(check('use "woocommerce/standard" version "2.3" set order_prefix to "A" end'))
    assert [each.key for each in found.rules] == ["standard: Skip unpaid orders", "standard: Order prefix"]


def test_tests_may_set_settings_of_packs_and_name_their_rules(check: Callable[..., Checked]) -> None:
    found = ruleset(
        check(
            f'{USE} end test "T" with settings std.order_prefix = "X-" given order order.number = "1" order.paid = yes '
            'expect fired "std: Order prefix" not fired "std: Skip unpaid orders" order.number is "X-1" end'
        )
    )
    assert [each.name for each in found.tests[0].settings] == ["std.order_prefix"]


MISTAKES = [
    (
        USE + 'end use "shop/other" version "1" as o end rule "A" for order then tag «order_prefix» end',
        "R705",
        "write `std.order_prefix` or",
    ),
    (USE + 'set «order_prefx» to "x" end', "R704", "did you mean `order_prefix`?"),
    (USE + "set order_prefix to «5» end", "R302", "takes a text"),
    (USE + 'set order_prefix to "a" set «order_prefix» to "b" end', "R109", "there already is"),
    (USE + 'turn off «"Skip unpaid"» end', "R703", ""),
    (USE + 'turn off "Order prefix" turn off «"Order prefix"» end', "R109", "turned off twice"),
    (
        USE + 'end rule "M" replaces «"Order prefix"» for order then tag "x" end',
        "R703",
        'did you mean "std: Order prefix"?',
    ),
    (
        USE + 'end rule "M" replaces «"std: Order prefx"» for order then tag "x" end',
        "R703",
        'did you mean "std: Order prefix"?',
    ),
    (
        USE + 'end rule "M" replaces "std: Order prefix" for order then tag "x" end '
        'rule "N" replaces «"std: Order prefix"» for order then tag "y" end',
        "R707",
        "replaced already",
    ),
    (USE + 'end rule «"std: order prefix"» for order then tag "x" end', "R212", "is what the pack's rule is called"),
    ('use «"woocommerce/standart"» version "2.3" end', "R701", 'did you mean "woocommerce/standard"?'),
    ('use "woocommerce/standard" version «"2.4"» end', "R702", "there are: 2.3"),
    (USE + 'end use "shop/other" version "1" as «std» end', "R213", "two packs have the short name `std`"),
    ('use "woocommerce/standard" version "2.3" as «order» end', "R111", "is a record"),
    (USE + 'end rule "A" for order then tag «std.order_prefx» end', "R202", "did you mean `std.order_prefix`?"),
    (USE + 'end test "T" given order expect fired «"Order prefix"» end', "R208", 'did you mean "std: Order prefix"?'),
]


@pytest.mark.parametrize(("marked", "code", "says"), MISTAKES, ids=[each[0][:90] for each in MISTAKES])
def test_mistakes_in_using_packs(marked: str, code: str, says: str, check: Callable[..., Checked]) -> None:
    text, blamed, start = unmarked(marked)
    found = check(text).diagnostics
    assert [(each.code, text[each.start.offset : each.end.offset]) for each in found] == [(code, blamed)]
    assert found[0].start.offset == start
    assert says in f"{found[0].message} {found[0].label} {found[0].help}"


def test_a_pack_that_is_not_found_is_the_only_mistake(check: Callable[..., Checked]) -> None:
    text = (
        'use "woocommerce/gone" version "1" as std set order_prefix to "x" turn off "Skip" end '
        'rule "A" replaces "std: B" for order when order.store is one of their_list '
        "then set books.class to lookup their_table(order.store) "
        "set order.number to std.other end "
        'test "T" with settings std.order_prefix = "x" given order expect fired "std: B" end'
    )
    assert [each.code for each in check(text).diagnostics] == ["R701"]
    assert [each.code for each in check(text, library=None).diagnostics] == ["R701"]


@pytest.mark.parametrize(
    ("pack", "says"),
    [
        ('rule "A" for order then set order.numbr to "x" end', "there is no field `order.numbr`"),
        ('rule "A" for order then', "expected a statement"),
        ('setting a is text default 5 rule "B" for order then tag "{c}" end', "(and 1 more)"),
    ],
)
def test_a_broken_pack_is_one_mistake_where_it_is_used(pack: str, says: str, check: Callable[..., Checked]) -> None:
    found = check(
        'use «"mine"» version "1" as m end'.replace("«", "").replace("»", ""), library=Packs({("mine", "1"): pack})
    )
    assert [each.code for each in found.diagnostics] == ["R706"]
    assert says in found.diagnostics[0].message
    assert found.ruleset is None


def test_packs_may_use_packs(check: Callable[..., Checked]) -> None:
    library = Packs(
        {
            ("base", "1"): STANDARD,
            ("top", "1"): 'use "base" version "1" as base set order_prefix to "T-" turn off "Skip unpaid orders" end '
            'rule "Note" for order then set books.memo to "{order_prefix}" end',
        }
    )
    text = (
        'use "top" version "1" as top set base.order_prefix to "M-" turn off "Note" end '
        'rule "Mine" replaces "top: base: Order prefix" for order then tag top.base.order_prefix end'
    )
    found = ruleset(check(text, library=library))
    assert [(each.key, str(each.standing)) for each in found.rules] == [
        ("top: base: Skip unpaid orders", "turned off"),
        ("top: base: Order prefix", "replaced"),
        ("Mine", "on"),
        ("top: Note", "turned off"),
    ]
    assert [found.wording(each.rule.title.span) for each in found.rules] == [
        '"Skip unpaid orders"',
        '"Order prefix"',
        '"Mine"',
        '"Note"',
    ]
    value = found.settings["top.base.order_prefix"].value
    assert isinstance(value, tree.Text)
    assert value.value == "M-"


def test_the_text_of_every_pack_is_part_of_what_a_rule_set_is(check: Callable[..., Checked]) -> None:
    def content(base: str) -> str:
        library = Packs({("base", "1"): base, ("top", "1"): 'use "base" version "1" as base end'})
        return content_hash(ruleset(check('use "top" version "1" as top end', library=library)))

    assert content(STANDARD) == content(STANDARD)
    assert content(STANDARD) != content(STANDARD.replace('skip "Not paid"', 'skip "Not paid yet"'))


def test_packs_in_a_ring_are_told_where_the_file_takes_one_in(check: Callable[..., Checked]) -> None:
    found = check('use "mine" version "1" as m end', library=Packs({("mine", "1"): 'use "mine" version "1" end'}))
    assert [(each.code, each.message) for each in found.diagnostics] == [("R708", 'the pack "mine" uses itself')]
    assert found.diagnostics[0].file == "web.rules"

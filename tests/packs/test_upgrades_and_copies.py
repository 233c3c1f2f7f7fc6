"""What another version of a pack would bring, copies that keep their origin, and the packs' own tests."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from dsl.check import check_text
from dsl.comparing import Moved
from engine.packs import cloning
from engine.packs.own_tests import Verdict, run_pack_tests
from engine.packs.pack import PackRefused, origin_of
from engine.packs.upgrading import Upgrade, Weight, upgrade
from engine.rulesets import schema

TODAY = date(2026, 2, 1)
ONE = """setting prefix is text default "A-"
setting ending is text default ""

rule "Prefix" for order when not order.number starts with prefix
  then set order.number to "{prefix}{order.number}" end

rule "Ending" for order when ending is not "" then set order.number to "{order.number}{ending}" end

rule "Test orders" for order when order.store is "Test" then skip "A test" end

test "The prefix stands before the number"
  given order order.number = "1" expect order.number is "A-1" end

test "Test orders stay out" given order order.store = "Test" expect skipped "A test" end

test "The ending stands behind the number"
  with settings ending = "-Z"
  given order order.number = "1" expect order.number is "A-1-Z" end
"""


def other(*replacements: tuple[str, str]) -> str:
    text = ONE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


@dataclass
class Versions:
    """A library with one pack."""

    texts: dict[str, str]

    def find(self, name: str, version: str) -> str | None:
        return self.texts.get(version) if name == "acme/web" else None

    def tables(self, name: str, version: str) -> dict[str, str]:
        return {}

    def versions(self, name: str) -> list[str]:
        return list(self.texts) if name == "acme/web" else []

    def names(self) -> list[str]:
        return ["acme/web"]


def using(body: str = "", rules: str = "") -> str:
    return f'use "acme/web" version "1.0" as web {body} end\n{rules}'


def look(new: str, file: str, **more: Any) -> Upgrade:
    return upgrade(
        file, file="web.rules", pack="acme/web", to=None, library=Versions({"1.0": ONE, "1.1": new}), tables={},
        today=TODAY, **more,
    )  # fmt: skip


def test_an_upgrade_changes_the_version_and_nothing_else_in_the_file() -> None:
    found = look(other(('"A test"', '"Only a test"')), "// mine\n" + using() + "// end")
    assert found.text == "// mine\n" + using().replace("1.0", "1.1") + "// end"
    assert [each.words for each in found.changes] == [
        'rule "Test orders" changed',
        'test "Test orders stay out" changed',
    ]
    assert not found.breaks
    assert not found.touched


LISTED = other(('prefix is text default "A-"', 'prefix is list of text default ["A-"]'), ("with prefix", 'with "A-"'))
ANOTHER_DEFAULT = other(('default "A-"', 'default "B-"'), ('"A-1', '"B-1'))
ENDING = 'rule "Ending" for order when ending is not "" then set order.number to "{order.number}{ending}" end'
NO_ENDING = other((ENDING, ""), ('expect order.number is "A-1-Z"', 'expect order.number is "A-1"'))
OTHER_STORES = other(('is "Test"', 'is "Tests"'), ('= "Test"', '= "Tests"'))
NEW_TITLE = other(('rule "Test orders"', 'rule "Trials"'))
TOUCHED = [
    ('set ending to "X"', other(("ending", "tail")), Weight.BREAKS, "you give a value to `ending`, which is no more"),
    ('set prefix to "X"', LISTED, Weight.BREAKS, "which was text and is list of text now"),
    ('set prefix to "X"', ANOTHER_DEFAULT, Weight.LOOK, "what the pack says of it changed"),
    ("", ANOTHER_DEFAULT, Weight.LOOK, "you use the default of `prefix`"),
    ('turn off "Test orders"', NEW_TITLE, Weight.BREAKS, 'is called "Trials" now'),
    ('turn off "Ending"', NO_ENDING, Weight.BREAKS, "is no more in the pack"),
    ('turn off "Test orders"', OTHER_STORES, Weight.LOOK, "changed; it stays off"),
]


@pytest.mark.parametrize(("body", "new", "weight", "words"), TOUCHED)
def test_what_of_the_users_meets_a_change_is_told(body: str, new: str, weight: Weight, words: str) -> None:
    found = look(new, using(body))
    assert [(each.weight, words in each.words) for each in found.touched] == [(weight, True)], found.touched
    assert found.breaks is (weight is Weight.BREAKS and not found.after.ok)


def test_a_rule_that_replaces_a_changed_one_is_told_that_the_change_does_not_reach_it() -> None:
    mine = 'rule "Mine" replaces "web: Test orders" for order when order.store is "Trial" then skip "Mine" end'
    found = look(OTHER_STORES, using(rules=mine))
    assert [each.words for each in found.touched] == [
        '"Test orders", which you have replaced, changed; your "Mine" stays in its place: the change does not reach you'
    ]


def test_the_files_own_tests_are_run_under_both_versions() -> None:
    mine = """test "Mine" given order order.store = "Test" expect skipped end
test "Other" given order order.number = "7" expect order.number is "A-7" end
"""
    found = look(OTHER_STORES, using(rules=mine))
    assert [(each.title, each.before.passed, each.after is not None and each.after.passed) for each in found.tests] == [
        ("Mine", True, False),
        ("Other", True, True),
    ]
    assert found.breaks


def test_an_upgrade_that_gives_the_file_errors_says_which_and_runs_no_test() -> None:
    mine = 'test "Mine" given order order.number = "7" expect order.number is "A-7" end'
    found = look(other(("ending", "tail")), using('set ending to "X"', mine))
    assert [each.code for each in found.new_diagnostics] == ["R704"]
    assert [each.after for each in found.tests] == [None]
    assert found.breaks


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (using().replace("1.0", "1.1"), "there is no newer one"),
        ('rule "A" for order then tag "x" end', 'does not use the pack "acme/web"; it uses none'),
        (using(rules='rule "A" for order then set order.numbr to "1" end'), "has errors as it is"),
    ],
)
def test_what_cannot_be_upgraded_is_refused_in_words(file: str, words: str) -> None:
    with pytest.raises(PackRefused, match=words):
        look(ONE, file)


# --- the packs' own tests ---------------------------------------------------------------------------------------------

OWN = [
    ("", [Verdict.PASSED, Verdict.PASSED, Verdict.PASSED]),
    ('set prefix to "B-"', [Verdict.DIFFERS, Verdict.PASSED, Verdict.DIFFERS]),
    ('turn off "Test orders"', [Verdict.PASSED, Verdict.OFF, Verdict.PASSED]),
    ('turn off "Prefix"', [Verdict.OFF, Verdict.PASSED, Verdict.OFF]),
]


def own_tests(file: str, text: str = ONE) -> list[Any]:
    library = Versions({"1.0": text})
    checked = check_text(file, file="web.rules", schema=schema(), library=library)
    assert checked.ruleset is not None
    assert checked.file is not None
    return list(run_pack_tests(checked.file, checked.ruleset, library, today=TODAY))


@pytest.mark.parametrize(("body", "verdicts"), OWN)
def test_a_packs_tests_run_with_the_users_settings(body: str, verdicts: list[Verdict]) -> None:
    assert [each.verdict for each in own_tests(using(body))] == verdicts


def test_a_test_that_differs_names_the_settings_that_may_be_why() -> None:
    found = own_tests(using('set prefix to "B-"'))[0]
    assert found.because == ("prefix",)
    assert "A-1" in found.failures[0]


def test_a_test_about_a_replaced_rule_has_nothing_to_say() -> None:
    mine = 'rule "Mine" replaces "web: Test orders" for order when order.store is "Trial" then skip "Mine" end'
    assert [each.verdict for each in own_tests(using(rules=mine))][1] is Verdict.OFF


def test_a_pack_whose_own_test_fails_by_itself_is_broken() -> None:
    first, *_ = own_tests(using(), other(('number is "A-1" end', 'number is "A-2" end')))
    assert first.verdict is Verdict.BROKEN


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_says_where_it_comes_from_and_is_the_same_otherwise() -> None:
    text, _ = cloning.clone(Versions({"1.0": ONE}), "acme/web", "1.0")
    first, _, rest = text.partition("\n")
    assert rest == ONE
    origin = origin_of(first)
    assert origin is not None
    assert (origin.name, origin.version) == ("acme/web", "1.0")


@pytest.mark.parametrize("form", [str, lambda text: text.replace("\n", "\r\n"), lambda text: "\n\n// Hello\n" + text])
def test_the_origin_survives_what_editors_do(form: Any) -> None:
    library = Versions({"1.0": ONE, "1.1": other(('"A test"', '"Only a test"'))})
    text, _ = cloning.clone(library, "acme/web", "1.0")
    mine = form(text).replace('default "A-"', 'default "M-"')
    found = cloning.drift(library, mine, {}, file="mine.rules")
    assert [each.words for each in found.of(Moved.OURS)] == ["setting `prefix`"]
    assert [each.words for each in found.of(Moved.THEIRS)] == ['rule "Test orders"', 'test "Test orders stay out"']


def test_a_merged_copy_has_both_changes_and_the_newer_origin() -> None:
    library = Versions({"1.0": ONE, "1.1": other(('"A test"', '"Only a test"'))})
    text, _ = cloning.clone(library, "acme/web", "1.0")
    found = cloning.drift(library, text.replace('default "A-"', 'default "M-"'), {}, file="mine.rules")
    assert 'default "M-"' in found.merged.text
    assert '"Only a test"' in found.merged.text
    again = cloning.drift(library, found.merged.text, {}, file="mine.rules")
    assert again.origin.version == "1.1"
    assert [each.words for each in again.changes] == ["setting `prefix`"]


def test_a_text_that_is_no_copy_and_an_origin_that_changed_are_refused() -> None:
    with pytest.raises(PackRefused, match="does not say what it was cloned from"):
        cloning.drift(Versions({"1.0": ONE}), ONE, {}, file="mine.rules")
    text, _ = cloning.clone(Versions({"1.0": ONE}), "acme/web", "1.0")
    with pytest.raises(PackRefused, match="was changed since"):
        cloning.drift(Versions({"1.0": ONE + "// more"}), text, {}, file="mine.rules")

"""A workspace says of a file what a fresh check says, however it came to its text; and it says it quickly."""

from __future__ import annotations

import random
import threading

import pytest

from bench.large import text as large_text
from dsl.check import Checked, check_text
from dsl.program import compile_ruleset, content_hash
from dsl.tree import walk
from dsl.workspace import Workspace
from engine.vocabulary import vocabulary
from tests.reading.conftest import CLEAN, HEAD, seeded

SCHEMA = vocabulary()
FILE = "web.rules"


def fresh(text: str, tables: dict[str, str] | None = None) -> Checked:
    return check_text(text, file=FILE, schema=SCHEMA, tables=tables or {})


def same(one: Checked, other: Checked) -> bool:
    if one.diagnostics != other.diagnostics or (one.ruleset is None) != (other.ruleset is None):
        return False
    assert one.file is not None
    assert other.file is not None
    places = [
        [(type(node).__name__, node.span.start, node.span.end, node.span.line, node.span.column) for node in walk(each)]
        for each in (one.file, other.file)
    ]
    if places[0] != places[1]:
        return False
    if one.ruleset is None or other.ruleset is None:
        return True
    return one.ruleset == other.ruleset and content_hash(one.ruleset) == content_hash(other.ruleset)


def test_a_file_that_is_typed_letter_by_letter_is_known_as_if_it_had_come_whole() -> None:
    workspace = Workspace(SCHEMA)
    typed = '\nrule "New" for order when order.total is mor than limit then skip "No" end\n'
    for length in range(0, len(typed) + 1, 7):
        text = HEAD + typed[:length] + CLEAN[0].format(n=1)
        workspace.put(FILE, text)
        workspace.quick(FILE)
        assert same(workspace.checked(FILE), fresh(text))


@pytest.mark.parametrize("seed", range(12))
def test_any_row_of_edits_ends_where_a_fresh_check_begins(seed: int) -> None:
    random_ = random.Random(seed)
    workspace = Workspace(SCHEMA)
    text = seeded(seed).text
    for _ in range(12):
        workspace.put(FILE, text)
        if random_.random() < 0.5:
            workspace.quick(FILE)
        else:
            assert same(workspace.checked(FILE), fresh(text))
        start = random_.randrange(len(text))
        end = min(len(text), start + random_.choice((0, 0, 1, 5, 60)))
        text = text[:start] + random_.choice(("", "x", "\n", '"', " end ", "\nrule ", text[5:80])) + text[end:]
    workspace.put(FILE, text)
    workspace.quick(FILE)
    assert same(workspace.checked(FILE), fresh(text))


def test_a_changed_setting_is_seen_by_the_rules_that_read_it() -> None:
    workspace = Workspace(SCHEMA)
    rule = 'rule "A" for order when order.total is more than limit then skip "x" end\n'
    workspace.put(FILE, "setting limit is money default 5.00 USD\n" + rule)
    assert workspace.checked(FILE).ok
    workspace.put(FILE, 'setting limit is text default "5"\n' + rule)
    assert [each.code for each in workspace.checked(FILE).diagnostics] == ["R301"]
    workspace.put(FILE, "setting limt is money default 5.00 USD\n" + rule)
    assert [each.code for each in workspace.checked(FILE).diagnostics] == ["R202"]
    workspace.put(FILE, "setting limit is money default 5.00 USD\n" + rule)
    assert workspace.checked(FILE).diagnostics == ()


def test_rows_in_a_file_beside_are_read_again_when_they_change() -> None:
    workspace = Workspace(SCHEMA)
    text = (
        'table class_for from "class.csv" sku -> class end\n'
        'rule "A" for each line in order.lines then set line.class to lookup class_for(line.sku) end\n'
    )
    workspace.put(FILE, text, {"class.csv": "sku,class\nHAT,Hats\n"})
    first = workspace.checked(FILE).ruleset
    workspace.put(FILE, text, {"class.csv": "sku,class\nHAT,Hats\nCAP,Caps\n"})
    second = workspace.checked(FILE).ruleset
    assert first is not None
    assert second is not None
    assert [len(each.tables["class_for"].rows) for each in (first, second)] == [1, 2]
    workspace.put(FILE, text, {})
    assert [each.code for each in workspace.checked(FILE).diagnostics] == ["R317"]


def test_a_title_that_changes_is_seen_by_the_tests_that_name_it() -> None:
    workspace = Workspace(SCHEMA)
    rule = 'rule "{}" for order when order.number is "1" then skip "x" end\n'
    test = 'test "T" given order order.number = "1" expect fired "First" end\n'
    workspace.put(FILE, rule.format("First") + test)
    assert workspace.checked(FILE).diagnostics == ()
    workspace.put(FILE, rule.format("Second") + test)
    assert "R208" in [each.code for each in workspace.checked(FILE).diagnostics]


def test_what_is_local_is_said_at_once() -> None:
    workspace = Workspace(SCHEMA)
    workspace.put(FILE, HEAD + CLEAN[0].format(n=1))
    assert workspace.checked(FILE).diagnostics == ()
    workspace.put(FILE, "\n\n" + HEAD + CLEAN[0].format(n=1).replace("order.store", "order.stroe"))
    line = HEAD.count("\n") + 2
    assert [(each.code, each.start.line) for each in workspace.quick(FILE)] == [
        ("R201", line + 3),
        ("R201", line + 4),
    ]
    workspace.put(FILE, HEAD + CLEAN[0].format(n=1) + 'rule "B" for order thn skip "x" end')
    assert [each.code for each in workspace.quick(FILE)] == ["R102"]


def test_two_equal_blocks_stand_in_two_places() -> None:
    block = 'rule "A" for order when order.stroe is "x" then skip "x" end\n'
    workspace = Workspace(SCHEMA)
    for text in (block * 2, "\n" + block * 2, block + "\n" + block):
        workspace.put(FILE, text)
        assert same(workspace.checked(FILE), fresh(text))


def test_files_do_not_know_of_each_other() -> None:
    workspace = Workspace(SCHEMA)
    workspace.put("a.rules", 'setting limit is text default "x"\n')
    workspace.put("b.rules", 'rule "B" for order when order.number is limit then skip "x" end\n')
    assert [each.code for each in workspace.checked("b.rules").diagnostics] == ["R202"]
    assert list(workspace.files) == ["a.rules", "b.rules"]
    workspace.drop("a.rules")
    workspace.drop("a.rules")
    assert list(workspace.files) == ["b.rules"]
    with pytest.raises(KeyError):
        workspace.checked("a.rules")


def test_threads_take_turns() -> None:
    workspace = Workspace(SCHEMA)
    texts = [HEAD + CLEAN[0].format(n=number) * (1 + number % 2) for number in range(8)]
    wrong: list[str] = []

    def work(number: int) -> None:
        name = f"{number % 3}.rules"
        for each in texts:
            workspace.put(name, each)
            workspace.quick(name)
            if workspace.checked(name).file is None:
                wrong.append(name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


def test_an_unchanged_rule_is_the_very_same_after_an_edit_elsewhere() -> None:
    """What others keep of a rule (an analysis, a plan) may be kept by the rule itself."""
    text = large_text(60)
    workspace = Workspace(SCHEMA)
    workspace.put(FILE, text)
    before = workspace.checked(FILE).ruleset
    workspace.put(FILE, text.replace("Orders above this are looked at", "Orders above this are seen"))
    workspace.put(FILE, text.replace("test order", "trial order", 1))
    after = workspace.checked(FILE).ruleset
    assert before is not None
    assert after is not None
    same_ones = sum(1 for one, other in zip(before.rules, after.rules, strict=True) if one is other)
    assert same_ones == len(before.rules) - 1


def test_a_rule_set_out_of_a_workspace_runs() -> None:
    workspace = Workspace(SCHEMA)
    workspace.put(FILE, HEAD)
    ruleset = workspace.checked(FILE).ruleset
    assert ruleset is not None
    assert compile_ruleset(ruleset).hash == content_hash(fresh(HEAD).ruleset or ruleset)

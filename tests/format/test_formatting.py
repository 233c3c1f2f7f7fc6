"""dsl/format: one canonical form, with the tree, the comments and their order as they were, whatever the text."""

import random
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from dsl.codes import CODES
from dsl.format import format_text
from dsl.parse import parse_text
from dsl.tokens import COMMENT, significant, tokens_of
from grammar.forms import FORMS, FRAMES
from tests.conftest import SOAK
from tests.format.sentences import plain, remarked, scattered, tokens

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CANNED = sorted((ROOT / "rulesets").rglob("*.rules"))
PAIRS = {
    case.partition("\n----\n")[0]: case.partition("\n----\n")[2].split("\n---->\n")
    for case in (HERE / "cases" / "pairs.txt").read_text(encoding="utf-8").partition("\n")[2].split("\n====\n")
    if case.strip()
}
CHUNKS, CHUNK = (400, 50) if SOAK else (40, 25)


PARTS = 8


@cache
def fixtures() -> dict[str, str]:
    """Every rule-set text of the project by a name."""
    found = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in CANNED}
    for path in (ROOT / "tests").rglob("*.rules"):
        found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
    for path in (ROOT / "tests" / "conformance").rglob("*.toml"):
        for case in tomllib.loads(path.read_text(encoding="utf-8")).get("case", ()):
            found[f"{path.stem}: {case.get('name')}"] = case.get("rules", "")
    for group, forms in FORMS.items():
        for form in forms:
            found[f"form {form.form}"] = FRAMES[group].format(form.example)
    for code in CODES.values():
        found[f"{code.number} wrong"], found[f"{code.number} right"] = code.wrong, code.right
    for path in (ROOT / "docs").rglob("*.md"):
        for place, block in enumerate(path.read_text(encoding="utf-8").split("```")[1::2]):
            found[f"{path.relative_to(ROOT)} {place}"] = block.partition("\n")[2]
    return found


def comments(text: str) -> list[str]:
    """All comments of a text, also those between two words that are one terminal (`or // why` and `else` below)."""
    pieces = (each.text for each in tokens_of(text) if each.kind == COMMENT or each.text[0] in "ouwef")
    return [said.rstrip() for piece in pieces for said in re.findall("//[^\n]*", piece)]


def holds_what_it_promises(text: str) -> str:
    """The canonical form of a text without mistakes, after a look at all that a formatter must not change."""
    made = format_text(text)
    assert not made.refusal, f"{made.refusal}\n{text}"
    assert parse_text(made.text, file="").file == parse_text(text, file="").file, text
    assert comments(made.text) == comments(text), text
    again = format_text(made.text)
    assert (again.text, again.changed, again.refusal) == (made.text, False, ""), text
    assert made.text == "" or made.text.endswith("\n")
    assert "\t" not in made.text or "\t" in "".join(each.text for each in significant(tokens_of(text)))
    assert not any(line != line.rstrip() for line in made.text.splitlines())
    assert "\n\n\n" not in made.text.replace("\r\n", "\n")
    return made.text


@pytest.mark.parametrize("name", PAIRS)
def test_a_text_gets_its_canonical_form(name: str) -> None:
    before, after = PAIRS[name]
    assert holds_what_it_promises(before + "\n") == after + "\n"


def test_what_is_in_canonical_form_stays_as_it_is() -> None:
    text = (HERE / "cases" / "unchanged.rules").read_text(encoding="utf-8")
    assert holds_what_it_promises(text) == text


@pytest.mark.parametrize("path", CANNED, ids=lambda path: str(path.relative_to(ROOT)))
def test_canned_rule_sets_are_in_canonical_form(path: Path) -> None:
    made = format_text(path.read_text(encoding="utf-8"), file=str(path))
    assert not made.refusal
    assert not made.changed, f"cloudcart fmt {path.relative_to(ROOT)}"


@pytest.mark.parametrize("part", range(PARTS))
def test_every_text_of_the_project_that_can_be_read_has_a_canonical_form(part: int) -> None:
    looked_at = 0
    for name, text in sorted(fixtures().items())[part::PARTS]:
        parsed = parse_text(text, file=name)
        if parsed.file is None or any(each.is_error for each in parsed.diagnostics):
            continue
        holds_what_it_promises(text)
        looked_at += 1
    assert looked_at > 300 // PARTS


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_any_sentence_of_the_grammar_keeps_its_tree_and_its_comments(chunk: int) -> None:
    """Made-up files, their tokens scattered with blanks, empty lines and comments at any place."""
    seen = 0
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        chance = random.Random(seed)
        words = tokens(chance)
        if len(words) > 250:
            continue
        for one_in in (3, 20):
            text = remarked(chance, words, one_in)
            made = format_text(text)
            if made.errors:
                continue  # what the grammar lets through and the reader does not, such as a note given twice
            holds_what_it_promises(text)
            seen += 1
    assert seen > CHUNK // 6


@pytest.mark.parametrize("chunk", range(CHUNKS // 4))
def test_blanks_and_line_ends_between_words_say_nothing(chunk: int) -> None:
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        chance = random.Random(seed)
        words = [word for word in tokens(chance) if "//" not in word or word.startswith('"')]
        if len(words) > 250:
            continue
        on_one_line = format_text(plain(words))
        if not on_one_line.errors:
            made = format_text(scattered(chance, words)).text
            assert made.replace("\r\n", "\n") == on_one_line.text


# --- what a file may be made of ---------------------------------------------------------------------------------------

RULE = 'rule "A"\n  for order\n  then tag "x"\nend\n'


@pytest.mark.parametrize(
    ("before", "after", "notes"),
    [
        (RULE.replace("\n", "\r\n"), None, 0),
        (RULE.replace("\n", "\r\n").replace("  for", "for"), RULE.replace("\n", "\r\n"), 0),
        (RULE.replace('"A"\n', '"A"\r\n'), RULE.replace("\n", "\r\n"), 1),
        (RULE.replace("order\n", "order\r\n"), RULE, 1),
        ("\ufeff" + RULE, RULE, 1),
        (RULE.replace("  ", "\t"), RULE, 0),
        (RULE.replace(" ", "\u00a0").replace("\n", "\u3000\n"), RULE, 0),
        (RULE.rstrip("\n"), RULE, 0),
        (RULE + "\n\n \n", RULE, 0),
        (RULE + "// the end", RULE + "// the end\n", 0),
        ("", None, 0),
        ("\n \n", "", 0),
        ("// only words   \n", "// only words\n", 0),
        (RULE.replace('"x"', '"a\tb"'), None, 0),
    ],
)
def test_line_ends_marks_tabs_and_blanks(before: str, after: str | None, notes: int) -> None:
    made = format_text(before)
    assert made.text == (before if after is None else after)
    assert made.changed is (after is not None)
    assert len(made.notes) == notes
    assert not format_text(made.text).changed


@pytest.mark.parametrize(
    "text", ['rule "A" for order then', "#", 'rule "A', "\x00", 'list a is ["x"] list a is', RULE + "wrong", "\ud800"]
)
def test_a_text_with_mistakes_stays_as_it_is_and_they_are_told(text: str) -> None:
    made = format_text(text, file="web.rules")
    assert made.text == text
    assert not made.changed
    assert made.errors
    assert all(each.file == "web.rules" for each in made.errors)
    assert "mistakes" in made.refusal


BROKEN = """setting   a is text
// of the rule
rule "A" for order   then tag "x" end
rule "B"
   for order when order.total is mor than 5   // here
   then tag "x"
end


// of C
rule "C" for order then tag "x" end
"""


def test_around_mistakes_the_other_blocks_are_laid_out() -> None:
    made = format_text(BROKEN, file="web.rules", around_mistakes=True)
    assert made.changed
    assert "mistakes" in made.refusal
    assert [each.file for each in made.errors] == ["web.rules"]
    assert BROKEN[BROKEN.index('rule "B"') : BROKEN.index("// of C")].rstrip() in made.text
    assert 'setting a is text\n\n// of the rule\nrule "A"\n  for order\n  then tag "x"\nend\n\nrule "B"\n' in made.text
    assert made.text.endswith('end\n\n// of C\n\nrule "C"\n  for order\n  then tag "x"\nend\n') or made.text.endswith(
        'end\n\n\n// of C\n\nrule "C"\n  for order\n  then tag "x"\nend\n'
    )
    again = format_text(made.text, file="web.rules", around_mistakes=True)
    assert again.text == made.text
    assert not again.changed


@pytest.mark.parametrize("chunk", range(CHUNKS // 4))
def test_around_mistakes_no_word_and_no_comment_is_lost(chunk: int) -> None:
    for seed in range(chunk * CHUNK, chunk * CHUNK + CHUNK // 4):
        chance = random.Random(seed)
        words = [word for _ in range(3) for word in tokens(chance)[:120]]
        for _ in range(3):
            words[chance.randrange(len(words))] = chance.choice(("#", "end", "mor", '"', "rule", "$5", "is"))
        text = remarked(chance, words, 20)
        made = format_text(text, around_mistakes=True)
        assert "".join(made.text.split()) != "" or not text.split()
        assert comments(made.text) == comments(text)
        if made.changed:
            again = format_text(made.text, around_mistakes=True)
            assert again.text == made.text, text


def test_what_a_check_has_to_say_about_is_no_mistake_of_form() -> None:
    made = format_text('rule "A" for order when order.nonsense is 5 then set order.total to "x" end')
    assert made.changed
    assert not made.refusal

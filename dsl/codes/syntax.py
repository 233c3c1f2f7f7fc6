"""The codes of the form of the text (R1xx); changes when such a mistake gets a code of its own."""

from collections.abc import Mapping

from dsl.codes.code import RULE, WARNING, Code, rule
from dsl.limits import MAX_FILE_BYTES, MAX_RULES, MAX_TABLE_ROWS

_CLASS_BY_SKU = rule("set line.class to lookup class_for(line.sku)", scope="for each line in order.lines")
_RIGHT_TABLE = 'table class_for\n  sku -> class\n  "SKU-1" -> "Web"\nend\n' + _CLASS_BY_SKU


def _too_large() -> tuple[str, Mapping[str, str]]:
    row = '  "SKU-0000001" -> "Web"\n'
    return "table class_for_sku\n  sku -> class\n" + row * (MAX_FILE_BYTES // len(row) + 1) + "end\n", {}


def _too_many_rules() -> tuple[str, Mapping[str, str]]:
    return "\n".join(f'rule "{each}" for order then log "{each}" end' for each in range(MAX_RULES + 1)), {}


def _too_many_rows() -> tuple[str, Mapping[str, str]]:
    rows = "".join(f"SKU-{each},Web\n" for each in range(MAX_TABLE_ROWS + 1))
    return 'table class_for from "class_for.csv"\n  sku -> class\nend\n' + _CLASS_BY_SKU, {
        "class_for.csv": "sku,class\n" + rows
    }


SYNTAX = (
    Code(
        "R101",
        "Something else was expected here",
        "The text cannot be read on from this place. The message says which word or value belongs here.",
        'rule "A"\n  for order\n  when order.number is "1"\n  skip "No"\nend\n',
        'rule "A"\n  for order\n  when order.number is "1"\n  then skip "No"\nend\n',
        why="A file is read from left to right; from here on it would be a guess, and a guess may post the wrong amount.",
    ),
    Code(
        "R102",
        "A mistyped word",
        "A word is almost one of the language's words, and with that word the text could be read.",
        rule('skip "Big"', "order.total is mor than 5.00 USD"),
        rule('skip "Big"', "order.total is more than 5.00 USD"),
        why="One slip of the fingers is blamed on the word that has it, and not on the next one, where reading stumbles.",
    ),
    Code(
        "R103",
        "A text that is not closed",
        "A text begins with a double quote and has to end with one on the same line. A quote inside a text is written twice.",
        rule('skip "Not paid'),
        rule('skip "Not paid"'),
        why="Without its end a text would swallow the rest of the file, and the mistake would be told hundreds of lines below.",
    ),
    Code(
        "R104",
        "A character that means nothing here",
        "The character belongs inside a text in double quotes, or it came from a word processor (curly quotes, long dashes). "
        "A comment begins with `//`, not with `#`.",
        rule('replace # with "" in order.number'),
        rule('replace "#" with "" in order.number'),
        why="Signs that other programs know are not read as something similar: a file means what stands in it.",
    ),
    Code(
        "R105",
        "`end` is missing",
        "Each block (rule, test, table, flow, …) ends with the word `end`; here the next block, or the file's end, comes first.",
        'rule "A"\n  for order\n  then skip "No"\n',
        'rule "A"\n  for order\n  then skip "No"\nend\n',
        why="Where a block ends decides which statements belong to which condition.",
    ),
    Code(
        "R106",
        "Braces in a text that do not fit",
        "`{…}` in a text is filled in with a value. A single brace that is meant as a brace is written twice: `{{` or `}}`.",
        rule('skip "No state {ship_to.state"'),
        rule('skip "No state {ship_to.state}"'),
        why="A text with half a brace would go to the books as it stands, braces and all.",
    ),
    Code(
        "R107",
        "A text that cannot be filled in",
        "Titles, notes, file names and the cells of tables are fixed texts; `{…}` is filled in only where a value may stand.",
        rule('skip "No"', title="Skip {order.number}"),
        rule('skip "No"', title="Skip orders"),
        why="Titles and file names are looked for by what they say; one that is different for each order could not be found.",
    ),
    Code(
        "R108",
        "A date or time that does not exist",
        "Dates are written 2026-01-31 or 01/31/2026 (month first), times 06:00 to 23:59.",
        rule('skip "Old"', "order.date is before 2026-02-30"),
        rule('skip "Old"', "order.date is before 2026-02-28"),
        why="A date that nobody has in the calendar would never come, and its rule would never act.",
    ),
    Code(
        "R109",
        "Said twice",
        "A block says this once; the second time contradicts the first or adds nothing.",
        'ruleset "Shop"\n  language 1\n  language 1\nend\n',
        'ruleset "Shop"\n  language 1\nend\n',
        why="Of two answers to one question only one counts, and a reader cannot see which.",
    ),
    Code(
        "R110",
        "A part is missing",
        "The block cannot work without this part.",
        'flow "Orders"\n  from woocommerce to quickbooks\nend\n',
        'flow "Orders"\n  from woocommerce to quickbooks\n  sync orders\nend\n',
        why="What a flow moves, from where and to where is never guessed: it would be the wrong records in the wrong books.",
    ),
    Code(
        "R111",
        "A name that cannot be used",
        "Settings, lists and tables have names of small letters, digits and underscores, and no words of the language.",
        "setting Limit is number default 5\n" + rule('skip "No"', "order.total is more than Limit"),
        "setting limit is number default 5\n" + rule('skip "No"', "order.total is more than limit"),
        why="A name that looks like another thing makes every line that uses it say two things.",
    ),
    Code(
        "R112",
        "Another version of the language",
        "The file says that it is written in a version of the language that this program does not know.",
        'ruleset "Shop"\n  language 9\nend\n',
        'ruleset "Shop"\n  language 1\nend\n',
        why="Another version may mean another thing by the same words.",
    ),
    Code(
        "R113",
        "Nested too deeply",
        "Conditions and values may be nested 32 deep. Split the rule in two, or keep a part of it in a field.",
        rule('skip "No"', "(" * 33 + 'order.number is "1"' + ")" * 33),
        rule('skip "No"', 'order.number is "1"'),
        why="Nobody reads 33 parentheses in one another correctly, and what nests without end can make a program stand still.",
    ),
    Code(
        "R114",
        "The file is too large",
        "A rule-set file has at most 1 MiB; thousands of rows belong in a CSV file beside it.",
        'table class_for_sku\n  sku     -> class\n  "SKU-1" -> "Web"\n  // … and 30,000 rows more, 1 MiB and above\nend\n',
        'table class_for_sku from "class_for_sku.csv"\n  sku -> class\nend\n',
        why="A file of this size cannot be read by people any more, nor checked while somebody types.",
        right_tables={"class_for_sku.csv": "sku,class\nSKU-1,Web\n"},
        huge=_too_large,
    ),
    Code(
        "R115",
        "Too many rules",
        "A rule set has at most 10,000 rules, with those of its packs. A table does the work of many.",
        'rule "SKU-1" for order when order.number is "1" then tag "1" end\n// … and 10,000 rules more like it\n',
        _RIGHT_TABLE,
        why="Thousands of rules differ in one value each: as rows of a table they are one rule that can be read.",
        huge=_too_many_rules,
    ),
    Code(
        "R116",
        "Too many rows",
        "A table has at most 100,000 rows.",
        'table class_for from "class_for.csv"\n  sku -> class\nend   // and the file has 100,001 rows\n'
        + _CLASS_BY_SKU,
        'table class_for from "class_for.csv"\n  sku -> class\nend\n' + _CLASS_BY_SKU,
        why="A look-up stays quick, and the memory of a worker bounded.",
        right_tables={"class_for.csv": "sku,class\nHAT,Hats\n"},
        huge=_too_many_rows,
    ),
    Code(
        "R117",
        "A number that is too long",
        "A number has at most 28 digits.",
        rule('skip "No"', "order.total is more than 12345678901234567890123456789012345"),
        rule('skip "No"', "order.total is more than 123456789"),
        why="Amounts are calculated exactly, with 28 digits; a longer number is a number that was pasted.",
    ),
    Code(
        "R118",
        "A value with too many parts",
        "One value strings together too many parts. Work it out in several statements.",
        rule("set stock.quantity to " + " + ".join(["1"] * 200), scope="for stock"),
        rule("set stock.quantity to 200", scope="for stock"),
        why="A value of hundreds of parts cannot be explained to anybody afterwards.",
    ),
    Code(
        "R119",
        "The head does not come first",
        "`ruleset` opens the file, and there is one.",
        RULE + '\nruleset "Shop"\n  language 1\nend\n',
        'ruleset "Shop"\n  language 1\nend\n' + RULE + "\n",
        why="What the file is, and in which version of the language it stands, has to be known before the rest is read.",
    ),
    Code(
        "R120",
        "A title that says nothing",
        "Rules, flows and tests are called by their titles, in the log and in explanations: a blank one helps nobody.",
        rule('skip "No"', title=" "),
        rule('skip "No"', title="Skip orders"),
        why="The log, explanations and tests call a rule by its title.",
    ),
    Code(
        "R140",
        "Words that say nothing",
        "`skip`, `hold`, `fail`, `tag` and `log` print their words in the log and in explanations; here there are none.",
        rule('skip ""', "order.total is 0"),
        rule('skip "Nothing to pay"', "order.total is 0"),
        WARNING,
        why="Months later somebody asks why an order is not in the books, and the log has the answer, or a blank.",
    ),
)

"""The words of the language with a line of help each; changes when the grammar gains or loses a word.

Hover, completion, error messages and the reference page take their words from here; a test holds it against the grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        "add": 'Adds an item: `add line sku = "FEE" amount = 2.00 USD`.',
        "after": "`is after` compares dates; in a flow, waits for another flow's run to end well.",
        "and": "Both conditions hold.",
        "any": "In a table: fits every value, a missing one too.",
        "as": 'Gives a used pack a short name: `use "woocommerce/standard" version "2.3" as std`.',
        "at": "`is at least`, `is at most`.",
        "before": "`is before` compares dates.",
        "between": "`is between 1 and 5`: both ends included.",
        "clear": "Makes a field missing: `clear order.note`.",
        "contain": "`does not contain`.",
        "contains": "The text has this piece, or the list this element.",
        "count": "`count(order.lines where …)`: how many items.",
        "default": "The value of a setting until somebody gives another.",
        "document": "In tests: the document that would stand in the books.",
        "does": "`does not contain`, `does not start with`, …",
        "each": "`for each line in order.lines`: the rule runs once per item.",
        "end": "Ends a block.",
        "ends": '`ends with "-1"`.',
        "every": "`every 30 minutes` in a flow; `every line in order.lines where (…)` in a condition.",
        "exactly": "`is exactly` compares letter by letter, capitals and spaces included.",
        "expect": "Begins what a test expects.",
        "fail": "Ends this record with an error that is not tried again until something changes.",
        "failed": "In tests: the record ended with `fail`.",
        "fill": 'Writes a field only where it is missing: `fill ship_to.state with "MD"`.',
        "fired": "In tests: the rule's statements ran.",
        "flow": "What moves, from where, to where, and when.",
        "for": "Says what a rule is about: `for order`, `for each line in order.lines`.",
        "from": "Where something comes from: a system, or a file beside the rule set.",
        "given": "Begins the record that a test starts from.",
        "has": '`has the word "UPS"` finds whole words only.',
        "have": '`does not have the word "UPS"`.',
        "held": "In tests: the record was parked by `hold`.",
        "hold": "Parks the record until it changes, falls due or a person releases it.",
        "in": "Names the list that items come from, or the field that `replace` changes.",
        "is": 'Compares: `is "MD"`, `is missing`, `is more than 5`, `is one of ["a", "b"]`.',
        "language": "The version of this language that the file is written in: `language 1`.",
        "least": "`is at least 5`: 5 or more.",
        "less": "`is less than 5`.",
        "list": 'Names a list of values: `list wholesale is ["ACME", "Globex"]`.',
        "log": "Adds a line to the transaction log.",
        "lookup": "Finds a value in a table: `lookup tax_code_for(ship_to.state, order.taxable)`.",
        "match": '`does not match "AB*"`.',
        "matches": "Compares with wildcards (`*` any text, `?` one character), or with `matches pattern`.",
        "missing": "No value: not there, empty, or blank.",
        "more": "`is more than 5`.",
        "most": "`is at most 5`: 5 or less.",
        "no": "The opposite of yes; `no line in order.lines where (…)`; `no document` in tests.",
        "not": "Turns a condition round.",
        "note": "A remark that people see beside the block.",
        "notify": 'Whom to mail, and when: `notify "books@acme.example" on hold, failure`.',
        "of": "`is one of`, `list of text`.",
        "off": "Switches a rule or flow off without taking it out.",
        "on": "In tests: the date that `today` has; in `notify`: the events.",
        "one": '`is one of ["a", "b"]`.',
        "or": "One of the conditions holds; `or else` gives a value where one is missing.",
        "original": "The value as it was received, before any rule changed it.",
        "otherwise": "What to do where `when` did not hold; in a table, the row for all that fits no other.",
        "override": "Writes a field and says that it means to overrule an earlier rule.",
        "pattern": '`matches pattern "…"`: a regular expression (RE2).',
        "present": "`is present`: has a value.",
        "replace": 'Replaces a piece of a text: `replace "#" with "" in order.number`.',
        "replaces": 'This rule stands in for a rule of a pack: `replaces "std: Order prefix"`.',
        "rule": "When something holds, do something.",
        "ruleset": "The head of the file: its name and the language version.",
        "set": 'Writes a field: `set books.class to "Retail"`.',
        "setting": "A value that people can change without touching the rules.",
        "skip": "Does not sync this record (or, with an item word, leaves this item out); logged with the reason.",
        "skipped": "In tests: the record, or an item, was left out.",
        "some": "`some line in order.lines where (…)`: at least one item.",
        "start": "`does not start with`.",
        "starting": "The first date of a flow: nothing older moves.",
        "starts": '`starts with "#"`.',
        "sum": "`sum(line.amount in order.lines where …)`.",
        "sync": "What a flow moves: orders, customers, products, stock, purchases, payouts.",
        "table": "Rows of keys and what they stand for, read by `lookup`.",
        "tag": "Adds a tag to the record.",
        "test": "A record, and what the rules must make of it.",
        "than": "`is more than`, `is less than`.",
        "the": "`has the word`.",
        "then": "Begins what a rule does.",
        "to": "`set X to …`; in a flow, the system that receives.",
        "turn": '`turn off "title"` leaves out one rule of a pack.',
        "until": "When a held record goes on by itself.",
        "use": "Takes in a canned rule set, pinned to a version.",
        "version": "The version of a pack.",
        "when": "The condition of a rule.",
        "where": "Which items.",
        "with": "`starts with`, `fill … with …`; in a flow, the options.",
        "word": '`has the word "UPS"`.',
        "yes": "The opposite of no.",
    }
)

PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "or else": "The value to take where the one before is missing.",
        "or hold": "After a write: what to do when the value is missing (also `or skip`, `or fail`).",
        "for up to": "How long a held record waits.",
        "up to": "In a table: this value or less.",
        "with settings": "In tests: settings that differ from their defaults.",
        "every day at": "When a flow runs: `every day at 06:00`.",
    }
)
"""Words that stand together and are one word to the grammar."""

ITEM_WORDS: tuple[str, ...] = ("line", "payment", "tax", "fee", "discount", "shipping")
"""The words for one item of a record; reserved like keywords."""

KEPT_WORDS: frozenset[str] = frozenset(
    {"all", "case", "cases", "changed", "choose", "else", "function", "if", "import", "let", "move"}
    | {"parameter", "remove", "repeat", "stop", "todo", "unless", "while"}
)
"""Words kept free for later versions: nothing may be named so."""

RESERVED: frozenset[str] = frozenset(KEYWORDS) | frozenset(ITEM_WORDS) | KEPT_WORDS

"""Says in words why a text cannot be read on; changes when the wording does (knows the grammar's terminals, not Lark).

Whoever reads it is no programmer: words of the language stand in backquotes, everything else has a name people use, and a
mistyped word is blamed where it stands, even where the grammar stumbles only over the word after it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dsl.habits import REACH, Found, find, shortened, strange_letter
from dsl.spelling import cut_off, distance
from grammar.keywords import ITEM_WORDS, KEYWORDS, PHRASES


class Piece(Protocol):
    """A token: terminal, text and place."""

    @property
    def type(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Stop:
    """Where reading stopped: the tokens read, the one that did not fit, what would have fitted there and one earlier.

    `reads_on(replaced, terminal, following)` tells whether the text could be read with `terminal` in place of the last
    token read (replaced=True) or of the one that stopped it, followed by these terminals.
    """

    tokens: Sequence[Piece]
    stopped: Piece
    accepts: frozenset[str]
    accepted_before: frozenset[str]
    following: Sequence[Piece]
    reads_on: Callable[[bool, str, Sequence[str]], bool]
    text: str
    fragment: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding whose places are offsets in the text that was read."""

    code: str
    start: int
    end: int
    message: str
    label: str = ""
    help: str = ""
    related: list[tuple[str, int, int]] = field(default_factory=list)
    fixes: list[tuple[str, int, int, str]] = field(default_factory=list)


def explain(stop: Stop) -> Explained:
    """The one finding for a stop, the most certain explanation first."""
    return (
        _unclosed(stop)
        or _strange_letter(stop)
        or _old_habit(stop)
        or _no_word(stop)
        or _other_signs(stop)
        or _mistyped_phrase(stop)
        or _mistyped(stop)
        or _missing_end(stop)
        or _unquoted(stop)
        or _habit(stop)
        or _expected(stop)
    )


def _start(piece: Piece) -> int:
    return piece.start


def _end(piece: Piece) -> int:
    return piece.end


# --- letters that make no word ----------------------------------------------------------------------------------------

_QUOTES = "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb'`"


def _unclosed(stop: Stop) -> Explained | None:
    piece = stop.stopped
    start = _start(piece)
    if piece.type == "UNCLOSED":
        inside = piece.value.rstrip()
        return Explained(
            "R103",
            start,
            start + len(inside),
            "this text has no double quote at its end",
            help='a text ends on the line on which it begins; a quote inside a text is written twice: ""',
            fixes=[("Close the text at the end of the line", start + len(inside), start + len(inside), '"')],
        )
    return None


def _strange_letter(stop: Stop) -> Explained | None:
    """A letter that only looks right: at the stop, or at the end of the word there or of the one before it."""
    for piece in (stop.stopped, *stop.tokens[-1:]):
        for at in (_start(piece), _end(piece)):
            if piece.type in ("JUNK", "NAME", "PATH") and at < len(stop.text):
                found = strange_letter(stop.text, at)
                if (
                    found is not None
                    and (piece is stop.stopped or found.start < _end(piece))
                    and not _blank(stop.text[at])
                ):
                    return _of_habit(found)
    return None


def _blank(letter: str) -> bool:
    return letter in " \t\r\n\f" or unicodedata.category(letter) == "Zs"


def _old_habit(stop: Stop) -> Explained | None:
    earlier = [_start(each) for each in stop.tokens[-REACH:]]
    found = find(stop.text, _start(stop.stopped), earlier, stop.accepts)
    return None if found is None else _of_habit(found)


def _of_habit(found: Found) -> Explained:
    new = shortened((found.new or "").strip())
    title = (f"Change it to {new}" if '"' in new else f"Change it to `{new}`") if new else "Take it out"
    fixes = [] if found.new is None else [(title, found.start, found.end, found.new)]
    return Explained(found.code, found.start, found.end, found.message, help=found.help, fixes=fixes)


def _no_word(stop: Stop) -> Explained | None:
    piece = stop.stopped
    start, end = _start(piece), _end(piece)
    if piece.type != "JUNK":
        return None
    letter = piece.value
    if letter == "#":
        return Explained(
            "R104",
            start,
            end,
            "`#` means nothing outside of a text",
            help='a comment begins with `//`; a text stands in double quotes: "#"',
            fixes=[('Put it in quotes: "#"', start, end, '"#"')]
            if "STRING" in stop.accepts
            else [("Make it a comment: //", start, end, "//")],
        )
    if letter in _QUOTES:
        return Explained(
            "R104",
            start,
            end,
            f"{letter} is not the quote that texts are written with",
            help='texts stand in straight double quotes: "like this"',
            fixes=[_straight(stop.text, start)],
        )
    if letter in "\u2013\u2014\u2212":
        return Explained(
            "R104",
            start,
            end,
            f"{letter} is a dash of a word processor",
            help="use the minus sign of the keyboard: -",
            fixes=[("Change it to -", start, end, "-")],
        )
    if letter == "!":
        return Explained(
            "R104", start, end, "`!` means nothing here", help="write `is not`, or `not` before a condition"
        )
    if letter in "{}":
        return Explained(
            "R104", start, end, f"`{letter}` belongs inside a text", help='"{order.number}" fills a value into a text'
        )
    if letter == ";":
        return Explained("R104", start, end, "`;` is not needed", help="statements simply follow one another")
    shown = letter if letter.isprintable() else f"U+{ord(letter):04X}"
    help = "names are written with a to z, 0 to 9 and _; texts stand in double quotes" if letter.isalpha() else ""
    return Explained("R104", start, end, f"the character `{shown}` means nothing here", help=help)


def _straight(text: str, start: int) -> tuple[str, int, int, str]:
    """The fix for a text in other quotes: both of them, where the other one stands on the same line."""
    line_end = text.find("\n", start)
    rest = text[start + 1 : line_end if line_end >= 0 else len(text)]
    for at, letter in enumerate(rest):
        if letter in _QUOTES:
            inside = rest[:at].replace('"', '""')
            return (f'Change it to "{inside}"', start, start + at + 2, f'"{inside}"')
        if letter == '"':
            break
    return ('Change it to "', start, start + 1, '"')


# --- mistyped words ---------------------------------------------------------------------------------------------------

_WORDS: dict[str, str] = {word.upper(): word for word in KEYWORDS}
_PHRASES = (*PHRASES, "or skip", "or fail")


def _is_word(piece: Piece) -> bool:
    return piece.type in ("NAME", "ITEM") or piece.type in _WORDS


def _near(word: str, accepts: frozenset[str]) -> list[str]:
    """The words of the language among what fits that this one may be a slip of, nearest first."""
    candidates = [_WORDS[each] for each in accepts if each in _WORDS]
    if "ITEM" in accepts:
        candidates += ITEM_WORDS
    folded = word.casefold()
    limit = max(1, cut_off(folded)) if len(folded) > 1 else 0
    ranked = sorted((distance(folded, each, limit), each) for each in candidates)
    return [each for far, each in ranked if far <= limit and far < len(each) and each != word]


def _terminal(word: str) -> str:
    return "ITEM" if word in ITEM_WORDS else word.upper()


def _mistyped(stop: Stop) -> Explained | None:
    following = (stop.stopped.type,) if stop.stopped.type != "$END" else ()
    next_types = tuple(each.type for each in stop.following[:1])
    last = stop.tokens[-1] if stop.tokens else None
    if last is not None and last.type == "NAME":
        for word in _near(last.value, stop.accepted_before):
            if stop.reads_on(True, _terminal(word), following):
                return _did_you_mean(last, word)
    if not _is_word(stop.stopped):
        return None
    near = _near(stop.stopped.value, stop.accepts)
    for word in near:
        if stop.reads_on(False, _terminal(word), next_types):
            return _did_you_mean(stop.stopped, word)
    near = [each for each in near if len(each) > 2]
    if near and stop.stopped.type == "NAME" and distance(stop.stopped.value.casefold(), near[0], 1) <= 1:
        return _did_you_mean(stop.stopped, near[0])
    return None


def _did_you_mean(piece: Piece, word: str) -> Explained:
    start, end = _start(piece), _end(piece)
    return Explained(
        "R102",
        start,
        end,
        f"`{piece.value}` makes no sense here",
        label=f"did you mean `{word}`?",
        help=KEYWORDS.get(word, f"`{word}` is the word for one item").rstrip("."),
        fixes=[(f"Change it to `{word}`", start, end, word)],
    )


def _mistyped_phrase(stop: Stop) -> Explained | None:
    """`or esle`, `with setings`: words that only together are what the grammar knows."""
    tokens = [*stop.tokens[-3:], stop.stopped, *stop.following]
    for phrase in _PHRASES:
        words = phrase.split()
        for first in range(len(tokens) - len(words) + 1):
            pieces = tokens[first : first + len(words)]
            if not all(_is_word(each) for each in pieces):
                continue
            wrong = [(a, b) for a, b in zip(pieces, words, strict=True) if a.value != b]
            if len(wrong) != 1 or wrong[0][0].type != "NAME":
                continue
            piece, word = wrong[0]
            if distance(piece.value.casefold(), word, 2) > max(1, cut_off(word)):
                continue
            start, end = _start(piece), _end(piece)
            return Explained(
                "R102",
                start,
                end,
                f"`{piece.value}` makes no sense here",
                label=f"did you mean `{phrase}`?",
                help=PHRASES.get(phrase, "").rstrip("."),
                fixes=[(f"Change it to `{word}`", start, end, word)],
            )
    return None


# --- blocks that are not closed ---------------------------------------------------------------------------------------

_BLOCKS = {
    "RULESET": "rule set",
    "USE": "use",
    "TABLE": "table",
    "FLOW": "flow",
    "RULE": "rule",
    "TEST": "test",
}
_OPENERS = frozenset(_BLOCKS) | {"SETTING", "LIST"}


def _open_block(tokens: Sequence[Piece]) -> tuple[Piece, Piece | None] | None:
    """The block that is open at the end of these tokens: its first word, and its title or name."""
    open_at: int | None = None
    for place, piece in enumerate(tokens):
        before = tokens[place - 1].type if place else "END"
        if piece.type in _BLOCKS and open_at is None:
            open_at = place
        elif piece.type == "END" and before != "NOT":
            following = tokens[place + 1].type if place + 1 < len(tokens) else ""
            if following != "WITH":
                open_at = None
    if open_at is None:
        return None
    title = tokens[open_at + 1] if open_at + 1 < len(tokens) else None
    return tokens[open_at], title


def _missing_end(stop: Stop) -> Explained | None:
    if "END" not in stop.accepts or stop.fragment:
        return None
    at_end = stop.stopped.type == "$END"
    if not at_end and stop.stopped.type not in _OPENERS:
        return None
    opened = _open_block(stop.tokens)
    last = stop.tokens[-1]
    if opened is None:
        return None
    opener, title = opened
    name = f"{_BLOCKS[opener.type]} {title.value}" if title is not None else _BLOCKS[opener.type]
    place = _end(last)
    if at_end:
        message = f"the file ends before the `end` of {name}"
        start, end = _start(last), place
    else:
        message = f"the `end` of {name} is missing before this `{stop.stopped.value}`"
        start, end = _start(stop.stopped), _end(stop.stopped)
    return Explained(
        "R105",
        start,
        end,
        message,
        label="expected `end`",
        related=[(f"{name} begins here", _start(opener), _end(title or opener))],
        help="each block ends with `end`",
        fixes=[("Put `end` here", place, place, "\nend")],
    )


# --- signs and words of other languages -------------------------------------------------------------------------------

_HABITS: dict[str, str] = {
    "if": "a condition begins with `when`; inside a value it is the function `if(condition, then, otherwise)`",
    "else": "the statements for the other case begin with `otherwise`; a value for a missing one is `… or else …`",
    "equals": "write `is`",
    "equal": "write `is`",
    "isnt": "write `is not`",
    "null": "write `is missing`",
    "empty": "write `is missing`",
    "blank": "write `is missing`",
    "true": "write `yes`",
    "false": "write `no`",
    "none": "write `missing` for no value, or `no` for none of the items",
    "all": "write `every`",
    "greater": "write `is more than`",
    "larger": "write `is more than`",
    "bigger": "write `is more than`",
    "smaller": "write `is less than`",
    "fewer": "write `is less than`",
    "over": "write `is more than`",
    "above": "write `is more than`",
    "under": "write `is less than`",
    "below": "write `is less than`",
    "includes": "write `contains`",
    "like": "write `matches` with `*` for any text",
    "remove": 'write `skip line "why"` to leave an item out, or `clear` to make a field missing',
    "delete": 'write `skip line "why"` to leave an item out, or `clear` to make a field missing',
    "ignore": 'write `skip "why"`',
    "stop": 'write `skip "why"`, `hold "why"` or `fail "why"`',
    "change": "write `set … to …`",
    "update": "write `set … to …`",
    "let": "write `set … to …`",
    "concat": 'put the values into a text: "{order.store} {order.currency}"',
}


def _other_signs(stop: Stop) -> Explained | None:
    """`=`, `==`, `!=` and `in` where this language has words."""
    piece = stop.stopped
    start, end = _start(piece), _end(piece)
    if piece.type == "EQUALS":
        if stop.following and stop.following[0].type == "EQUALS" and _start(stop.following[0]) == end:
            end = _end(stop.following[0])
        if "IS" in stop.accepts:
            return Explained(
                "R101",
                start,
                end,
                "expected `is`",
                help="values are compared with `is`; `=` gives values to fields in `add`, `given` and `with`",
                fixes=[("Change it to `is`", start, end, "is")],
            )
        word = "to" if "TO" in stop.accepts else "with" if "WITH" in stop.accepts else ""
        if word:
            return Explained(
                "R101",
                start,
                end,
                f"expected `{word}`, found `=`",
                help="`set … to …`, `fill … with …`, `override … with …`",
                fixes=[(f"Change it to `{word}`", start, end, word)],
            )
    if piece.type == "IN" and "IS" in stop.accepts:
        return Explained(
            "R101",
            start,
            end,
            "expected a comparison, found `in`",
            help="a value is looked for in a list with `is one of`",
            fixes=[("Change it to `is one of`", start, end, "is one of")],
        )
    if piece.type == "FOR" and "FOR_UP_TO" in stop.accepts:
        return Explained(
            "R101",
            start,
            end,
            "expected `for up to`, found `for`",
            help=PHRASES["for up to"].rstrip("."),
            fixes=[("Change it to `for up to`", start, end, "for up to")],
        )
    return None


_BEFORE_A_VALUE = frozenset({"TO", "IS", "NOT", "WITH", "CONTAINS", "EQUALS", "OR_ELSE", "EXACTLY", "DEFAULT"})
_PLAIN_WORDS = re.compile(r"[^\W\d][\w'&-]*(?: [^\W\d][\w'&-]*)*")


def _unquoted(stop: Stop) -> Explained | None:
    """`set books.class to Web Store`: several words where a text stands."""
    if len(stop.tokens) < 2 or stop.stopped.type != "NAME":
        return None
    before, last = stop.tokens[-2:]
    match = _PLAIN_WORDS.match(stop.text, _start(last))
    if last.type != "NAME" or before.type not in _BEFORE_A_VALUE or match is None:
        return None
    words: list[str] = []
    for word in match[0].split(" "):
        if word in KEYWORDS:
            break
        words.append(word)
    text = " ".join(words)
    if len(text) <= len(last.value):
        return None
    start, end = _start(last), _start(last) + len(text)
    return Explained(
        "R101",
        start,
        end,
        "a fixed text stands in double quotes",
        fixes=[(f'Change it to "{text}"', start, end, f'"{text}"')],
    )


def _habit(stop: Stop) -> Explained | None:
    for piece in (stop.stopped, *([stop.tokens[-1]] if stop.tokens else [])):
        if piece.type == "NAME" and piece.value.casefold() in _HABITS:
            follows_call = piece is not stop.stopped and stop.stopped.type == "OPEN"
            if not follows_call:
                return Explained(
                    "R101",
                    _start(piece),
                    _end(piece),
                    f"`{piece.value}` is no word of the language",
                    help=_HABITS[piece.value.casefold()],
                )
    return None


# --- what was expected ------------------------------------------------------------------------------------------------

_VALUE = frozenset({"STRING", "NUMBER", "OPEN", "PATH"})
_COMPARE = frozenset({"IS", "CONTAINS", "STARTS"})
_OPERATORS = frozenset(
    {"PLUS", "MINUS", "TIMES", "DIVIDE", "OR_ELSE", "AND", "OR", "OPEN_LIST", "COLUMN", "NOT", "UNTIL", "FOR_UP_TO"}
    | {"OR_STOP", "FROM", "IN", "WHERE", "OFF", "AS", "NOTE"}
)
_STATEMENT_WORDS = frozenset(
    {"SET", "FILL", "OVERRIDE", "CLEAR", "REPLACE", "ADD", "SKIP", "HOLD", "FAIL", "TAG", "LOG"}
)
_TERMS: dict[str, str] = {
    "STRING": "a text in double quotes",
    "NUMBER": "a number",
    "NAME": "a name",
    "PATH": "a field such as `order.number`",
    "ITEM": "an item word such as `line` or `payment`",
    "DATE": "a date such as 2026-01-31",
    "TIME": "a time such as 06:00",
    "DURATION": "a duration such as `30 days`",
    "ARROW": "`->`",
    "BAR": "`|`",
    "OPEN": "`(`",
    "CLOSE": "`)`",
    "OPEN_LIST": "`[`",
    "CLOSE_LIST": "`]`",
    "COMMA": "`,`",
    "EQUALS": "`=`",
    "OR_ELSE": "`or else`",
    "OR_STOP": "`or hold`",
    "FOR_UP_TO": "`for up to`",
    "WITH_SETTINGS": "`with settings`",
    "EVERY_DAY_AT": "`every day at`",
    "UP_TO": "`up to`",
    "COLUMN": "a column such as `.code`",
    "MONEY": "an amount such as 12.50 USD",
    "$END": "the end",
}


def _phrase(terminal: str) -> str:
    return _TERMS.get(terminal) or f"`{_WORDS.get(terminal, terminal.lower())}`"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _wanted(stop: Stop) -> str:
    """What belongs here, in a few words."""
    accepts = stop.accepts
    stopped = stop.stopped.type
    if stop.fragment and "$END" in accepts:
        return "`}` here" if not accepts & _COMPARE else "a comparison such as `is`, or the end of the braces"
    if accepts >= _VALUE:
        return "a value" if "NOT" not in accepts or "SOME" not in accepts else "a condition such as `order.paid is yes`"
    if accepts >= _COMPARE:
        value_like = stopped in _VALUE or stopped in ("NAME", "MONEY", "PERCENT", "DATE", "DURATION", "YES", "NO")
        if value_like or "THEN" not in accepts:
            return "a comparison such as `is`, `contains` or `is more than`"
    if accepts >= _STATEMENT_WORDS:
        others = [_phrase(each) for each in ("OTHERWISE", "END") if each in accepts]
        return "a statement such as `set`, `hold` or `skip`" + (f", or {_listed(others)}" if others else "")
    if "DEFAULT" in accepts and stopped not in _OPENERS:
        return "`default`, `note` or the next block"
    if "RULE" in accepts and "TABLE" in accepts:
        return "a block: `rule`, `table`, `list`, `setting`, `flow`, `use` or `test`"
    if accepts >= {"SKIPPED", "FIRED"} and stopped != "$END":
        return 'what the test expects, such as `order.number is "1"`, `skipped` or `fired "rule"`' + (
            ", or `end`" if "END" in accepts else ""
        )
    if accepts <= {"ORIGINAL", "PATH"}:
        return _TERMS["PATH"]
    if {"NAME", "ITEM"} <= accepts and "END" not in accepts and "ARROW" not in accepts:
        return "a name"
    left = sorted(accepts - _OPERATORS - _COMPARE - {"DOES", "HAS", "ENDS", "MATCHES", "GREATER", "SMALLER"})
    left = [each for each in left if not each.endswith("_OR_EQUAL")]
    if not left:
        left = sorted(accepts)
    first = [each for each in ("THEN", "CLOSE", "ARROW", "TO", "WITH", "END") if each in left]
    ordered = first + [each for each in left if each not in first]
    return _listed([_phrase(each) for each in ordered[:5]])


_FIXABLE = frozenset({"THEN", "TO", "WITH", "CLOSE", "IN", "CLOSE_LIST", "IS", "END", "FOR"})


def _expected(stop: Stop) -> Explained:
    piece = stop.stopped
    at_end = piece.type == "$END"
    wanted = _wanted(stop)
    start, end = _start(piece), _end(piece)
    if at_end and stop.tokens:
        start, end = _start(stop.tokens[-1]), _end(stop.tokens[-1])
    found = "the text ends here" if at_end else f"found {_found(piece)}"
    fixes: list[tuple[str, int, int, str]] = []
    word = wanted.strip("`")
    terminal = next((each for each in _FIXABLE if _phrase(each) == wanted), None)
    if terminal is not None and not at_end and stop.reads_on(False, terminal, (piece.type,)):
        fixes.append((f"Put {wanted} before it", start, start, f"{word} " if word.isalpha() else word))
    return Explained("R101", start, end, f"expected {wanted}, {found}", help=_hint(stop), fixes=fixes)


def _found(piece: Piece) -> str:
    if piece.type == "STRING":
        return "a text"
    shown = piece.value if len(piece.value) <= 40 else piece.value[:37] + "…"
    return f"`{shown}`"


_HOMES: dict[str, str] = {
    **dict.fromkeys(
        ("customer", "class", "location", "terms", "tax_code", "due_date", "po_number", "memo", "message"), "books"
    ),
    **dict.fromkeys(("deposit_account", "receivable_account", "payment_method", "ship_via", "ship_date"), "books"),
    **dict.fromkeys(("sku", "quantity", "unit_price", "amount", "account", "item", "description"), "line"),
    **dict.fromkeys(("state", "country", "city", "postal_code", "county"), "ship_to"),
}
"""Which record a field most likely belongs to, where people leave it out."""
_PLURALS = {"tax": "taxes", "shipping": "shipping_lines"}


def _hint(stop: Stop) -> str:
    piece = stop.stopped
    last = stop.tokens[-1] if stop.tokens else None
    if last is not None and last.type == "NUMBER" and piece.type == "NAME" and len(piece.value) == 3:
        return f"a currency is written in capitals: {last.value} {piece.value.upper()}"
    if piece.type == "COMMA" and last is not None and last.type == "NUMBER":
        return "numbers have no commas: 5000.00"
    if "PATH" in stop.accepts and piece.type == "NAME" and "NAME" not in stop.accepts:
        return f"a field is written with its record: `{_HOMES.get(piece.value, 'order')}.{piece.value}`"
    if "PATH" in stop.accepts and piece.value in _HOMES and not stop.accepts & {"STRING", "NAME"}:
        return f"a field is written with its record: `{_HOMES[piece.value]}.{piece.value}`"
    if piece.type == "PATH" and last is not None and last.type in ("SOME", "EVERY", "NO"):
        word = piece.value.partition(".")[0]
        return f"as in `{last.value} {word} in order.{_PLURALS.get(word, word + 's')} where ({piece.value} …)`"
    if piece.type == "WHEN" and stop.accepts >= {"FOR", "REPLACES"}:
        return "a rule says first what it is for: `for order`, or `for each line in order.lines`"
    if piece.type == "WHEN" and stop.accepts >= _STATEMENT_WORDS:
        return "the condition stands before `then`"
    if piece.type == "END" and "THEN" in stop.accepts:
        return 'say what to do, as in `then skip "why"`'
    if piece.type == "NAME" and last is not None and last.type == "NUMBER" and "THEN" in stop.accepts:
        return "a number stands without a unit here"
    if (
        piece.type in ("NAME", "STRING")
        and last is not None
        and last.type == "NAME"
        and stop.accepts >= {"EVERY", "STARTING"}
    ):
        return "systems are single words (`woocommerce`, `quickbooks`); the name of one connection stands in quotes"
    if last is not None and last.type == "FOR" and piece.type == "ITEM":
        plural = _PLURALS.get(piece.value, piece.value + "s")
        return f"rules for items are written `for each {piece.value} in order.{plural}`"
    if (
        "NAME" in stop.accepts
        and "STRING" not in stop.accepts
        and piece.type in (*_WORDS, "ITEM")
        and piece.type != "END"
    ):
        return f"`{piece.value}` is a word of the language and cannot be a name"
    if piece.type in ("NAME", "PATH", "ITEM") and stop.accepts <= {"STRING", "OFF"}:
        return f'titles, packs and files stand in double quotes: "{piece.value}"'
    if piece.type == "PATH" and "SET" in stop.accepts:
        return f"a field is written with `set {piece.value} to …`"
    if last is not None and last.type == "ITEM" and "IN" in stop.accepts:
        plural = _PLURALS.get(last.value, last.value + "s")
        return f"say which ones: `{last.value} in order.{plural}`"
    if last is not None and last.type == "WHERE" and stop.accepts == {"OPEN"}:
        return "behind `some`, `every` and `no` the condition stands in parentheses"
    before = [each.type for each in stop.tokens[-2:]]
    if before == ["COUNT", "OPEN"]:
        return "as in `count(order.lines)`, `count(order.lines where …)`"
    if stop.accepts & {"IN"} and any(each.type == "SUM" for each in stop.tokens[-4:]):
        return "as in `sum(line.amount in order.lines)`"
    if before == ["ADD", "ITEM"]:
        return 'an item has fields, as in `add line sku = "FEE" amount = 2.00 USD`'
    if piece.type == "COMMA" and "RULE" in stop.accepts:
        return 'a list stands in brackets: ["a", "b"]'
    return ""

"""Knows what people write out of habit and what to write here; changes when another habit is met (reads no tree).

Habits of spreadsheets, programming languages, word processors and plain English, found by the letters around the place where
reading stopped. Each entry is one habit: what it looks like, what to say, and the edit that mends it where one is certain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from grammar.keywords import KEYWORDS

#: Words before a point, for `order number` in place of `order.number`.
_ROOTS = (
    "order|customer|bill_to|ship_to|refund|product|stock|purchase|vendor|books|line|payment|shipping|fee|discount|tax"
)
_RESERVED = "|".join(sorted(KEYWORDS))
_RECORDS = "orders?|refunds?|customers?|products?|purchases?"
_TEXT = r'"(?:[^"\n]|"")*"'
_QUOTES = "\"“”„‘’«»'`"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CURRENCIES = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "dollar": "USD", "buck": "USD", "euro": "EUR", "pound": "GBP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habit:
    """One habit. `new` makes the mended text of the match; "" or None where no edit is certain."""

    looks: re.Pattern[str]
    message: str
    help: str = ""
    new: Callable[[re.Match[str]], str | None] | str = ""
    needs: frozenset[str] = frozenset()
    """Terminals of which one must have fitted where reading stopped; none: any place."""
    code: str = "R101"


@dataclass(frozen=True, slots=True)
class Found:
    """A habit at its place (offsets in the text that was read) with its words filled in."""

    start: int
    end: int
    code: str
    message: str
    help: str
    new: str | None


def _like(
    looks: str,
    message: str,
    help: str = "",
    new: Callable[[re.Match[str]], str | None] | str = "",
    needs: str = "",
    code: str = "R101",
) -> Habit:
    return Habit(re.compile(looks, re.IGNORECASE), message, help, new, frozenset(needs.split()), code)


def _amount(number: str, currency: str) -> str:
    return f"{number.replace(',', '')} {_CURRENCIES.get(currency.casefold().rstrip('s'), currency.upper())}"


def _written_date(year: str, month: str, day: str) -> str | None:
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].casefold()) + 1
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None


def _clock(hour: str, minute: str, half: str) -> str | None:
    """A time of day by the clock of 24 hours, where there is one."""
    late = half[0].casefold() == "p"
    counted = int(hour) % 12 + (12 if late else 0) if half[0].casefold() in "ap" else int(hour)
    return (
        f"{counted:02}:{minute}"
        if int(hour) <= (12 if half[0].casefold() in "ap" else 23) and int(minute) < 60
        else None
    )


def _bracketed(match: re.Match[str]) -> str:
    return "[" + match.group(1) + "]"


def _between(match: re.Match[str]) -> str | None:
    """Only behind `is between` and one value; elsewhere it is a minus sign."""
    return (
        f"and {match[1]}" if re.search(r"is between\s+\S+(?: [A-Z]{3})?\s*\Z", match.string[: match.start()]) else None
    )


def _titled(match: re.Match[str]) -> str | None:
    """In quotes, where the title goes to the end of its line; else nobody can tell where it ends."""
    rest = match.string[match.end() :].lstrip(" \t")
    return f'"{match[0]}"' if rest[:1] in ("", "\r", "\n") else None


def _one_of(texts: str, negated: str | None = "") -> str:
    """Texts that stand behind one another, whatever is between them, as the list that they are looked for in."""
    return f"is {'not ' if negated else ''}one of [{', '.join(_QUOTED.findall(texts))}]"


_QUOTED = re.compile(_TEXT)
WRITE_DATES = "dates are written 2026-01-31, or 01/31/2026 with the month first, without quotes"
_AMOUNTS = "write the currency behind the amount: 12.50 USD"
_LISTS = 'a list stands in brackets: ["a", "b"]'
_EACH = 'ask for each: (… contains "a" or … contains "b"); whole values are compared with `is one of ["a", "b"]`'
_WHY = 'say why, for the log: `{0} "test order"`'
_FOLLOW = "statements simply follow one another"

HABITS: tuple[Habit, ...] = (
    # --- numbers, amounts and dates
    _like(r"[$€£¥]\s?(\d[\d,]*(?:\.\d+)?)", "amounts are written without `{sign}`", _AMOUNTS,
          lambda m: _amount(m[1], m[0][0]), code="R104"),
    _like(r"(\d[\d,]*(?:\.\d+)?)\s?([€£¥$])", "amounts are written without `{sign}`", _AMOUNTS,
          lambda m: _amount(m[1], m[2]), code="R104"),
    _like(r"(\d[\d,]*(?:\.\d+)?)\s?(dollars?|bucks?|euros?|pounds?)\b", "`{2}` is not how a currency is written", _AMOUNTS,
          lambda m: _amount(m[1], m[2])),
    _like(r"(\d[\d,]*(?:\.\d+)?) ?(usd|eur|gbp|cad|aud|nzd|chf|jpy|sek|dkk|nok|pln|huf|czk)\b",
          "a currency is written in capitals", _AMOUNTS, lambda m: f"{m[1].replace(',', '')} {m[2].upper()}"),
    _like(r"\b(?-i:([A-Z]{3}))\s(\d+(?:\.\d+)?)(?![\w.])", "the currency stands behind the amount", _AMOUNTS,
          lambda m: f"{m[2]} {m[1].upper()}"),
    _like(r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?!\d|,\d)", "numbers have no commas", "numbers have no commas: 5000.00",
          lambda m: m[1].replace(",", "")),
    _like(r"(\d+),(\d+)(?=\s?%|\b)", "the decimal sign is a point", "numbers have no commas: 6.25",
          lambda m: f"{m[1]}.{m[2]}"),
    _like(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", "this is not how a date is written", WRITE_DATES,
          lambda m: _written_date(m[3], m[2], m[1])),
    _like(rf"({_MONTH})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s(\d{{4}})", "this is not how a date is written", WRITE_DATES,
          lambda m: _written_date(m[3], m[1], m[2])),
    _like(rf"(\d{{1,2}})\.?\s({_MONTH})\.?,?\s(\d{{4}})", "this is not how a date is written", WRITE_DATES,
          lambda m: _written_date(m[3], m[2], m[1])),
    # --- comparisons
    _like(rf"(?:is )?(?P<not>not )?in \(\s*(?P<texts>{_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)|"
          rf"is (?:(?P<neither>neither |not either )|either |any of )"
          rf"(?P<choice>{_TEXT}(?:\s*(?:,\s*)?(?:or|nor|and|,)\s*{_TEXT})+)",
          "a value is looked for in a list with `is one of`", _LISTS,
          lambda m: _one_of(m["texts"] or m["choice"], m["not"] or m["neither"])),
    _like(r"is (contains|starts with|ends with|matches)\b", "`{1}` stands without `is`", "", lambda m: m[1].casefold()),
    _like(r"(?:is )?(?:greater|bigger|larger|higher) than(?! or\b)", "`is more than` is written so: not `{0}`", "",
          "is more than",
          needs="IS"),
    _like(r"(?:is )?(?:smaller|lower|fewer) than(?! or\b)", "`is less than` is written so: not `{0}`", "",
          "is less than", needs="IS"),
    _like(r"(?:is )?(?:over|above)(?= ?[\d$€£]| [a-z_]+\.)", "`{0}` is written `is more than` here", "", "is more than"),
    _like(r"(?:is )?(?:under|below)(?= ?[\d$€£]| [a-z_]+\.)", "`{0}` is written `is less than` here", "", "is less than"),
    _like(r"(?:exists|is there|is set)\b|is given\b|is filled(?: in)?\b", "`{0}` is written `is present` here", "", "is present"),
    _like(r"(?:does not|doesn[’'`]?t) exist\b", "`{0}` is written `is missing` here", "", "is missing"),
    _like(r"starts?with\b|beginswith\b", "`{0}` is written `starts with` here", "", "starts with"),
    _like(r"endswith\b", "`{0}` is written `ends with` here", "", "ends with"),
    _like(r"(?:is )?like(?= \")", "`{0}` is written `matches` here", "`*` stands for any text, `?` for one letter", "matches"),
    _like(r"(?:includes?|including)(?= )", "`{0}` is written `contains` here", "", "contains", needs="IS"),
    _like(r"(?<=\S )(?:to|-|–|until)(?= ?[\d$])", "between two values stands `and`", "as in `is between 5 and 10`", "and",
          needs="AND"),
    _like(r"- ?(\d[\d.]*(?: [A-Z]{3})?)", "between two values stands `and`", "as in `is between 5 and 10`",
          lambda m: _between(m)),
    _like(r"(?:,|(?-i:when)\b)(?=\s*[a-z_]+\.)", "two conditions are joined with `and`",
          "or with `or`, where one of them will do",
          lambda m: " and" if m[0] == "," else "and", needs="THEN"),
    _like(rf"list ([a-z_]\w*) (?:is|=) \(?\s*({_TEXT}(?:\s*,\s*{_TEXT})+)\s*\)?", _LISTS, "",
          lambda m: f"list {m[1]} is [{m[2]}]"),
    _like(r"contains (any|one|either|some|all) of", "`contains` looks for one piece of text", _EACH),
    _like(r"is not (?:in|any of|either of|among|in list)\b", "a value is looked for in a list with `is not one of`", "",
          "is not one of"),
    _like(r"not in\b", "a value is looked for in a list with `is not one of`", "", "is not one of", needs="IS"),
    _like(r"is (?:in list|in|any of|either of|either|among)\b(?=\s*[\[\w(\"])",
          "a value is looked for in a list with `is one of`", _LISTS, "is one of"),
    _like(r"isn[’'`]?t\b", "`{0}` is written in full here", "write `is not`", "is not"),
    _like(r"doesn[’'`]?t (contain|start|end|match|have)s?\b", "`{0}` is written in full here",
          "write `does not {1}`", lambda m: f"does not {m[1].casefold()}"),
    _like(r"(?:does not|doesn[’'`]?t) equal\b", "`equal` is no word of the language", "write `is not`", "is not"),
    _like(r"(?:(?:is )?equal to|equals to)\b", "`equal` is no word of the language", "write `is`",
          lambda m: "is"),
    _like(r"is (?:on or after|on or later than|since|from)\b", "`{0}` is written `is at least` here", "", "is at least"),
    _like(r"is (?:on or before|on or earlier than|until|till|up to)\b", "`{0}` is written `is at most` here", "",
          "is at most"),
    _like(r"is (?:later|newer|younger) than\b", "`{0}` is written `is after` here", "", "is after"),
    _like(r"is (?:older|earlier) than (\d+ (?:day|week|month|year|hour|minute)s?)\b", "an age is counted from `today`",
          "as in `order.date is before today - 30 days`", lambda m: f"is before today - {m[1]}"),
    _like(r"is (?:older|earlier) than\b", "`{0}` is written `is before` here", "", "is before"),
    _like(r"(\d+ (?:day|week|month|year|hour|minute)s?) ago\b", "a time that has gone by is counted from `today`",
          "as in `order.date is before today - 30 days`", lambda m: f"today - {m[1]}"),
    _like(r"has (?:a |an )?(line|payment|fee|discount|tax)\b(?: with\b)?", "items are asked for with `some`",
          'as in `some line in order.lines where (line.sku is "HAT")`'),
    _like(r"any(?= (?:line|payment|fee|discount|tax|shipping) in\b)", "`any` is written `some` here", "", "some",
          needs="SOME"),
    _like(r"(?:<=?|>=?)(?=\s*[\d.]+)", "a value is compared once", "as in `is between 5 and 10`", needs="THEN"),
    _like(r"equals\b", "`equals` is no word of the language", "write `is`", "is"),
    _like(r"not (contains?|starts?|ends?|matches|match)\b", "`not` stands behind `does`", "write `does not contain`, "
          "`does not start with`, …", lambda m: "does not " + {"contains": "contain", "starts": "start", "ends": "end",
                                                              "matches": "match"}.get(m[1].casefold(), m[1].casefold()),
          needs="IS"),
    _like(r"not is\b", "`not` stands behind `is`", "write `is not`", "is not"),
    _like(r"<>|!==?|≠", "values are compared with words", "write `is not`", "is not", code="R104"),
    _like(r"≥|=>(?=\s*\d)", "`at least` is written `>=` here", "or `is at least`", ">=", code="R104"),
    _like(r"≤|=<(?=\s*\d)", "`at most` is written `<=` here", "or `is at most`", "<=", code="R104"),
    _like(r"(?:is )?(?:greater|bigger|larger|higher|more) than or equal(?: to)?\b", "this comparison has a name of its own",
          "write `is at least`", "is at least"),
    _like(r"(?:is )?(?:less|smaller|lower) than or equal(?: to)?\b", "this comparison has a name of its own",
          "write `is at most`", "is at most"),
    _like(r"(?:greater|bigger|larger|higher)(?= than)", "`{0}` is no word of the language", "write `is more than`", "more"),
    _like(r"(?:smaller|lower|fewer)(?= than)", "`{0}` is no word of the language", "write `is less than`", "less"),
    _like(r"(more|less) than\b", "`is` is missing before `{0}`", "", lambda m: f"is {m[0].casefold()}", needs="IS"),
    _like(r"(at least|at most)\b", "`is` is missing before `{0}`", "", lambda m: f"is {m[0].casefold()}", needs="IS"),
    _like(r"(one of|between|missing|present|before|after|exactly)\b", "`is` is missing before `{0}`", "",
          lambda m: f"is {m[0].casefold()}", needs="IS"),
    _like(r"(?:begins|begin|start|starting|beginning)(?: with)?\b", "`{0}` is written `starts with` here", "",
          "starts with", needs="IS"),
    _like(r"(?:end|ending)(?: with| in)\b|ends in\b", "`{0}` is written `ends with` here", "", "ends with", needs="IS"),
    _like(r"contain\b", "`contain` is written `contains` here", "", "contains", needs="IS"),
    _like(rf"one of \(\s*({_TEXT}(?:\s*,\s*{_TEXT})*)\s*\)", _LISTS, "", lambda m: f"one of {_bracketed(m)}"),
    _like(rf"one of ({_TEXT}(?:\s*,\s*{_TEXT})+)", _LISTS, "", lambda m: f"one of {_bracketed(m)}"),
    _like(rf'{_TEXT}(?:\s*,\s*{_TEXT})+', "this comparison takes one text", _EACH, needs="AND THEN"),
    _like(r"&&?", "`{0}` means nothing here", "two conditions are joined with "
          "`and`", "and", needs="AND", code="R104"),
    _like(r"(\d+(?:\.\d+)?%) of ([a-z_]+(?:\.[a-z_0-9]+)+)", "a part of something is multiplied out",
          "as in `order.total * 10%`", lambda m: f"{m[2]} * {m[1]}"),
    _like(r"([a-z_]+(?:\.[a-z_0-9]+)+)\.(upper|lower|trim|length|round|abs)\(\s*\)",
          "a function stands before its value", "as in `upper(order.store)`", lambda m: f"{m[2].lower()}({m[1]})"),
    _like(r"&&?", "texts are put together inside one text", 'as in "{order.store} {order.currency}"',
          code="R104"),
    _like(r"\|\|?", "`{0}` means nothing here", "two conditions are joined with `or`", "or", needs="OR"),
    # --- fields and names
    _like(rf"({_TEXT}|\d[\d.]*(?: [A-Z]{{3}})?)", "expected `default`", "as in `setting order_prefix is text default \"WC-\"`",
          lambda m: f"default {m[1]}", needs="DEFAULT"),
    _like(r"(?<=\[)([A-Za-z_]\w*)(?=\])", "a key stands in double quotes", 'as in `order.meta["_po_number"]`',
          lambda m: f'"{m[1]}"', needs="STRING"),
    _like(r"(?:remove|delete|no) (?:the )?(?:sales )?tax(?:es)?\b", "whether an order is taxed is said by its tax code",
          'as in `set books.tax_code to "Non"`', needs="SET"),
    _like(r"(?<=setting )([a-z_]+(?: [a-z_]+)+)(?= is\b)", "a name is one word", "words of a name are joined with `_`",
          lambda m: "_".join(m[1].split())),
    _like(rf"(?<=setting )([a-z_]+)\s*=?\s*({_TEXT}|\d[\d.]*)", "a setting says of which type it is",
          "as in `setting order_prefix is text default \"WC-\"`",
          lambda m: f"{m[1]} is {'text' if m[2].startswith(chr(34)) else 'number'} default {m[2]}"),
    _like(rf"({_ROOTS})((?: (?!(?:{_RESERVED})\b)[a-z_]+){{1,3}}?)"
          r"(?= (?:is|contains|starts|ends|matches|has|does|to|with)\b|\s*\Z)",
          "a field is written with a point and no blanks", "as in `order.payment_method`",
          lambda m: f"{m[1].casefold()}.{'_'.join(m[2].split()).casefold()}"),
    # --- what rules are for
    _like(rf"for (?:each|every|all) ({_RECORDS})\b(?! *\.)", "a rule runs for every record by itself",
          "`for each` is for the items of a record: `for each line in order.lines`",
          lambda m: f"for {m[1].casefold().rstrip('s')}"),
    _like(r"for each (?:item|items|product|products|lines|row)\b(?: in order(?:\.\w+)?)?", "the items of an order are its lines",
          "as in `for each line in order.lines`", "for each line in order.lines"),
    _like(r"(?<=in )order(?![.\w])", "say which items of the order", "as in `line in order.lines`, `payment in order.payments`"),
    _like(r"item(?=\.\w)", "the items of an order are its lines", "as in `line.sku`", "line"),
    # --- statements
    _like(r"skip item\b", "the items of an order are its lines", 'as in `skip line "why"`', "skip line"),
    _like(r"then(?= (?:set|fill|override|clear|replace|add|skip|hold|fail|tag|log)\b)",
          "`then` stands once, before the first statement", _FOLLOW, lambda m: "", needs="SET"),
    _like(r"([a-z_]+(?:\.[a-z_0-9]+)+)\s*(?:=|to\b)(?!=)", "a field is written with `set`", "as in `set books.class to \"Web\"`",
          lambda m: f"set {m[1]} to", needs="SET"),
    _like(r"from(?= [a-z_]+\.)", "expected `in`, found `from`", 'as in `replace "#" with "" in order.number`', "in", needs="IN"),
    _like(r"(?:remove|delete|empty|erase)(?= [a-z_]+\.(?!tax_total\b)[a-z_]+)", "`{0}` is written `clear` here",
          "a field that is cleared is missing", "clear", needs="SET"),
    _like(r"(?:add|increase|raise) (\d[\d.]*(?: [A-Z]{3})?) to ([a-z_]+(?:\.[a-z_0-9]+)+)|"
          r"(?:increase|raise) ([a-z_]+(?:\.[a-z_0-9]+)+) by (\d[\d.]*(?: [A-Z]{3})?)", "a field is changed with `set`",
          "as in `set order.shipping_total to order.shipping_total + 1.50`",
          lambda m: f"set {m[2] or m[3]} to {m[2] or m[3]} + {m[1] or m[4]}"),
    _like(r"(?:subtract|take) (\d[\d.]*(?: [A-Z]{3})?) from ([a-z_]+(?:\.[a-z_0-9]+)+)|"
          r"(?:decrease|reduce|lower) ([a-z_]+(?:\.[a-z_0-9]+)+) by (\d[\d.]*(?: [A-Z]{3})?)", "a field is changed with `set`",
          "as in `set line.quantity to line.quantity - 1`",
          lambda m: f"set {m[2] or m[3]} to {m[2] or m[3]} - {m[1] or m[4]}"),
    _like(r"(?:x|times|×)(?= ?\d)", "`{0}` is written `*` here", "", "*"),
    _like(r"(\d[\d.]*) ?(?:percent|per cent|pct)\b", "`{0}` is written `{1}%` here", "", lambda m: f"{m[1]}%"),
    _like(r"up to(?= \d+ )", "expected `for up to`, found `up to`", "as in `for up to 30 days`", "for up to", needs="FOR_UP_TO"),
    _like(r"(?<=end )(?:rule|table|flow|test|use|ruleset|if)\b(?=\s*(?:\n|$))", "`end` stands alone",
          "it ends the block that is open",
          lambda m: ""),
    _like(r"(?:with|as|at|into)(?= )", "expected `to`, found `{0}`", "`set … to …`", "to", needs="TO"),
    _like(r"(?:by|to|as|into|->)(?= )", "expected `with`, found `{0}`",
          "`fill … with …`, `override … with …`, `replace … with … in …`", "with", needs="WITH"),
    _like(r"and(?= then\b)", "`and` is not needed before `then`", "", lambda m: ""),
    _like(r";", "values are separated by commas", "as in `left(order.number, 3)`", ",", needs="COMMA", code="R104"),
    _like(r"[,;]", "`{0}` is not needed between statements", _FOLLOW,
          lambda m: "", needs="SET", code="R104"),
    _like(r"\band(?= (?:set|fill|override|clear|replace|add|skip|hold|fail|tag|log)\b)",
          "`and` is not needed between statements", _FOLLOW, lambda m: "", needs="SET"),
    _like(r"(?:do not|don[’'`]?t|never) (?:sync|import|send|post|record|create|process)(?:hronize)?"
          rf"(?: (?:this |the )?(?:{_RECORDS}|it))?",
          "a record is left out with `skip`", 'as in `skip "test order"`'),
    _like(rf"(?:remove|delete|strip) ({_TEXT}) (?:from|in) ([a-z_]+(?:\.[a-z_0-9]+)+)", "a text is taken out with `replace`",
          "by nothing, which is two quotes", lambda m: f'replace {m[1]} with "" in {m[2]}'),
    _like(rf"(?<=replace )({_TEXT})(?= in\b)", "`replace` says by what", 'two quotes with nothing between them take it out',
          lambda m: f'{m[1]} with ""', needs="WITH"),
    _like(rf"(skip|hold|fail)(?:s|ped|ed)?(?: the| this)?(?: (?:{_RECORDS}))?\b", "a test expects what happened",
          "write `skipped`, `held` or `failed`",
          lambda m: {"skip": "skipped", "hold": "held", "fail": "failed"}[m[1].casefold()], needs="SKIPPED"),
    _like(rf"(?:{_RECORDS}) (?:is )?(skipped|held|failed)\b", "a test is about one record", "",
          lambda m: m[1].casefold(), needs="SKIPPED"),
    _like(r"is\b", "a test gives values with `=`", 'as in `order.number = "1042"`', "=", needs="EQUALS"),
    _like(r"hold(?= until\b| for\b)", "`hold` says why", 'as in `hold "Not paid yet" until order.paid is yes`'),
    _like(rf"(skip|hold|fail) (?:this |the )?(?:{_RECORDS}|record)\b", "`{1}` is about the whole record by itself",
          _WHY.replace("{0}", "{1}"), lambda m: m[1].casefold()),
    _like(r"\b(skip|hold|fail|tag|log)(?=\s+(?:end|otherwise|set|fill|override|skip|hold|fail|tag|log)\b)",
          "`{1}` has no words", _WHY.replace("{0}", "{1}")),
    _like(r"else(?=\s*(?:->|=>|=))", "`else` is written `otherwise` here", "", "otherwise", needs="OTHERWISE"),
    _like(r"else(?= (?:set|fill|override|clear|replace|add|skip|hold|fail|tag|log)\b)", "`else` is written `otherwise` here",
          "", "otherwise", needs="OTHERWISE"),
    _like(r"(?:otherwise|else) (?:if|when)\b", "`otherwise` has no condition of its own",
          "write another rule for the other case; inside a value there is `if(condition, then, otherwise)`"),
    _like(r"(?:else ?if|elsif|elif)\b", "`{0}` is no word of the language",
          "write another rule for the other case; inside a value there is `if(condition, then, otherwise)`"),
    _like(r"unless\b", "`unless` is no word of the language", "write `when not (…)`"),
    _like(r"(?<=up to )(\d+)(?! *(?:minute|hour|day|week|month|year))", "a time is written with its unit", "as in `30 days`",
          needs="DURATION"),
    _like(r"(\d{1,2})(?:[.:](\d{2}))?\s?(am|pm|a\.m\.|p\.m\.|o['’]clock)", "times are written 06:00 to 23:59", "",
          lambda m: _clock(m[1], m[2] or "00", m[3]), needs="TIME"),
    _like(r"(?<=every )(minute|hour|week)\b", "a time is written with its number", "as in `every 1 hour`",
          lambda m: f"1 {m[1].casefold()}", needs="DURATION"),
    _like(r"(?<=every )day\b(?: at)?", "expected a duration such as `30 days`, or `every day at`", "as in `every day at 06:00`",
          needs="DURATION"),
    # --- texts and titles
    _like(r'"[^"\n]*\\"[^\n]*', 'a quote inside a text is written twice: ""', 'as in "a 5"" pipe"'),
    _like(rf"(?:(?<=rule )|(?<=test )|(?<=flow )|(?<=ruleset )|(?<=\snote ))[^\s{_QUOTES}][^{_QUOTES}\n]*?"
          r"(?=\s+(?:off|for|from|given|language|version)\b|\s*(?://.*)?(?:\n|$))",
          'titles stand in double quotes: "{0}"', "", _titled, needs="STRING"),
    # --- signs
    _like(r"/\*.*?\*/", "a comment begins with `//`", "it goes to the end of the line",
          lambda m: f"// {m[0][2:-2].strip()}", needs="RULE"),
    _like(r"/\*|--|'|;", "a comment begins with `//`", "it goes to the end of the line", "//", needs="RULE"),
    _like(r"--(?=\s*[a-z])", "a comment begins with `//`", "it goes to the end of the line", "//"),
    _like(r"=(?!>)", "expected `->`", "", "->", needs="ARROW"),
    _like(r"=>|→|➔|⇒|--?>|—>|–>", "expected `->`", "", "->", needs="ARROW", code="R104"),
    _like(r"[,;]", "the columns of a table are separated by `|`", "", " |", needs="BAR ARROW"),
    _like(r"(?<=\w):", "a value is given with `=`", "as in `record_as = invoice`", " =", needs="EQUALS", code="R104"),
    _like(r":", "`:` is not needed here", "", lambda m: "", code="R104"),
)  # fmt: skip


#: How many words before the stop a habit may begin at: `is one of ("a", "b"` stops at the comma.
REACH = 6


def find(text: str, start: int, earlier: Sequence[int], accepts: frozenset[str]) -> Found | None:
    """The first habit that fits at a stop.

    `start` is the offset of what could not be read, `earlier` those of the words before it, the farthest first. A habit
    begins at one of these, and reaches at least up to what could not be read.
    """
    for habit in HABITS:
        if habit.needs and not habit.needs & accepts:
            continue
        for place in (*earlier, start):
            match = habit.looks.match(text, place)
            if match is not None and not text[match.end() : start].strip():
                return _filled(habit, match)
    return None


def shortened(text: str) -> str:
    """A text as a message can bear it."""
    return text if len(text) <= 60 else text[:57] + "…"


def _filled(habit: Habit, match: re.Match[str]) -> Found:
    sign = next((each for each in match[0] if each in _CURRENCIES), "")
    parts = {"sign": sign, **{str(at): shortened(part or "") for at, part in enumerate((match[0], *match.groups()))}}

    def fill(text: str) -> str:
        return re.sub(r"\{(sign|\d)\}", lambda each: parts.get(each[1], ""), text)

    new = habit.new(match) if callable(habit.new) else habit.new or None
    return Found(match.start(), match.end(), habit.code, fill(habit.message), fill(habit.help), new)


_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def written_date(text: str) -> str | None:
    """The date that somebody means by `2026/1/31`, `1/31/26` or `31.1.2026`, as the language writes it; None for others."""
    text = text.strip()
    if match := _ISO.fullmatch(text):
        return _written_date(match[1], match[2], match[3])
    if match := _AMERICAN.fullmatch(text):
        return _written_date(match[3] if len(match[3]) == 4 else f"20{match[3]}", match[1], match[2])
    if match := _DOTTED.fullmatch(text):
        return _written_date(match[3], match[2], match[1])
    return None


_AMOUNT = re.compile(r"([$€£¥])\s?(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*(?:\.\d+)?)\s?([$€£¥]|[A-Za-z]{3})")


def written_amount(text: str) -> str | None:
    """The amount that somebody means by `$5`, `5 €` or `5.00 usd`, as the language writes it; None for others."""
    match = _AMOUNT.fullmatch(text.strip())
    return _amount(match[2] or match[3], match[1] or match[4]) if match else None


# --- letters that look like others ------------------------------------------------------------------------------------

#: Letters of other alphabets that nobody can tell from Latin ones by looking (a part of Unicode's confusables.txt).
_TWINS = {
    **dict(zip("аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅ", "aeopcyxijsdhqwABEKMHOPCTYXIJS", strict=True)),
    **dict(zip("οανρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oavpuABEZHIKMNOPTYX", strict=True)),
}
_INVISIBLE = frozenset(["Cf", "Cc", "Zs", "Zl", "Zp"])


def strange_letter(text: str, at: int) -> Found | None:
    """What is said of a letter that is not what it looks like, or that cannot be seen; None for any other."""
    letter = text[at]
    if unicodedata.category(letter) in _INVISIBLE:
        name = unicodedata.name(letter, f"U+{ord(letter):04X}").lower()
        return Found(
            at, at + 1, "R104", f"a sign that cannot be seen stands here ({name})",
            "it came along with copied text; take it out", "",
        )  # fmt: skip
    if letter not in _TWINS:
        return None
    start, end = at, at + 1
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_."):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_."):
        end += 1
    word = text[start:end]
    latin = "".join(_TWINS.get(each, each) for each in word)
    alphabet = unicodedata.name(letter).partition(" ")[0].capitalize()
    looks = f"is a {alphabet} letter that looks like a Latin `{_TWINS[letter]}`"
    return Found(
        start, end, "R104", f"the `{letter}` in `{shortened(word)}` {looks}",
        "words of the language and names are written in Latin letters", latin if latin.isascii() else None,
    )  # fmt: skip

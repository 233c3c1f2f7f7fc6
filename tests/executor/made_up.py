"""Made-up rule sets and records for the executor's tests; changes when the language can say more."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from dsl.check import check_text
from dsl.program import Program, compile_ruleset
from engine.vocabulary import vocabulary

SCHEMA = vocabulary()
TODAY = date(2026, 1, 31)
Draw = Callable[[st.SearchStrategy[Any]], Any]

RECORD_TEXTS = (
    "order.number",
    "order.note",
    "order.store",
    "order.po_number",
    "customer.name",
    "bill_to.city",
    "books.memo",
    "books.class",
    'order.meta["k"]',
    "order.payment_method",
)
WORDS = ("a", "B", "ab", "A-1", "#7", "x ", " ", "Éa", "straße", "UPS", "the ups man", "10", "7.5", "2026-01-02", "aba")
TABLES = """
setting prefix is text default "A-"
setting nothing is text default ""
setting limit is money default 10.00 USD
setting share is percent default 7.5%
list words is ["a", "B", "x"]
table by_word
  letters -> class | place
  "a" or "b" -> "letters" | "one"
  "ab" -> missing | "two"
  "10" -> "ten" | missing
end
table by_two
  letters | paid -> code
  "a" | yes -> "A1"
  any | no -> "unpaid"
  missing | any -> "none"
  starts with "x" | any -> "ex"
  otherwise -> "other"
end
table by_amount
  total -> size
  up to 10 -> "small"
  between 10 and 20 -> "middle"
  otherwise -> "large"
end
"""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


class Writer:
    """Draws the parts of a rule set as text, each of the type that is asked for."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.depth = 0
        self.items: list[str] = []

    def one(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(0, one_in - 1)) == 0)

    def word(self) -> str:
        return quoted(self.one(*WORDS))

    def text_path(self) -> str:
        paths = list(RECORD_TEXTS)
        if "line" in self.items:
            paths += ["line.sku", "line.name", "line.class", 'line.meta["k"]'] * 2
        if "payment" in self.items:
            paths += ["payment.method", "payment.reference"] * 2
        path: str = self.one(*paths)
        received = not path.startswith("books.") and path != "line.class"
        return f"original {path}" if received and self.chance(8) else path

    def money_path(self) -> str:
        paths = ["order.total", "order.shipping_total", "order.balance", "order.fee_total"]
        if "line" in self.items:
            paths += ["line.amount", "line.unit_price"] * 2
        if "payment" in self.items:
            paths += ["payment.amount"] * 2
        path: str = self.one(*paths)
        return f"original {path}" if self.chance(8) else path

    def nested(self, make: Callable[[], str], simple: Callable[[], str]) -> str:
        if self.depth >= 3:
            return simple()
        self.depth += 1
        try:
            return make()
        finally:
            self.depth -= 1

    def text(self) -> str:
        return self.nested(self._text, self.text_path)

    def _text(self) -> str:
        match self.one(*range(16)):
            case 0 | 1 | 2:
                return self.text_path()
            case 3 | 4:
                return self.word()
            case 5 | 6:
                return self.template()
            case 7:
                return f"upper({self.text()})"
            case 8:
                return f"{self.one('text_before', 'text_after')}({self.text()}, {self.word()})"
            case 9:
                return f"({self.text()} or else {self.text()})"
            case 10:
                return f"lookup by_word({self.text()}).{self.one('class', 'place')}"
            case 11:
                return f"lookup by_two({self.text()}, {self.yes_no()})"
            case 12:
                return f"if({self.condition()}, {self.text()}, {self.text()})"
            case 13:
                return f"replace({self.text()}, {self.word()}, {self.word()})"
            case 14:
                return f"lookup by_amount({self.money()})"
        return str(self.one("prefix", "nothing", "left(order.number, 2)", "text(order.total)", "trim(order.note)"))

    def template(self) -> str:
        holes = []
        for _ in range(self.one(1, 2)):
            made = self.one(self.text_path, self.money_path, self.number, self.date, self.yes_no)()
            holes.append(made.replace('"', '""'))
        return '"' + " ".join("{" + hole + "}" for hole in holes) + "-" + '"'

    def number(self) -> str:
        return self.nested(self._number, lambda: str(self.one("0", "1", "2.5", "length(order.number)")))

    def _number(self) -> str:
        options: list[Callable[[], str]] = [
            lambda: str(self.one("0", "1", "3", "2.50")),
            lambda: f"length({self.text()})",
            lambda: f"number({self.text()})",
            lambda: f"({self.number()} {self.one('+', '-', '*', '/')} {self.number()})",
            lambda: f"count({self.collection()})",
            lambda: f"days_between({self.date()}, today)",
            lambda: f"({self.money()} / {self.money_path()})",
        ]
        if "line" in self.items:
            options += [lambda: "line.quantity"] * 4
        return str(self.one(*options)())

    def money(self) -> str:
        return self.nested(self._money, self.money_path)

    def _money(self) -> str:
        match self.one(*range(12)):
            case 0 | 1 | 2 | 3:
                return self.money_path()
            case 4:
                return str(self.one("12.50 USD", "0.00 USD", "10.00 USD", "3.00 EUR", "limit"))
            case 5:
                return f"({self.money()} {self.one('+', '-')} {self.one(self.money, self.number)()})"
            case 6:
                return f"({self.money()} * {self.number()})"
            case 7:
                return f"({self.money()} / {self.number()})"
            case 8:
                return f"({self.money()} * {self.one('10%', 'share', '33.3%')})"
            case 9:
                return f"sum(line.amount in {self.collection('line')})"
            case 10:
                return f"round({self.money()}, {self.one('0', '1')})"
        return f"max({self.money()}, {self.one(self.money_path, self.number)()})"

    def collection(self, word: str = "") -> str:
        word = word or self.one("line", "payment")
        collection = "order.lines" if word == "line" else "order.payments"
        if self.depth >= 3 or self.chance(2):
            return collection
        self.items.append(word)
        try:
            return f"{collection} where {self.condition()}"
        finally:
            self.items.pop()

    def date(self) -> str:
        return str(self.one("order.date", "order.ship_date", "2026-01-15", "today", "add_days(order.date, 30)"))

    def yes_no(self) -> str:
        return str(self.one("order.paid", "order.taxable", "customer.guest"))

    def condition(self) -> str:
        return self.nested(self._condition, lambda: f"{self.text_path()} is {self.word()}")

    def _condition(self) -> str:
        match self.one(*range(20)):
            case 0 | 1:
                return f"{self.text()} {self.one('is', 'is not')} {self.one(self.word, self.text)()}"
            case 2:
                kind = self.one(
                    "contains", "does not contain", "starts with", "ends with", "has the word", "is exactly"
                )
                return f"{self.text_path()} {kind} {self.one(self.word, self.text)()}"
            case 3:
                pattern = quoted(self.one("a*", "*-?", "?", "*"))
                return f"{self.text_path()} {self.one('matches', 'does not match')} {pattern}"
            case 4:
                pattern = quoted(self.one("^a", "[0-9]+", "B$", "."))
                return f"{self.text_path()} matches pattern {pattern}"
            case 5:
                listed = self.one("words", '["a", "AB", " "]')
                return f"{self.text_path()} {self.one('is one of', 'is not one of')} {listed}"
            case 6 | 7:
                how = self.one(
                    "is", "is not", "is more than", "is less than", "is at least", ">", "<=", "is not more than"
                )
                return f"{self.money()} {how} {self.one(self.money, self.number)()}"
            case 8:
                return f"{self.number()} {self.one('is', '>', 'is at most')} {self.number()}"
            case 9:
                return f"{self.money()} is {self.one('', 'not ')}between {self.number()} and {self.money()}"
            case 10:
                return f"{self.yes_no()} {self.one('is', 'is not')} {self.one('yes', 'no')}"
            case 11:
                path = self.one(self.text_path, self.money_path, self.date)()
                return f"{path} is {self.one('missing', 'present')}"
            case 12:
                return f"{self.date()} {self.one('is before', 'is after', 'is')} {self.date()}"
            case 13:
                return f"order.tags {self.one('contains', 'does not contain')} {self.word()}"
            case 14 | 15:
                return f"({self.condition()} {self.one('and', 'or')} {self.condition()})"
            case 16:
                return f"not ({self.condition()})"
            case 17:
                word = self.one("line", "payment")
                self.items.append(word)
                try:
                    inner = self.condition()
                finally:
                    self.items.pop()
                where = f" where ({inner})" if not self.chance(5) else ""
                return f"{self.one('some', 'every', 'no')} {word} in order.{word}s{where}"
            case 18:
                return f"({self.condition()} and {self.condition()} and {self.condition()})"
        return f"({self.text()}) is {self.one('missing', 'present')}"

    def statement(self, loop: str) -> str:
        match self.one(*range(18)):
            case 0 | 1 | 2:
                path = self.text_target(loop)
                return f"{self.one('set {} to {}', 'fill {} with {}', 'override {} with {}')}".format(path, self.text())
            case 3 | 4 | 5:
                path = self.money_target(loop)
                value = self.one(self.money, self.money, self.number)()
                return f"{self.one('set {} to {}', 'fill {} with {}')}".format(path, value)
            case 6 if loop == "line":
                return f"set line.quantity to {self.number()}"
            case 6 | 7:
                return f"set order.ship_date to {self.date()}"
            case 8:
                return f"clear {self.one(self.text_target, self.money_target)(loop)}"
            case 9 | 10:
                return f"replace {self.one(self.word, self.text)()} with {self.word()} in {self.text_target(loop)}"
            case 11:
                return f"tag {self.one(self.word, self.template)()}"
            case 12:
                return f"log {self.template()}"
            case 13:
                where = self.one("line", "fee")
                name = "sku" if where == "line" else "name"
                return f"add {where} {name} = {self.text()} amount = {self.one(self.money, self.number)()}"
            case 14 if loop:
                return f"skip {loop} {self.template()}"
            case 15:
                stop = self.one("or hold", "or skip", "or fail", f"or skip {loop}" if loop else "or hold")
                return f"set {self.text_target(loop)} to {self.text()} {stop} {self.template()}"
            case 16 if self.chance(3):
                return f"skip {self.template()}"
            case 17 if self.chance(2):
                until = f" until {self.condition()}" if self.chance(2) else ""
                limit = " for up to 10 days" if self.chance(2) else ""
                return f"hold {self.template()}{until}{limit}"
        return f"set {self.text_target(loop)} to {self.text_path()}"

    def text_target(self, loop: str) -> str:
        targets = [path for path in RECORD_TEXTS if path != "order.payment_method"]
        if loop == "line":
            targets += ["line.sku", "line.class", 'line.meta["k"]'] * 3
        if loop == "payment":
            targets += ["payment.method", "payment.reference"] * 3
        return str(self.one(*targets))

    def money_target(self, loop: str) -> str:
        targets = ["order.shipping_total", "order.fee_total"]
        if loop == "line":
            targets += ["line.amount", "line.unit_price"] * 2
        if loop == "payment":
            targets += ["payment.amount"] * 2
        return str(self.one(*targets))

    def headed_rule(self, number: int) -> str:
        """A rule that asks for constants first, of a field that other such rules ask for and write."""
        loop = self.one("", "", "line")
        if loop:
            self.items.append(loop)
        path = self.one("line.sku", "line.class") if loop else self.one("order.note", "order.store", "books.class")
        head = self.one(
            lambda: f"{path} is {self.word()}",
            lambda: f"{path} is one of " + self.one("words", '["a", "AB", "x"]'),
        )()
        more = f" and {self.condition()}" if self.chance(3) else ""
        statement = self.one(
            lambda: f"set {path} to {self.word()}",
            lambda: f"set {'line.class' if loop else 'books.class'} to {self.word()}",
            lambda: f"set {'line.class' if loop else 'books.class'} to {self.word()}",
            lambda: self.statement(loop),
        )
        then = "\n  ".join(statement() for _ in range(self.one(1, 1, 1, 2)))
        otherwise = f"\n  otherwise {self.statement(loop)}" if loop and more and self.chance(4) else ""
        self.items.clear()
        if loop:
            how = self.one(f"where {head}{more}", f"where {head}" + (f" when {more[5:]}" if more else ""))
            return f'rule "R{number}" for each line in order.lines {how}\n  then {then}{otherwise}\nend'
        return f'rule "R{number}" for order when {head}{more}\n  then {then}\nend'

    def rule(self, number: int) -> str:
        loop = self.one("", "", "line", "line", "payment")
        scope = f"for each {loop} in order.{loop}s" if loop else "for order"
        if loop:
            self.items.append(loop)
        where = f" where {self.condition()}" if loop and not self.chance(3) else ""
        when = f" when {self.condition()}" if not self.chance(4) else ""
        then = "\n  ".join(self.statement(loop) for _ in range(self.one(1, 1, 2, 3)))
        otherwise = f"\n  otherwise {self.statement(loop)}" if when and self.chance(4) else ""
        self.items.clear()
        return f'rule "R{number}" {scope}{where}{when}\n  then {then}{otherwise}\nend'


@st.composite
def rule_sets(draw: Draw) -> str:
    writer = Writer(draw)
    rules = [writer.rule(number) for number in range(draw(st.integers(1, 6)))]
    return TABLES + "\n".join(rules)


@st.composite
def headed_rule_sets(draw: Draw) -> str:
    """Rule sets of which most rules can be found by a text."""
    writer = Writer(draw)
    made = (
        writer.rule(number) if writer.chance(8) else writer.headed_rule(number)
        for number in range(draw(st.integers(4, 14)))
    )
    return TABLES + "\n".join(made)


TEXTS = st.sampled_from([None, "", " ", "\t", *WORDS, "A- ab", "ÉA", "e\u0301a", "STRAẞE", "x" * 40])
MONEY = st.sampled_from([None, *map(Decimal, ("0.00", "10.00", "12.50", "-3.00", "19.995", "0.1", "1000000.00"))])
NUMBERS = st.sampled_from([None, *map(Decimal, ("0", "1", "2", "2.50", "-1", "12"))])
DATES = st.sampled_from([None, date(2026, 1, 15), date(2025, 12, 1), date(2026, 1, 31)])
FLAGS = st.sampled_from([None, True, False])
META = st.fixed_dictionaries({}, optional={"k": TEXTS, "other": TEXTS})
LINES = st.fixed_dictionaries(
    {"sku": TEXTS, "name": TEXTS, "quantity": NUMBERS, "unit_price": MONEY, "amount": MONEY},
    optional={"class": TEXTS, "meta": META, "id": st.sampled_from(["l1", "l2", "rule:R0:1", ""])},
)
PAYMENTS = st.fixed_dictionaries(
    {"id": st.sampled_from(["p1", "p2"]), "method": TEXTS, "amount": MONEY},
    optional={"reference": TEXTS, "currency": st.sampled_from([None, "USD", "EUR"])},
)
RECORDS = st.fixed_dictionaries(
    {
        "order": st.fixed_dictionaries(
            {
                "number": TEXTS,
                "note": TEXTS,
                "store": TEXTS,
                "payment_method": TEXTS,
                "currency": st.sampled_from(["USD", "USD", "USD", "EUR", "JPY", None]),
                "total": MONEY,
                "shipping_total": MONEY,
                "balance": MONEY,
                "paid": FLAGS,
                "date": DATES,
                "ship_date": DATES,
                "lines": st.lists(LINES, max_size=4),
                "payments": st.lists(PAYMENTS, max_size=2),
                "fees": st.just([]),
            },
            optional={
                "po_number": TEXTS,
                "fee_total": MONEY,
                "taxable": FLAGS,
                "meta": META,
                "tags": st.lists(st.sampled_from(["a", "B", "x"]), max_size=2),
            },
        ),
        "customer": st.fixed_dictionaries({"name": TEXTS, "guest": FLAGS}),
        "bill_to": st.fixed_dictionaries({"city": TEXTS}),
        "ship_to": st.just({}),
        "books": st.fixed_dictionaries({}, optional={"memo": TEXTS, "class": TEXTS}),
    }
)
HELD = st.dictionaries(st.sampled_from(["R0", "R1"]), st.sampled_from([date(2026, 1, 1), date(2026, 1, 30)]))
RELEASES = st.frozensets(st.sampled_from(["R0", "R1", "R2"]))


def copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copy(entry) for key, entry in value.items()}
    return [copy(entry) for entry in value] if isinstance(value, list) else value


def program_of(text: str) -> Program:
    checked = check_text(text, file="made-up.rules", schema=SCHEMA)
    if checked.ruleset is None:
        problems = [f"{each.code} {each.message}" for each in checked.diagnostics if each.is_error]
        # The checker rightly refuses some of what is made up: values of the wrong kind or currency side by side.
        assert all(problem[:2] in ("R3", "R4") for problem in problems), problems
        raise Refused
    return compile_ruleset(checked.ruleset)


class Refused(Exception):
    """The checker does not accept the rule set."""

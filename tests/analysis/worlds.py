"""Conditions, rule sets and records made at random over the real vocabulary, close to where claims could be wrong.

Few fields and few constants, so that conditions meet; records are made from the constants of the text: the constant itself,
the next value on either side, other cases and spaces, blanks and nothing at all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

HEAD = """
setting limit is money default 50.00 USD
setting limit_2 is money default 20.00 USD
setting prefix is text default "W-"
setting shops is list of text default ["Web", "Outlet"]
setting strict is yes/no default no
list methods is ["PayPal", "Stripe", "cod"]
list states is ["TX", "MA"]
"""

TEXTS = ["a", "A ", "ab", "abc", "b", "W-1", "PayPal", "pay", "pal", "paypal express", "UPS", "ups ground", "é", "É"]
STATES = ["TX", "MA", "CA", "tx"]
STATUSES = ["processing", "completed", "failed"]
NUMBERS = ["0", "1", "2", "5", "5.5", "10", "20", "50"]
DAYS = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-02-01"]
TAGS = ["a", "b", "Wholesale"]

TEXT_FIELDS = ["order.note", "order.number", "order.payment_method", 'order.meta["x"]', "customer.type"]
LINE_TEXTS = ["line.sku", "line.name"]
NUMBER_FIELDS = ["order.total", "order.subtotal", "order.shipping_total", "order.balance"]
LINE_NUMBERS = ["line.quantity", "line.amount"]
DAY_FIELDS = ["order.date", "order.created", "order.paid_date"]
FLAGS = ["order.paid", "order.taxable", "customer.tax_exempt"]


class Maker:
    """Makes texts of conditions; `item` is the word of the loop it stands in."""

    def __init__(self, dice: random.Random, item: str = "") -> None:
        self.dice = dice
        self.item = item

    def condition(self, depth: int = 2) -> str:
        roll = self.dice.random()
        if depth and roll < 0.62:
            word = self.dice.choice((" and ", " or "))
            parts = [self.condition(depth - 1) for _ in range(self.dice.choice((2, 2, 3)))]
            return word.join(f"({each})" if " and " in each or " or " in each else each for each in parts)
        if depth and roll < 0.68:
            return f"not ({self.condition(depth - 1)})"
        return self.comparison()

    def comparison(self) -> str:
        choices: list[tuple[int, Callable[[], str]]] = [
            (10, self.of_text),
            (7, self.of_number),
            (4, self.of_day),
            (5, self.of_flag),
            (3, self.of_presence),
            (3, self.of_list),
            (3, self.of_two),
            (2, self.of_items),
            (2, self.of_state),
            (2, self.of_setting),
        ]
        return self.dice.choices([each for _, each in choices], [weight for weight, _ in choices])[0]()

    def quoted(self, texts: list[str]) -> str:
        return '"' + self.dice.choice(texts).replace('"', '""') + '"'

    def text_field(self) -> str:
        fields = TEXT_FIELDS[:3] if self.dice.random() < 0.8 else TEXT_FIELDS
        if self.item:
            fields = [*LINE_TEXTS, *fields[:1]]
        return self.dice.choice(fields)

    def text(self) -> str:
        field = self.text_field()
        roll = self.dice.random()
        if roll < 0.78 or self.item:
            return field
        return self.dice.choice(
            [
                f"left({field}, 2)",
                f"upper({field})",
                f'{field} or else "a"',
                f'"{{{field.replace(QUOTE, QUOTE * 2)}}}b"',
                f'text_before({field}, "b")',
                "original order.number",
                f"trim({field})",
            ]
        )

    def of_text(self) -> str:
        left = self.text()
        match self.dice.randrange(12):
            case 0 | 1 | 2:
                return f"{left} {self.dice.choice(('is', 'is not'))} {self.quoted(TEXTS)}"
            case 3:
                return f"{left} {self.dice.choice(('is exactly', 'is not exactly'))} {self.quoted(TEXTS)}"
            case 4 | 5:
                listed = ", ".join(self.quoted(TEXTS) for _ in range(self.dice.choice((1, 2, 3))))
                listed = self.dice.choice((f"[{listed}]", f"[{listed}]", "methods", "shops"))
                return f"{left} {self.dice.choice(('is one of', 'is not one of'))} {listed}"
            case 6:
                return f"{left} {self.dice.choice(('contains', 'does not contain'))} {self.quoted([*TEXTS, ' ', 'p'])}"
            case 7:
                return f"{self.maybe_not()}{left} starts with {self.quoted([*TEXTS, ' ', 'p'])}"
            case 8:
                return f"{self.maybe_not()}{left} ends with {self.quoted([*TEXTS, 'c', 'l'])}"
            case 9:
                return f"{self.maybe_not()}{left} has the word {self.quoted(TEXTS)}"
            case 10:
                patterns = ["a*", "*b", "*", "a?c", "?b*", "*pal*", "pay*ess", "a*b*c", "PayPal", "b* *"]
                return f"{self.maybe_not()}{left} matches {self.quoted(patterns)}"
        return f"{self.maybe_not()}{left} matches pattern {self.quoted(['^a', 'b$', 'a.c', '(?i)paypal'])}"

    def maybe_not(self) -> str:
        return "not " if self.dice.random() < 0.35 else ""

    def number(self) -> str:
        field = self.dice.choice(LINE_NUMBERS if self.item else NUMBER_FIELDS)
        roll = self.dice.random()
        if roll < 0.8:
            return field
        return self.dice.choice(
            [
                "count(order.lines)",
                "count(order.lines where line.quantity is more than 1)",
                f"{field} + 5",
                "order.total - order.subtotal",
                "sum(line.amount in order.lines)",
            ]
        )

    def of_number(self) -> str:
        left = self.number()
        if self.dice.random() < 0.2:
            low, high = self.dice.choice(NUMBERS), self.dice.choice(NUMBERS)
            return f"{self.maybe_not()}{left} is between {low} and {high}"
        if self.dice.random() < 0.1:
            return f"{left} is one of [{self.dice.choice(NUMBERS)}, {self.dice.choice(NUMBERS)}]"
        words = ["is", "is not", "is more than", "is less than", "is at least", "is at most", ">", "<", ">=", "<="]
        value = self.dice.choice(NUMBERS)
        if self.dice.random() < 0.1:
            return f"{value} {self.dice.choice(('<', '>', '<=', '>='))} {left}"
        return f"{self.maybe_not()}{left} {self.dice.choice(words)} {value}"

    def of_day(self) -> str:
        left = self.dice.choice(DAY_FIELDS)
        if self.dice.random() < 0.15:
            return f"{left} is between {self.dice.choice(DAYS)} and {self.dice.choice(DAYS)}"
        words = ["is", "is not", "is before", "is after", "is at least", "is at most"]
        value = self.dice.choice([*DAYS, "today"]) if self.dice.random() < 0.3 else self.dice.choice(DAYS)
        return f"{self.maybe_not()}{left} {self.dice.choice(words)} {value}"

    def of_flag(self) -> str:
        left = self.dice.choice(["line.taxable", *FLAGS[:1]] if self.item else FLAGS)
        return self.dice.choice((left, f"not {left}", f"{left} is yes", f"{left} is no", f"{left} is not yes"))

    def of_presence(self) -> str:
        left = self.dice.choice((self.text, self.number, self.text))()
        return f"{left} {self.dice.choice(('is missing', 'is present'))}"

    def of_list(self) -> str:
        word = self.dice.choice(("contains", "does not contain"))
        return f"order.tags {word} {self.quoted(TAGS)}"

    def of_two(self) -> str:
        match self.dice.randrange(5):
            case 0 | 1:
                words = ["is", "is not", "is more than", "is less than", "is at least", "is at most"]
                return f"{self.dice.choice(NUMBER_FIELDS[:3])} {self.dice.choice(words)} {self.dice.choice(NUMBER_FIELDS[:3])}"
            case 2:
                word = self.dice.choice(("is", "is not", "is exactly", "contains", "starts with"))
                return f"{self.dice.choice(TEXT_FIELDS[:3])} {word} {self.dice.choice(TEXT_FIELDS[:3])}"
            case 3:
                return f"order.date {self.dice.choice(('is', 'is before', 'is after'))} order.paid_date"
        low, high = self.dice.choice(NUMBER_FIELDS), self.dice.choice(NUMBER_FIELDS)
        return f"order.total is between {low} and {high}"

    def of_items(self) -> str:
        inner = Maker(self.dice, "line").condition(self.dice.choice((0, 1)))
        return f"{self.dice.choice(('some', 'no', 'every'))} line in order.lines where ({inner})"

    def of_state(self) -> str:
        words = ["is", "is not", "is one of states", "is not one of states"]
        word = self.dice.choice(words)
        return f"ship_to.state {word}" if "of" in word else f"ship_to.state {word} {self.quoted(STATES)}"

    def of_setting(self) -> str:
        return self.dice.choice(
            [
                "order.total is more than limit",
                "order.total is at most limit",
                "order.total is at least limit_2",
                "order.number starts with prefix",
                "not order.number starts with prefix",
                "strict",
                "strict is no",
                "prefix is missing",
                'prefix is ""',
            ]
        )


class Records:
    """Makes records from the constants that the conditions speak of."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def record(self) -> dict[str, Any]:
        dice = self.dice
        order: dict[str, Any] = {"currency": "USD", "meta": {}}
        parts: dict[str, dict[str, Any]] = {"order": order, "customer": {}, "ship_to": {}}
        for path in TEXT_FIELDS[:3] + TEXT_FIELDS[4:]:
            self.put(parts, path, self.text(TEXTS))
        order["meta"]["x"] = self.text(TEXTS)
        parts["ship_to"]["state"] = self.text(STATES)
        order["status"] = self.text(STATUSES)
        order["class"] = self.text(["a", "b"])
        for path in NUMBER_FIELDS:
            self.put(parts, path, self.number())
        for path in DAY_FIELDS:
            day = self.day()
            if path == "order.created" and day is not None:
                day = datetime(day.year, day.month, day.day, dice.choice((0, 12, 23)), 59, tzinfo=UTC)
            self.put(parts, path, day)
        for path in FLAGS:
            self.put(parts, path, dice.choice((True, False, True, False, None)))
        order["tags"] = dice.choice((None, [], ["a"], ["A", "b"], ["wholesale"], ["c"]))
        order["lines"] = [self.line() for _ in range(dice.choice((0, 1, 1, 2, 3)))]
        return parts

    def line(self) -> dict[str, Any]:
        return {
            "sku": self.text(TEXTS),
            "name": self.text(TEXTS),
            "quantity": self.number(),
            "amount": self.number(),
            "taxable": self.dice.choice((True, False, None)),
        }

    @staticmethod
    def put(parts: Mapping[str, dict[str, Any]], path: str, value: Any) -> None:
        root, _, name = path.partition(".")
        parts[root][name] = value

    def text(self, texts: list[str]) -> str | None:
        dice = self.dice
        roll = dice.random()
        if roll < 0.12:
            return dice.choice((None, "", "  "))
        text = dice.choice(texts)
        if roll < 0.55:
            return text
        if roll < 0.65:
            return dice.choice((text.upper(), text.lower(), f" {text} ", text.strip()))
        if roll < 0.9:
            other = dice.choice(texts)
            return text + dice.choice(("", " ", "-")) + other
        return dice.choice(("zzz", "p", "abbc", "b x", "pal pay"))

    def number(self) -> Decimal | None:
        if self.dice.random() < 0.1:
            return None
        return Decimal(self.dice.choice(NUMBERS)) + self.dice.choice(
            (
                Decimal(0),
                Decimal(0),
                Decimal(0),
                Decimal("0.01"),
                Decimal("-0.01"),
                Decimal(1),
                Decimal(-1),
                Decimal(-5),
            )
        )

    def day(self) -> date | None:
        if self.dice.random() < 0.1:
            return None
        day = date.fromisoformat(self.dice.choice(DAYS))
        return day + timedelta(days=self.dice.choice((0, 0, -1, 1)))


QUOTE = '"'
CLASH_FIELDS = ["books.class", "order.class", "order.note", "books.memo"]


def rule_set(dice: random.Random, rules: int) -> str:
    """A rule set of rules that ask few things and write few fields, so that they get into one another's way."""
    found = [HEAD]
    for number in range(rules):
        item = "line" if dice.random() < 0.25 else ""
        maker = Maker(dice, item)
        scope = "for each line in order.lines" if item else "for order"
        if item and dice.random() < 0.5:
            scope += f" where {maker.condition(dice.choice((0, 1)))}"
        when = f" when {small(dice, maker)}" if dice.random() < 0.93 else ""
        otherwise = f" otherwise {statement(dice, item)}" if when and dice.random() < 0.25 else ""
        found.append(f'rule "R{number}" {scope}{when} then {statement(dice, item)}{otherwise} end')
    return "\n".join(found)


def small(dice: random.Random, maker: Maker) -> str:
    """A condition that often is about the same as others."""
    if dice.random() < 0.3:
        return maker.condition(1)
    field = dice.choice(("order.note", "order.class", "order.status", "ship_to.state"))
    if field == "order.status":
        value = f'"{dice.choice(STATUSES)}"'
    else:
        value = f'"{dice.choice(("a", "b", "TX"))}"'
    first = dice.choice(
        (f"{field} is {value}", f"{field} is not {value}", f"{field} is present", f"{field} is missing")
    )
    if dice.random() < 0.5:
        return first
    second = dice.choice(
        ("order.paid", "not order.paid", "order.total > 5", "order.total < 5", f'{field} is one of [{value}, "b"]')
    )
    return f"{first} {dice.choice(('and', 'or'))} {second}"


def statement(dice: random.Random, item: str) -> str:
    roll = dice.random()
    if roll < 0.3:
        return dice.choice(('skip "x"', 'fail "x"', 'skip "x"', 'hold "x"'))
    if item and roll < 0.4:
        return 'skip line "x"'
    field = dice.choice(["line.class", "line.sku", *CLASH_FIELDS[:2]] if item else CLASH_FIELDS)
    if roll < 0.8:
        return f'set {field} to "{dice.choice("ab")}"'
    if roll < 0.88:
        return f"clear {field}"
    return dice.choice((f'override {field} with "a"', f'fill {field} with "b"', 'tag "a"'))

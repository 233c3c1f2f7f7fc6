# ruff: noqa: E501 - a block with its mistakes is best read in one line
"""Files with seeded mistakes: what is broken, and what must be said of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

HEAD = """\
ruleset "Seeded"
  language 1
end

setting order_prefix is text default "WC-"
setting hold_over is money default 5000.00 USD
list store_credit is ["Credit Account", "Store Credit"]
table tax_code_for
  state | taxable -> code
  "MD"  | yes     -> "MD Sales Tax"
  any   | no      -> "Non"
  otherwise       -> missing
end

rule "Reads all that is declared"
  for order
  when order.store is "Head" and order.total is more than hold_over and order.payment_method is one of store_credit
  then set books.tax_code to lookup tax_code_for(ship_to.state, order.taxable) or else order_prefix
end
"""

CLEAN = (
    'rule "Clean {n}"\n  for order\n  when order.store is "C{n}"\n  then set books.memo to "{{order.number}} of {{order.store}}"\nend\n',
    'rule "Clean {n}"\n  for each line in order.lines where order.store is "C{n}" and line.sku starts with "A{n}"\n'
    '  then set line.quantity to line.quantity * 3   set line.unit_price to line.unit_price / 3\nend\n',
    'rule "Clean {n}" for order when order.store is "C{n}" then hold "Not paid" until order.paid is yes for up to 3 days end\n',
    '// A remark with "quotes", rule and end\nlist clean_{n} is ["A", "B"]\nrule "Clean {n}"\n  for order\n'
    '  when order.store is one of clean_{n}\n  then tag "c{n}"\nend\n',
    'test "Clean {n}"\n  given order\n    order.store = "C{n}"  line sku = "HAT" amount = 2.00 USD\n  expect\n'
    '    order.store is "C{n}"  line count is 1\nend\n',
)  # fmt: skip


@dataclass(frozen=True)
class Mistake:
    """A block with mistakes: `«` and `»` stand around what is blamed for each, `codes` are theirs in order."""

    codes: str
    text: str


MISTAKES = tuple(
    Mistake(codes, text)
    for codes, text in (
        # --- what cannot be read
        ("R105", 'rule "M{n}"\n  for order\n  when order.store is "M{n}"\n  then skip "No"\n«rule» "N{n}" for order then tag "n{n}" end\n'),
        ("R101", 'rule "M{n}"\n  for order\n  when order.store is "M{n}"\n  «skip» "No"\nend\n'),
        ("R102", 'rule "M{n}"\n  for order\n  when order.total is «mor» than 5.00 USD\n  then tag "m{n}"\nend\n'),
        ("R102", 'rule "M{n}"\n  for order\n  «wehn» order.store is "M{n}"\n  then tag "m{n}"\nend\n'),
        ("R102", 'rule "M{n}"\n  for order\n  when order.store is "M{n}"\n  «thne» tag "m{n}"\nend\n'),
        ("R102", 'rule "M{n}" for order when order.store is "M{n}" then tag "m{n}" «ned»\n'),
        ("R102", '«rul» "M{n}" for order when order.store is "M{n}" then tag "m{n}" end\n'),
        ("R104", 'rule "M{n}" for order when order.number contains «#» then tag "m{n}" end\n'),
        ("R104", 'rule "M{n}" for order when order.store is “M{n}” then tag "m{n}" end\n'.replace("“", "«“»")),
        ("R103", 'rule "M{n}"\n  for order\n  when order.store is "M{n}"\n  then skip «"Not paid»\nend\n'),
        ("R104", 'rule "M{n}" for order when order.total «≥» 5.00 USD then tag "m{n}" end\n'),
        ("R101", 'rule «Title without quotes {n}»\n  for order\n  when order.store is "M{n}"\n  then tag "m{n}"\nend\n'),
        ("R101", 'rule "M{n}" for order when order.store is "M{n}" then set order.note «=» "x" end\n'),
        ("R101", 'rule "M{n}" for order when order.store is "M{n}" then set order.note to «end»\n'),
        ("R101", 'rule "M{n}" for order when order.store is "M{n}" then set order.note to upper(order.note «tag» "m{n}" end\n'),
        ("R101", 'rule "M{n}" for order when order.store is «and» order.paid is yes then tag "m{n}" end\n'),
        ("R101", 'rule "M{n}" for order when order.store is "M{n}" then «frobnicate» order.number end\n'),
        ("R101", 'rule "M{n}" for order when order.store is "M{n}" «set» order.note to "x" tag "m{n}" end\n'),
        ("R106", 'rule "M{n}" for order when order.store is "M{n}" then skip "No «{{»order.number" end\n'),
        ("R101", 'rule "M{n}" for order when order.store is "M{n}" then skip "No {{order.number «order»}} x" end\n'.replace("{{order.number «order»}}", "{{order.number «\"\"x\"\"»}}")),
        ("R101", 'table m_{n}\n  state -> code\n  "MD" «"x"»\n  "VA" -> "y"\nend\nrule "M{n}" for order when order.store is "M{n}" then set order.note to lookup m_{n}(ship_to.state) end\n'),
        ("R101", 'setting m_{n} is text default «note» "what"\nrule "M{n}" for order when order.store is m_{n} then tag "m{n}" end\n'),
        ("R101", 'flow "M{n}"\n  from woocommerce\n  to «»sync orders\nend\n'.replace("to «»sync", "to «sync»")),
        ("R102", 'flow "M{n}"\n  from woocommerce\n  to quickbooks\n  «synk» orders\nend\n'),
        ("R101", 'test "M{n}"\n  given order\n    order.store «is» "M{n}"\n  expect\n    order.store is "M{n}"\nend\n'),
        ("R102", 'test "M{n}"\n  given order\n    order.store = "M{n}"\n  «expct»\n    order.store is "M{n}"\nend\n'),
        ("R108", 'rule "M{n}" for order when order.date is after «2026-02-30» then tag "m{n}" end\n'),
        # --- what can be read and means nothing
        ("R201", 'rule "M{n}"\n  for order\n  when «order.stroe» is "M{n}"\n  then tag "m{n}"\nend\n'),
        ("R202", 'rule "M{n}"\n  for order\n  when order.store is «no_such_name»\n  then tag "m{n}"\nend\n'),
        ("R203", 'rule "M{n}" for order when order.store is "M{n}" then set order.note to lookup «tax_cod_for»(ship_to.state) end\n'),
        ("R205", 'rule "M{n}" for order when order.store is "M{n}" then set order.note to «uper»(order.note) end\n'),
        ("R206", 'rule "M{n}" for «ordr» when order.store is "M{n}" then tag "m{n}" end\n'),
        ("R301", 'rule "M{n}" for order when order.total is «"5"» then tag "m{n}" end\n'),
        ("R302", 'rule "M{n}" for order when order.store is "M{n}" then set order.paid to «"maybe"» end\n'),
        ("R303", 'rule "M{n}" for order when «order.total + order.store» is more than 5 then tag "m{n}" end\n'),
        ("R208", 'test "M{n}" given order order.store = "M{n}" expect fired «"No such rule at all"» end\n'),
        ("R215", 'setting m_{n} is «mony» default 5.00 USD\nrule "M{n}" for order when order.total is more than m_{n} then tag "m{n}" end\n'),
        # --- several in one block
        ("R102 R201", 'rule "M{n}"\n  for order\n  when order.total is «mor» than 5 and «order.stroe» is "x"\n  then tag "m{n}"\nend\n'),
        ("R101 R103", 'rule "M{n}"\n  for order\n  when order.store is "M{n}" «order.paid» is yes\n  then skip «"Not paid»\nend\n'),
        ("R201 R101 R302", 'rule "M{n}"\n  for order\n  when «order.stroe» is "M{n}"\n  then set order.note «=» "x"\n       set order.paid to «"maybe"»\nend\n'),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Seeded:
    """A file, and what has to be said of it: (code, start, end), in the order of the text."""

    text: str
    expected: tuple[tuple[str, int, int], ...]


def seeded(seed: int) -> Seeded:
    """A file with one to eight broken blocks among clean ones; the same seed gives the same file."""
    random_ = random.Random(seed)
    broken = random_.sample(MISTAKES, 1 + seed % 8)
    blocks: list[Mistake | str] = [*broken, *random_.choices(CLEAN, k=random_.randrange(2, 9))]
    random_.shuffle(blocks)
    return file_of(blocks)


def file_of(blocks: list[Mistake | str]) -> Seeded:
    text = HEAD
    expected: list[tuple[str, int, int]] = []
    for number, block in enumerate(blocks):
        text += "\n"
        if isinstance(block, str):
            text += block.format(n=number)
            continue
        codes = iter(block.codes.split())
        for place, piece in enumerate(_marked(block.text.format(n=number))):
            if place % 2:
                expected.append((next(codes), len(text), len(text) + len(piece)))
            text += piece
    return Seeded(text, tuple(expected))


def _marked(text: str) -> list[str]:
    """The pieces before, inside and behind of the marks."""
    return text.replace("»", "«").split("«")

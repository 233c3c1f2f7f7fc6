"""The end of the demo: what came in, what stands in the books, what waits and why, and one order told step by step."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.output import called, counted
from cli.workplace import Workplace

if TYPE_CHECKING:
    from engine.progress import Aside, Overview
    from engine.publishing import FlowRow

#: What a document is called, several of them.
KINDS = {
    "Invoice": "invoices",
    "SalesReceipt": "sales receipts",
    "Payment": "payments",
    "CreditMemo": "credit memos",
    "RefundReceipt": "refund receipts",
    "Estimate": "estimates",
}
_SALES = ("Invoice", "SalesReceipt", "Estimate")
_REASONS = 3  # so many reasons of one kind are told word for word


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of the demo took: `calls` by what they were for (shop, posting, reading), `written` operations that
    were carried out, `stood` documents by kind that stood in the books before."""

    seconds: float
    calls: Mapping[str, int]
    written: int
    stood: Mapping[str, int]


class Summary:
    """Says it all on standard output; money is counted twice, from the shop's orders and from the books themselves."""

    def __init__(
        self,
        place: Workplace,
        flow: "FlowRow",
        cost: Cost,
        file: Path,
        ask: Callable[[str], list[dict[str, Any]]],
        *,
        staying: bool,
    ) -> None:
        self._place = place
        self._flow = flow
        self._cost = cost
        self._stands: dict[str, list[dict[str, Any]]] = {}
        self._file = file
        self._ask = ask
        self._staying = staying
        self._console = Console(highlight=False)
        if not self._console.is_terminal:
            self._console = Console(highlight=False, width=100)

    def show(self) -> None:
        from engine import progress

        with self._place.store.read() as session:
            seen = progress.overview(self._place.scope, session, self._flow)
        self._stands = {kind: self._ask(kind) for kind in KINDS}
        self._heading("What came in")
        self._say(
            f"{sum(seen.statuses.values())} orders from the web store: "
            + ", ".join(f"{count} {status}" for status, count in sorted(seen.statuses.items(), key=lambda e: -e[1]))
        )
        self._heading("What stands in the books")
        self._console.print(self._documents(seen))
        self._totals(seen)
        self._heading("What waits for you, and why")
        self._asides(seen.waiting)
        self._heading("What was left out, and why")
        self._asides(seen.left_out)
        self._one_order()
        self._costs()
        self._next()

    def _heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]")

    def _say(self, text: str, indent: int = 0, *, dim: bool = False) -> None:
        """A line of plain text; what does not fit goes on below, under its own begin."""
        start = len(text) - len(text.lstrip())
        lines = wrap(
            text.strip(),
            self._console.width,
            initial_indent=" " * start,
            subsequent_indent=" " * (start + indent),
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._console.print("\n".join(lines), markup=False, style="dim" if dim else None, soft_wrap=True)

    def _documents(self, seen: "Overview") -> Table:
        table = Table(box=None, pad_edge=False)
        table.add_column("document")
        table.add_column("number", justify="right")
        table.add_column("total", justify="right")
        for (entity, currency), (count, total) in sorted(seen.documents.items()):
            table.add_row(KINDS.get(entity, entity), str(count), money(total, currency))
        return table

    def _totals(self, seen: "Overview") -> None:
        """Whether both sides agree, and that no order is unaccounted for."""
        books: dict[str, Decimal] = {}
        for kind in _SALES:
            for row in self._stands[kind]:
                currency = str(row.get("CurrencyRef", {}).get("value", "USD"))
                books[currency] = books.get(currency, Decimal(0)) + Decimal(str(row["TotalAmt"]))
        for currency in sorted(seen.posted.keys() | books.keys()):
            count, total = seen.posted.get(currency, (0, Decimal(0)))
            there = books.get(currency, Decimal(0))
            verdict = (
                "[green]they agree to the cent[/green]"
                if there == total
                else f"[red]{money(there - total, currency)} apart[/red]"
            )
            in_the_shop = f"{counted(count, 'order')}: {money(total, currency)} in the shop"
            self._console.print(f"{in_the_shop}, {money(there, currency)} in the books: {verdict}")
        posted = sum(count for count, _ in seen.posted.values())
        waiting, left_out = (sum(each.orders for each in asides) for asides in (seen.waiting, seen.left_out))
        self._say(
            f"{sum(seen.statuses.values())} orders = {posted} in the books + {waiting} waiting + {left_out} left out"
        )

    def _asides(self, asides: "tuple[Aside, ...]") -> None:
        if not asides:
            self._console.print("nothing")
        for each in asides:
            counts = ((each.orders, "order"), (each.refunds, "refund"))
            who = " and ".join(counted(count, word) for count, word in counts if count)
            amounts = ", ".join(money(total, currency) for currency, total in sorted(each.money.items()) if total)
            ranked = sorted(each.reasons.items(), key=lambda reason: (-reason[1], reason[0]))
            if len(ranked) == 1:
                self._say(f"{who}: {ranked[0][0]}", 4)
            else:
                self._say(f"{who}:")
                for reason, count in ranked[:_REASONS]:
                    self._say(f"{count:>6} x {reason}", len(f"{count} x "))
                if len(ranked) > _REASONS:
                    self._say(f"         and {sum(count for _, count in ranked[_REASONS:])} more of the kind")
            if amounts:
                self._say(f"    {amounts}", dim=True)
            if each.next_step:
                self._say(f"    -> {each.next_step}", 3)

    def _one_order(self) -> None:
        """The posted order that most rules touched, told rule by rule."""
        from dsl.explain import explain
        from dsl.explain.telling import rendered
        from dsl.explain.telling import told as told_lines
        from engine import progress
        from engine.publishing import Programs
        from engine.rulesets import schema

        place = self._place
        with place.store.read() as session:
            told = progress.most_touched(place.scope, session, self._flow)
        if told is None:
            return
        program = Programs(place.store, place.scope).of_version(self._flow.version_id)
        self._heading(f"One order, step by step: #{told.number.removeprefix('#')}")
        explained = explain(
            program,
            told.record,
            kind="order",
            flow=self._flow.name,
            source="woocommerce",
            today=place.clock.now().date(),
            schema=schema(),
        )
        for line in rendered(told_lines(explained), min(self._console.width, 100), lambda _, text: text):
            self._console.print(line, markup=False, soft_wrap=True)
        self._say("In the log it reads:")
        for line in told.lines:
            self._say(f"  {line}", 2)

    def _costs(self) -> None:
        self._heading("What it took")
        cost = self._cost
        shop, reading, writing = (counted(cost.calls.get(kind, 0), "call") for kind in ("shop", "reading", "posting"))
        if not cost.written:
            self._say(
                f"{cost.seconds:.0f} s. Everything stood there already: nothing was posted twice, nothing changed."
            )
            self._say(f"{shop} to the shop, {reading} to look into QuickBooks, none to write.")
            return
        new = {kind: len(rows) - cost.stood.get(kind, 0) for kind, rows in self._stands.items()}
        documents, sales = sum(new.values()), sum(new[kind] for kind in _SALES)
        # How many is not said: a name that two runs wanted at once is one in the books, and two operations here.
        and_names = ", with the customers and products that they need" if cost.written > documents else ""
        self._say(
            f"{cost.seconds:.0f} s, servers and workers started and all; {counted(documents, 'document')}{and_names}."
        )
        each = (
            f" ({cost.calls.get('posting', 0) / sales:.2f} an order; a plain client makes four or more)"
            if sales
            else ""
        )
        self._say(f"QuickBooks: {writing} to write them all{each}")
        self._say(f"            {reading} to load its lists, however many orders there are")
        self._say(f"Shop:       {shop}")

    def _next(self) -> None:
        self._heading("What to try next, in another terminal" if self._staying else "What to try next")
        program, rules = called(), _near(self._file)
        # Not exported: the demo itself, run again from that shell, would take its own folder for the one around it.
        in_demo = f"CLOUDCART_DATA_DIR={shlex.quote(_near(self._place.settings.data_dir))} {program}"
        go_on = "let one go on; " + ("the workers post it at once" if self._staying else "the demo's next run posts it")
        rows = (
            (f"{in_demo} holds", "what waits, why, and the next step"),
            (f"{in_demo} release NUMBER", go_on),
            (f"{in_demo} log --order NUMBER", "what happened to one order, in words"),
            (f"{program} check {rules}", "what is wrong in a rule set, where, and how to mend it"),
            (f"{program} test {rules}", "the tests inside the file"),
            (f"edit {rules}", "and run the demo again: what stands stays, what waits is decided anew"),
            ("the demo again, as it is", "nothing is posted twice"),
            ("docs/tutorial.md", "from an empty machine to a first rule of your own"),
        )
        for what, why in rows:
            self._console.print(escape(what), soft_wrap=True)
            self._console.print(f"    [dim]{escape(why)}[/dim]", soft_wrap=True)


def _near(file: Path) -> str:
    """A file's name as one would type it from here."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)


def money(amount: Decimal, currency: str) -> str:
    """`1,234.50 USD`: two places, or as many as the amount has."""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f} {currency}"

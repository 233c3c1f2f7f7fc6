"""The end of the demo: what came in, what stands in the books, what waits and why, and one order told step by step."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.workplace import Workplace

if TYPE_CHECKING:
    from engine.progress import Overview
    from engine.publishing import FlowRow

_KINDS = {
    "Invoice": "invoices",
    "SalesReceipt": "sales receipts",
    "Payment": "payments",
    "CreditMemo": "credit memos",
    "RefundReceipt": "refund receipts",
    "Estimate": "estimates",
}
_SALES = ("Invoice", "SalesReceipt", "Estimate")


class Summary:
    """Says it all on standard output; money is counted twice, from the shop's orders and from the books themselves."""

    def __init__(
        self,
        place: Workplace,
        flow: "FlowRow",
        calls: dict[str, int],
        seconds: float,
        file: Path,
        ask: Callable[[str], list[dict[str, Any]]],
    ) -> None:
        self._place = place
        self._flow = flow
        self._calls = calls
        self._seconds = seconds
        self._file = file
        self._ask = ask
        self._console = Console(highlight=False)

    def show(self) -> None:
        from engine import progress

        with self._place.store.read() as session:
            seen = progress.overview(self._place.scope, session, self._flow)
        self._heading("What came in")
        self._console.print(
            f"{sum(seen.statuses.values())} orders from the web store: "
            + ", ".join(f"{count} {status}" for status, count in sorted(seen.statuses.items(), key=lambda e: -e[1]))
        )
        self._heading("What stands in the books")
        self._console.print(self._documents(seen))
        self._console.print(self._totals(seen))
        self._heading("What waits for you, and why")
        self._reasons(seen.held)
        self._heading("What was left out, and why")
        self._reasons(seen.skipped)
        self._one_order()
        self._costs(seen)
        self._next()

    def _heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/bold]")

    def _documents(self, seen: "Overview") -> Table:
        table = Table(box=None, pad_edge=False)
        table.add_column("document")
        table.add_column("number", justify="right")
        table.add_column("total", justify="right")
        for (entity, currency), (count, total) in sorted(seen.documents.items()):
            table.add_row(_KINDS.get(entity, entity), str(count), f"{total:,.2f} {currency}")
        return table

    def _totals(self, seen: "Overview") -> str:
        books = sum((Decimal(str(row["TotalAmt"])) for kind in _SALES for row in self._ask(kind)), Decimal(0))
        lines = []
        for currency, (count, total) in sorted(seen.posted.items()):
            agrees = total == books
            verdict = "[green]they agree to the cent[/green]" if agrees else f"[red]{books - total:,.2f} apart[/red]"
            lines.append(
                f"{count} orders of {total:,.2f} {currency} in the shop, {books:,.2f} {currency} in the books: {verdict}"
            )
        for currency, (count, total) in sorted(seen.orders.items()):
            there = seen.posted.get(currency, (0, Decimal(0)))
            if there[0] < count:
                lines.append(
                    f"not in the books: {count - there[0]} orders of {total - there[1]:,.2f} {currency}; the reasons follow"
                )
        return "\n".join(lines)

    def _reasons(self, reasons: "Any") -> None:
        if not reasons:
            self._console.print("nothing")
        for reason, count in sorted(reasons.items(), key=lambda each: (-each[1], each[0])):
            self._console.print(f"{count:>4}  {escape(reason)}")

    def _one_order(self) -> None:
        """The posted order that most rules touched, told rule by rule."""
        from dsl.explain import explain
        from engine import progress
        from engine.publishing import Programs

        place = self._place
        with place.store.read() as session:
            told = progress.most_touched(place.scope, session, self._flow)
        if told is None:
            return
        program = Programs(place.store, place.scope).of_version(self._flow.version_id)
        self._heading(f"One order, step by step: {told.number}")
        text = explain(
            program,
            told.record,
            kind="order",
            flow=self._flow.name,
            source="woocommerce",
            today=place.clock.now().date(),
        ).text()
        self._console.print(escape(text.rstrip()))
        for line in told.lines:
            self._console.print(f"[dim]log:[/dim] {escape(line)}")

    def _costs(self, seen: "Overview") -> None:
        self._heading("What it took")
        posted = sum(count for count, _ in seen.posted.values())
        each = f", {self._calls['quickbooks'] / posted:.2f} an order" if posted else ""
        self._console.print(
            f"{self._seconds:.0f} s in all; {self._calls['woocommerce']} calls to the shop, "
            f"{self._calls['quickbooks']} calls to QuickBooks{each} (a plain client makes four or more)"
        )

    def _next(self) -> None:
        self._heading("What to try next")
        self._console.print(
            f"run it again                 nothing is posted twice\n"
            f"edit {escape(str(self._file))}\n"
            f"                             then run it again: what stands stays, what waits is decided anew\n"
            f"cloudcart check FILE         what is wrong in a rule set, where, and how to mend it\n"
            f"cloudcart test FILE          the tests inside the file\n"
            f"docs/tutorial.md             from an empty machine to your own first rule"
        )

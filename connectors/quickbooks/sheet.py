"""The sheet that a document is written on: texts cut to what QuickBooks takes, notes, addresses, and what is said of it.

It knows lengths and shapes, no kind of document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.ports import BooksProfile, ListKind, Resolve
from connectors.quickbooks import names
from connectors.records import Address, SourceFinding

NOTE_LIMIT = 4000
DESCRIPTION_LIMIT = 4000
REFERENCE_LIMIT: Mapping[str, int] = {"SalesReceipt": 21, "Payment": 21, "RefundReceipt": 100}
_ADDRESS_LINE, _ADDRESS_LINES, _ADDRESS_TOTAL = 500, 5, 2000
_EMAIL_LIMIT = 100


@dataclass(slots=True)
class Sheet:
    """What is being written, with what has to be said about it."""

    resolve: Resolve
    profile: BooksProfile
    findings: list[SourceFinding] = field(default_factory=list)

    def say(
        self, code: str, message: str, place: str | None = None, severity: Any = "info", next_step: str = ""
    ) -> None:
        self.findings.append(
            SourceFinding(code=code, message=message, severity=severity, field=place, next_step=next_step)
        )

    def cut(self, said: str, limit: int, what: str) -> str:
        held = names.whole(said)
        short = names.cut(held, limit)
        if short != held:
            self.say("text_cut", f"{what} was cut to {limit} characters, the most QuickBooks takes", what)
        return short

    def one_line(self, said: str, limit: int, what: str) -> str:
        """For fields that hold a single line."""
        return self.cut(" ".join(said.split()), limit, what)

    def reference(self, kind: ListKind, name: str) -> dict[str, str]:
        return {"value": self.resolve.list_id(kind, name)}


def put_currency(body: dict[str, Any], currency: str | None, profile: BooksProfile) -> None:
    if profile.multicurrency and currency:
        body["CurrencyRef"] = {"value": currency}


def put_note(body: dict[str, Any], memo: str | None, marker: str, sheet: Sheet, po_number: str | None = None) -> None:
    """The memo with our marker as its last line: to make room the memo is cut, the marker never."""
    parts = []
    if po_number:
        parts.append(f"PO number: {po_number}")
        sheet.say(
            "po_in_note",
            "the purchase order number goes into the note: QuickBooks has no custom field named 'PO Number'",
            "po_number",
        )
    if memo:
        parts.append(memo)
    room = NOTE_LIMIT - (len(marker) + 1 if marker else 0)
    said = sheet.cut("\n".join(parts), room, "the note") if parts else ""
    if note := "\n".join(part for part in (said, marker) if part):
        body["PrivateNote"] = note


def mail_address(said: str | None, sheet: Sheet) -> str | None:
    """One address; QuickBooks wants an '@' and a '.' in it and at most 100 characters."""
    if not said or not said.strip():
        return None
    address = names.whole(said.strip())
    if len(address) > _EMAIL_LIMIT or not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", address):
        sheet.say("email_left_out", f"'{address[:60]}' is not an e-mail address that QuickBooks takes", None, "warning")
        return None
    return address


def put_addresses(body: dict[str, Any], bill_to: Address, ship_to: Address, sheet: Sheet, *, with_names: bool) -> None:
    for key, address, what in (("BillAddr", bill_to, "billing"), ("ShipAddr", ship_to, "shipping")):
        if held := _address(address, what, sheet, with_names):
            body[key] = held


def _address(address: Address, what: str, sheet: Sheet, with_names: bool) -> dict[str, str]:
    said = [address.name, address.company] if with_names else []
    said += [address.line_1, address.line_2, address.line_3]
    lines: list[str] = []
    for part in said:
        # One of our lines may hold several, and a very long one is carried on in the next.
        for line in names.whole(part or "").splitlines():
            whole = " ".join(line.split())
            if not lines or whole != lines[-1]:
                lines += (whole[at : at + _ADDRESS_LINE].strip() for at in range(0, len(whole), _ADDRESS_LINE))
    room = _ADDRESS_TOTAL
    kept: list[str] = []
    for line in lines[:_ADDRESS_LINES]:
        piece = line[: max(room, 0)]
        if piece:
            kept.append(piece)
        room -= len(line)
    if kept != lines:
        sheet.say(
            "address_cut",
            f"the {what} address has more than QuickBooks takes (5 lines, 2,000 characters)",
            what,
            "warning",
        )
    held = {f"Line{index}": line for index, line in enumerate(kept, 1)}
    for key, value, limit in (
        ("City", address.city, 255),
        ("CountrySubDivisionCode", address.state, 255),
        ("PostalCode", address.postal_code, 30),
        ("Country", address.country, 255),
    ):
        if value and value.strip():
            held[key] = sheet.one_line(value, limit, f"the {what} address")
    return held

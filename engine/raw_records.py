"""Files of raw source records, as an API gives them: the forms in which people have them. It maps no record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.answers import read_json

Payload = Mapping[str, Any]


class RecordsUnreadable(Exception):
    """A file that holds no records in a form that we know; the message says which forms there are."""


def read_payloads(body: bytes, file: str) -> list[Payload]:
    """The records of a file: a JSON array, JSON lines, one record, or an exchange that holds them at `response.body`.

    Raises RecordsUnreadable, with the line where there is one.
    """
    try:
        return _listed(read_json(body), file)
    except ValueError:
        pass
    lines = [(number, line) for number, line in enumerate(body.splitlines(), 1) if line.strip()]
    if not lines:
        raise RecordsUnreadable(f"{file} is empty.")
    found: list[Payload] = []
    for number, line in lines:
        try:
            told = read_json(line)
        except ValueError as error:
            raise RecordsUnreadable(
                f"{file}, line {number} is no JSON ({error}). Records are a JSON array, or one JSON object a line."
            ) from None
        if not isinstance(told, dict):
            raise RecordsUnreadable(f"{file}, line {number} is no record: records are JSON objects.")
        found.append(told)
    return found


def _listed(told: Any, file: str) -> list[Payload]:
    if isinstance(told, dict) and isinstance(told.get("response"), dict) and "body" in told["response"]:
        told = told["response"]["body"]
    if isinstance(told, dict):
        told = [told]
    if not isinstance(told, list):
        raise RecordsUnreadable(f"{file} holds neither a list of records nor an exchange with one at response.body.")
    for number, entry in enumerate(told, 1):
        if not isinstance(entry, dict):
            raise RecordsUnreadable(f"{file}: entry {number} of the list is no record: records are JSON objects.")
    return told

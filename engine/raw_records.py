"""Files of raw source records, as an API gives them: the forms in which people have them. It maps no record."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from connectors.answers import read_json

Payload = Mapping[str, Any]

_BLOCK = 1 << 20
_DECODER = json.JSONDecoder()
_TOLD = re.compile(r"[^\s,]")


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


def stream(path: Path) -> Iterator[tuple[str, int]]:
    """The JSON text of each record of a file, in the same forms, with how far into the file it reaches (bytes); memory
    holds one record at a time, unless the file is one exchange. Raises RecordsUnreadable and OSError."""
    with path.open("rb") as file:
        yield from _texts(file, str(path))


def _texts(file: IO[bytes], name: str) -> Iterator[tuple[str, int]]:
    decode = getincrementaldecoder("utf-8-sig")(errors="replace").decode
    text, read = "", 0
    while not text.strip():
        block = file.read(_BLOCK)
        if not block:
            raise RecordsUnreadable(f"{name} is empty.")
        read += len(block)
        text += decode(block)
    if text.lstrip()[0] != "[":
        # One record, an exchange, or a record on each line: told apart by whether the first line is whole.
        while "\n" not in text and (block := file.read(_BLOCK)):
            read += len(block)
            text += decode(block)
        first, _, rest = text.lstrip().partition("\n")
        if not (rest.strip() and _whole(first)):
            for each in read_payloads((text + decode(file.read(), True)).encode("utf-8", "surrogatepass"), name):
                yield json.dumps(each), read
            return
        file.seek(0)
        read = 0
        for number, line in enumerate(file, 1):
            read += len(line)
            told = line.decode("utf-8-sig" if number == 1 else "utf-8", "replace").strip()
            if told:
                if not _whole(told):
                    raise RecordsUnreadable(f"{name}, line {number} is no record: records are JSON objects.")
                yield told, read
        return
    place, number, ended = text.index("[") + 1, 0, False
    while True:
        found = _TOLD.search(text, place)
        place = len(text) if found is None else found.start()
        if place < len(text) and text[place] == "]":
            return
        try:
            told, end = _DECODER.raw_decode(text, place)
            if end == len(text) and not ended:
                raise ValueError("it may go on in the next block")
        except ValueError:
            block = file.read(max(_BLOCK, len(text) - place))
            if ended or (not block and place >= len(text)):
                raise RecordsUnreadable(
                    f"{name}: entry {number + 1} of the list is no JSON, or the list has no end."
                ) from None
            ended = not block
            read += len(block)
            text, place = text[place:] + decode(block), 0
            continue
        number += 1
        if not isinstance(told, dict):
            raise RecordsUnreadable(f"{name}: entry {number} of the list is no record: records are JSON objects.")
        yield text[place:end], read - (len(text) - end)
        place = end


def _whole(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


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

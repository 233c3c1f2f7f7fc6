"""Diagnostics as SARIF 2.1.0, the form that code-scanning services read; changes with that standard or with our own form.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. Lines and columns count from 1 and the end of a region is the
column after its last letter (3.30); columns are characters (`columnKind` unicodeCodePoints), as everywhere here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from dsl.codes import CODES, Code
from dsl.codes.page import markdown, words
from dsl.diagnostics import Diagnostic, Fix
from dsl.source import Position

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(diagnostics: Iterable[Diagnostic], version: str) -> dict[str, Any]:
    """One run of this checker: plain dicts, lists, texts and numbers. `version` is the program's."""
    found = list(diagnostics)
    numbers = sorted({each.code for each in found})
    files = sorted({each.file for each in found})
    rules = {number: place for place, number in enumerate(numbers)}
    artifacts = {file: place for place, file in enumerate(files)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "cloudcart",
                        "version": version,
                        "rules": [_rule(CODES[each]) for each in numbers],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "artifacts": [{"location": _artifact(each), "encoding": "UTF-8"} for each in files],
                "results": [_result(each, rules, artifacts) for each in found],
            }
        ],
    }


def _rule(code: Code) -> dict[str, object]:
    return {
        "id": code.number,
        "name": "".join(part.capitalize() for part in code.title.replace("`", "").split() if part.isalnum()),
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.meaning},
        "help": {"text": words(code), "markdown": markdown(code)},
        "defaultConfiguration": {"level": code.severity.value},
    }


def _result(diagnostic: Diagnostic, rules: Mapping[str, int], artifacts: Mapping[str, int]) -> dict[str, object]:
    text = diagnostic.message if not diagnostic.help else f"{diagnostic.message}\n{diagnostic.help}"
    location: dict[str, object] = {
        "physicalLocation": _place(diagnostic.file, diagnostic.start, diagnostic.end, artifacts)
    }
    if diagnostic.label:
        location["message"] = {"text": diagnostic.label}
    made: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rules[diagnostic.code],
        "level": diagnostic.severity.value,
        "message": {"text": text},
        "locations": [location],
    }
    if diagnostic.related:
        made["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _place(each.file, each.start, each.end, artifacts),
                "message": {"text": each.message},
            }
            for number, each in enumerate(diagnostic.related)
        ]
    if diagnostic.fixes:
        made["fixes"] = [_fix(each) for each in diagnostic.fixes]
    return made


def _fix(fix: Fix) -> dict[str, object]:
    files = list(dict.fromkeys(each.file for each in fix.edits))
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(file),
                "replacements": [
                    {"deletedRegion": _region(each.start, each.end), "insertedContent": {"text": each.text}}
                    for each in sorted(fix.edits, key=lambda edit: edit.start.offset)
                    if each.file == file
                ],
            }
            for file in files
        ],
    }


def _place(file: str, start: Position, end: Position, artifacts: Mapping[str, int]) -> dict[str, object]:
    location: dict[str, object] = _artifact(file)
    if file in artifacts:
        location["index"] = artifacts[file]
    return {"artifactLocation": location, "region": _region(start, end)}


def _artifact(file: str) -> dict[str, object]:
    path = PurePath(file)
    return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}


def _region(start: Position, end: Position) -> dict[str, int]:
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": start.offset,
        "charLength": end.offset - start.offset,
    }

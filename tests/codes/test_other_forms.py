"""Diagnostics as SARIF and as commands of GitHub's workflows: what those who read them insist on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from dsl.codes import CODES
from dsl.codes.samples import FILE, check_wrong, failing
from dsl.diagnostics import Diagnostic, Related, Severity
from dsl.mending import spliced
from dsl.schema import Schema
from dsl.showing.github import github
from dsl.showing.sarif import sarif
from dsl.source import Position, Source

SMALL = [code for code in CODES.values() if code.huge is None]

#: The properties that SARIF 2.1.0 knows of the objects that are used here, those that must be there first (sections 3.13 to 3.58).
KNOWN: dict[str, tuple[set[str], set[str]]] = {
    "sarifLog": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "columnKind", "artifacts"}),
    "tool": ({"driver"}, set()),
    "toolComponent": ({"name"}, {"version", "rules"}),
    "reportingDescriptor": (
        {"id"},
        {"name", "shortDescription", "fullDescription", "help", "defaultConfiguration"},
    ),
    "reportingConfiguration": (set(), {"level"}),
    "multiformatMessageString": ({"text"}, {"markdown"}),
    "artifact": (set(), {"location", "encoding"}),
    "artifactLocation": (set(), {"uri", "index"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations", "relatedLocations", "fixes"}),
    "message": ({"text"}, set()),
    "location": (set(), {"id", "physicalLocation", "message"}),
    "physicalLocation": ({"artifactLocation"}, {"region"}),
    "region": (set(), {"startLine", "startColumn", "endLine", "endColumn", "charOffset", "charLength"}),
    "fix": ({"artifactChanges"}, {"description"}),
    "artifactChange": ({"artifactLocation", "replacements"}, set()),
    "replacement": ({"deletedRegion"}, {"insertedContent"}),
    "artifactContent": (set(), {"text"}),
}
INSIDE = {
    ("sarifLog", "runs"): "run",
    ("run", "tool"): "tool",
    ("run", "results"): "result",
    ("run", "artifacts"): "artifact",
    ("tool", "driver"): "toolComponent",
    ("toolComponent", "rules"): "reportingDescriptor",
    ("reportingDescriptor", "shortDescription"): "multiformatMessageString",
    ("reportingDescriptor", "fullDescription"): "multiformatMessageString",
    ("reportingDescriptor", "help"): "multiformatMessageString",
    ("reportingDescriptor", "defaultConfiguration"): "reportingConfiguration",
    ("artifact", "location"): "artifactLocation",
    ("result", "message"): "message",
    ("result", "locations"): "location",
    ("result", "relatedLocations"): "location",
    ("result", "fixes"): "fix",
    ("location", "physicalLocation"): "physicalLocation",
    ("location", "message"): "message",
    ("physicalLocation", "artifactLocation"): "artifactLocation",
    ("physicalLocation", "region"): "region",
    ("fix", "description"): "message",
    ("fix", "artifactChanges"): "artifactChange",
    ("artifactChange", "artifactLocation"): "artifactLocation",
    ("artifactChange", "replacements"): "replacement",
    ("replacement", "deletedRegion"): "region",
    ("replacement", "insertedContent"): "artifactContent",
}


def objects(kind: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in value if isinstance(value, list) else [value]:
        yield kind, each
        for name, inside in each.items():
            if (kind, name) in INSIDE:
                yield from objects(INSIDE[kind, name], inside)


@pytest.fixture(scope="module")
def everything(schema: Schema) -> list[Diagnostic]:
    return [each for code in SMALL for each in check_wrong(code, schema).diagnostics]


def test_sarif_has_the_objects_of_the_standard_with_their_properties(everything: list[Diagnostic]) -> None:
    log = sarif(everything, "1.0")
    assert log["version"] == "2.1.0"
    for kind, each in objects("sarifLog", log):
        needed, allowed = KNOWN[kind]
        assert needed <= set(each) <= needed | allowed, kind
        if kind == "region":
            assert all(value >= 1 for name, value in each.items() if name.endswith(("Line", "Column")))
            assert (each["startLine"], each["startColumn"]) <= (each["endLine"], each["endColumn"])
            assert each["charOffset"] >= 0
            assert each["charLength"] >= 0
        if kind in ("result", "reportingConfiguration"):
            assert each["level"] in {"none", "note", "warning", "error"}
        if kind == "artifactLocation":
            assert re.fullmatch(r"[A-Za-z0-9%._~:/@-]+", each["uri"])
        if kind == "message":
            assert each["text"]


def test_a_result_points_at_its_rule_and_its_file(everything: list[Diagnostic]) -> None:
    (run,) = sarif(everything, "1.0")["runs"]
    rules, files = run["tool"]["driver"]["rules"], run["artifacts"]
    assert [each["id"] for each in rules] == sorted({each.code for each in everything})
    assert len(run["results"]) == len(everything)
    for result, found in zip(run["results"], everything, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == found.code
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert files[place["index"]]["location"]["uri"] == place["uri"] == found.file


def test_the_replacements_of_a_fix_mend_the_text(schema: Schema) -> None:
    code = CODES["R201"]
    text, _ = failing(code)
    (run,) = sarif(check_wrong(code, schema).diagnostics, "1.0")["runs"]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    pieces = [
        (
            each["deletedRegion"]["charOffset"],
            each["deletedRegion"]["charOffset"] + each["deletedRegion"]["charLength"],
            each["insertedContent"]["text"],
        )
        for each in change["replacements"]
    ]
    assert spliced(text, pieces) == code.right


def test_paths_become_addresses() -> None:
    at = Position(1, 1, 0)
    for file, uri in (
        ("my rules/wéb.rules", "my%20rules/w%C3%A9b.rules"),
        ("/srv/a b.rules", "file:///srv/a%20b.rules"),
    ):
        (run,) = sarif([Diagnostic("R101", Severity.ERROR, "x", file, at, at)], "1.0")["runs"]
        assert run["artifacts"][0]["location"]["uri"] == uri


def test_a_command_of_a_workflow_is_one_line_with_everything_escaped() -> None:
    source = Source("a,b:c%.rules", 'rule "x"\nend\n')
    made = Diagnostic(
        "R101",
        Severity.WARNING,
        "50% of\nthis: that, and more",
        source.file,
        source.position(5),
        source.position(8),
        "here",
        (Related("the other", source.file, source.position(9), source.position(12)),),
        "mend it",
    )
    assert github(made) == (
        "::warning file=a%2Cb%3Ac%25.rules,line=1,endLine=1,col=6,endColumn=9,"
        "title=R101%3A Something else was expected here"
        "::50%25 of%0Athis: that, and more%0Ahere%0Athe other: a,b:c%.rules, line 2%0Ahelp: mend it".replace(
            "c%.rules, line", "c%25.rules, line"
        )
    )


def test_columns_are_given_only_within_one_line(schema: Schema) -> None:
    start, end = Position(1, 3, 2), Position(2, 2, 9)
    assert github(Diagnostic("R101", Severity.ERROR, "x", FILE, start, end)).startswith(
        "::error file=web.rules,line=1,endLine=2,title="
    )


@pytest.mark.parametrize("code", SMALL, ids=[each.number for each in SMALL])
def test_every_command_can_be_read_back(code: Any, schema: Schema) -> None:
    for each in check_wrong(code, schema).diagnostics:
        line = github(each)
        assert "\n" not in line
        match = re.fullmatch(r"::(error|warning) ((?:\w+=[^,:]*,?)+)::(.+)", line)
        assert match is not None
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        assert properties["file"] == each.file
        assert int(properties["line"]) == each.start.line

"""`cloudcart forms`: the blocks of a rule-set file as forms, for people and for other programs."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.records import FILE, read_snapshot, readable

if TYPE_CHECKING:
    from dsl.forms import Forms, Surroundings
    from dsl.forms.model import BlockForm

WIDEST = 90


@click.command()
@click.argument("file", type=FILE)
@click.option("--block", "called", metavar="ID|TITLE", help="The form of one block, by its id, title or name.")
@click.option("--all", "every", is_flag=True, help="The forms of all blocks.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--books", type=FILE, help="A snapshot that `cloudcart books` wrote: what accounts, classes, … there are to choose."
)
def command(file: Path, called: str | None, every: bool, form: str, books: Path | None) -> None:
    """Show what the blocks of a rule-set file do, or one block as a form.

    Without --block: a sentence for each block. A form shows every part that can be changed with its id, which is what
    `cloudcart edit` takes.
    """
    from cli.check import whole_text
    from dsl.forms import Document, Forms, as_json

    with readable(file):
        text = whole_text(file)
    forms = Forms(Document.read(text, name=str(file)), surroundings(file, books))
    if called is None and not every:
        whole = forms.file()
        if form == "json":
            output.json_line(as_json(whole))
        else:
            for each in whole.blocks:
                off = "" if each.on else " (off)"
                output.data(f"{each.id}  {each.title or 'line ' + str(each.line)}{off}\n    {each.sentence}")
        return
    for block in wanted(forms, called):
        if form == "json":
            output.json_line({"file": str(file), "base": forms.document.base, "block": as_json(block)})
        else:
            for line in outline(block):
                output.data(line)
            output.data("")


def surroundings(file: Path, books: Path | None) -> "Surroundings":
    """The vocabulary, the packs that a file may use, and the books of a snapshot."""
    from cli.libraries import library_for
    from dsl.forms import Surroundings
    from engine import snapshot
    from engine.rulesets import schema

    known = None if books is None else snapshot.checked_books(read_snapshot(books))
    return Surroundings(schema(), library_for(file), known)


def wanted(forms: "Forms", called: str | None) -> "Iterator[BlockForm]":
    if called is None:
        yield from (forms.of(each) for each in forms.document.blocks)
        return
    found = forms.block(called)
    if found is None:
        raise output.Refusal.of(
            f'There is no one block "{called}" in {forms.document.name}',
            "`cloudcart forms FILE` lists all with their ids.",
        )
    yield found


# --- for people -------------------------------------------------------------------------------------------------------


def outline(form: "BlockForm") -> Iterator[str]:
    """A form as indented lines: what each part says, and at the end of the line its id."""
    from dsl.forms import as_json

    yield f"{form.id}  {form.title}"
    yield f"  {form.sentence}"
    told = as_json(form)
    yield from _part(told, 1, skip={"id", "kind", "title", "sentence", "start", "end", "choices", "on", "map"})
    if "text" in told:
        yield f"  As text, because {told['why']}:"
        yield from (f"    {line}" for line in told["text"].splitlines())
    two_step = told.get("map")
    if two_step is not None and two_step["fits"]:
        yield f"  Map to: {two_step['label']}"
        for row in two_step["rows"]:
            yield _line(
                1, f"Map from: {row['field_label']} {row['comparison']} {_plain(row['value'])}".rstrip(), row["id"]
            )


def _part(told: Any, depth: int, skip: set[str]) -> Iterator[str]:
    for name, value in told.items():
        if name in skip or value is None:
            continue
        if isinstance(value, list):
            for each in value:
                yield from _entry(name, each, depth)
        elif isinstance(value, dict):
            yield from _entry(name, value, depth)


def _entry(name: str, each: Any, depth: int) -> Iterator[str]:
    if not isinstance(each, dict):
        return
    if "said_as" in each and "slot" not in each and "type" in each:
        if each["value"] != "" and (each["said_as"] or each["default"]):
            yield _line(depth, f"{each['label']}: {_said(each)}", each["id"])
        return
    if name == "remarks":
        yield f"{'  ' * depth}{each['text']}"
        return
    if each.get("kind") == "row":
        yield _line(depth, each["sentence"], each["id"])
        yield from _part(each, depth + 1, set())
        return
    if each.get("kind") == "text":
        yield _line(depth, f"as text, {each['why']}: {_plain(each['text'])}", each["id"])
        return
    inside = {"id", "kind", "sentence", "start", "end", "required", "key", "holds", "number", "item"}
    head = each.get("sentence") or each.get("label") or ""
    if each.get("title"):
        head = f"{each['title']}: {head}"
    if "label" in each and (each.get("condition", "") is None or each.get("statements", "") == []):
        yield _line(depth, f"{each['label']}: (nothing)", each["id"])
        return
    if head:
        yield _line(depth, head, each.get("id", ""))
    yield from _part(each, depth + (1 if head else 0), inside)


def _said(given: Any) -> str:
    if not given["said_as"]:
        return f"({given['default']})"
    return _plain(
        given["value"] if given["type"] == "choice" and given["said_as"] == "word" else given["text"] or given["value"]
    )


def _plain(value: Any) -> str:
    said = {True: "yes", False: "no", None: ""}.get(value, value) if not isinstance(value, dict | list) else value
    return " ".join(str(said).split())


def _line(depth: int, words: str, id: str) -> str:
    begin = f"{'  ' * depth}{words}"
    return f"{begin:<{WIDEST}}  {id}" if len(begin) < WIDEST else f"{begin}  {id}"

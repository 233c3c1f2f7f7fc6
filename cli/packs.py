"""`cloudcart packs`: canned rule sets and one's own: list, show, publish, clone, compare and bring up to date."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import output
from cli.libraries import library_for
from cli.moments import DAY
from cli.pack_telling import change_lines, drift_lines, tell_plan, test_lines, upgrade_lines
from cli.records import FILE, read_text, readable, show_diagnostics, this_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsl.comparing import Parts
    from dsl.packs import Library
    from engine.packs.upgrading import Upgrade
    from engine.plan.running import Plan

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_LIBRARY = click.option(
    "--library",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder of packs to look in (or to publish to), in place of `packs` beside the file.",
)


@contextmanager
def refusing() -> Iterator[None]:
    """Turns what cannot be done with a pack into a Refusal."""
    from dsl.comparing import Unreadable
    from dsl.packs import PackBroken
    from engine.packs.pack import PackRefused

    try:
        yield
    except (PackRefused, Unreadable) as error:
        raise output.Refusal(str(error)) from error
    except PackBroken as error:
        raise output.Refusal.of(f"{error.message[:1].upper()}{error.message[1:]}", f"{error.next_step}.") from error


@click.group()
def command() -> None:
    """Canned rule sets and your own: list, show, publish, clone, compare, bring up to date.

    Packs are looked for among those that come with the product, in the folder `packs` beside the file (or in
    --library), and in the library of this installation, in this order.
    """


@command.command("list")
@_LIBRARY
@_FORMAT
def list_packs(folder: Path | None, form: str) -> None:
    """Say which packs there are, with their versions and titles."""
    with refusing():
        library = library_for(folder=folder)
        found = [_entry(library, name) for name in library.names()]
    if form == "json":
        output.json_line({"packs": found})
        return
    width = max((len(each["name"]) for each in found), default=0)
    for each in found:
        output.data(f"{each['name']:<{width}}  {', '.join(each['versions'])}  {each['title']}")


def _entry(library: Library, name: str) -> dict[str, Any]:
    from dsl import tree
    from dsl.parse import parse_text

    versions = list(library.versions(name))
    parsed = parse_text(library.find(name, versions[-1]) or "", file=name)
    blocks = parsed.file.blocks if parsed.file is not None else ()
    head = next((each for each in blocks if isinstance(each, tree.Header)), None)
    return {
        "name": name,
        "versions": versions,
        "title": "" if head is None else head.title.text,
        "note": "" if head is None else head.note or "",
        "rules": [each.title.text for each in blocks if isinstance(each, tree.Rule)],
        "settings": [each.name.text for each in blocks if isinstance(each, tree.Setting)],
    }


@command.command()
@click.argument("pack", metavar="NAME[@VERSION]")
@_LIBRARY
def show(pack: str, folder: Path | None) -> None:
    """Print the text of a pack, its newest version if none is said."""
    with refusing():
        library = library_for(folder=folder)
        name, version = _named(library, pack)
        output.data((library.find(name, version) or "").rstrip("\n"))
        for table, text in library.tables(name, version).items():
            output.say(f"It brings along {table} ({output.counted(max(0, text.count(chr(10)) - 1), 'row')}).")


@command.command()
@click.argument("file", type=FILE)
@click.option("--name", required=True, help='What the pack is called, as in "acme/web_orders".')
@click.option("--version", required=True, help='Its version, as in "1.0".')
@click.option("--note", default="", help="What is new in it.")
@_LIBRARY
def publish(file: Path, name: str, version: str, note: str, folder: Path | None) -> None:
    """Put a rule-set file into the library, with the tables beside it that it names.

    Into the library of this installation, or into the folder --library. It has to check without an error, its tests have
    to pass, and a version never changes afterwards.
    """
    from dsl.check import check_text
    from engine.packs.folder import Shelf
    from engine.packs.kept import StoreLibrary
    from engine.packs.pack import Pack, PackRefused
    from engine.rule_tests import run_tests
    from engine.rulesets import CannedRuleSets, schema, tables_beside

    with refusing(), readable(file):
        text, beside = read_text(file), tables_beside(file)
        if CannedRuleSets().versions(name):
            raise PackRefused(
                f'"{name}" comes with the product: choose another name, such as "my/{name.rpartition("/")[2]}".'
            )
        checked = check_text(
            text, file=str(file), schema=schema(), library=library_for(file, folder=folder), tables=beside
        )
        show_diagnostics(checked)
        if checked.ruleset is None:
            raise output.Refusal(f"{file} has errors; nothing was published.")
        failed = [each for each in run_tests(checked.ruleset, today=this_day()) if not each.passed]
        for each in failed:
            output.say(f"FAILED  {file}:{each.line}  {each.title}: {'; '.join(each.failures)}")
        if failed:
            raise output.Refusal(f"{output.counted(len(failed), 'test')} of {file} failed; nothing was published.")
        used = {table.csv for table in checked.ruleset.tables.values() if table.csv}
        pack = Pack(
            name=name,
            version=version,
            text=text,
            tables={table: content for table, content in beside.items() if table in used},
            author=getpass.getuser(),
            note=note,
            published_at=datetime.now(UTC),
        )
        if folder is not None:
            Shelf(folder).add(pack)
        else:
            from cli.workplace import workplace

            with workplace() as place:
                StoreLibrary(place.store, place.scope).add(pack)
    output.say(f'{pack.key} is published. A file uses it so: use "{name}" version "{version}" end')


@command.command()
@click.argument("pack", metavar="NAME[@VERSION]")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_LIBRARY
def clone(pack: str, file: Path, folder: Path | None) -> None:
    """Copy a pack to FILE, to be changed; the copy keeps a line that says where it comes from.

    `cloudcart packs drift FILE` then shows how far both have moved. Nothing is overwritten.
    """
    from engine.packs import cloning

    with refusing():
        library = library_for(folder=folder)
        text, tables = cloning.clone(library, *_named(library, pack))
    made = {file: text, **{file.parent / name: content for name, content in tables.items()}}
    for place in made:
        if place.exists():
            raise output.Refusal(f"{place} is there already; nothing was made.")
    file.parent.mkdir(parents=True, exist_ok=True)
    for place, content in made.items():
        place.write_text(content, encoding="utf-8", newline="")
        output.data(str(place))


@command.command()
@click.argument("file", type=FILE)
@click.option("--to", help="Compare with that version of the origin, not with its newest.")
@click.option(
    "--merge",
    "merge_to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write both sides' changes put together.",
)
@_LIBRARY
@_FORMAT
def drift(file: Path, to: str | None, merge_to: Path | None, folder: Path | None, form: str) -> None:
    """Show how far a copy and the pack it was cloned from have moved since.

    With --merge, what the pack changed is put into the copy, block by block, into another file; exit code 1 where both
    changed one block in two ways (the copy's stands).
    """
    from engine.packs import cloning
    from engine.rulesets import tables_beside

    with refusing(), readable(file):
        library = library_for(file, folder=folder)
        found = cloning.drift(library, read_text(file), tables_beside(file), file=str(file), to=to)
    if form == "json":
        output.json_line({"file": str(file), **found.as_json()})
    else:
        for line in drift_lines(file, found):
            output.data(line)
    if merge_to is not None:
        merge_to.write_text(found.merged.text, encoding="utf-8", newline="")
        output.say(f"{merge_to} has the changes of both; check it: {output.called()} check {merge_to}")
        if found.merged.conflicts:
            raise SystemExit(output.FOUND)


@command.command()
@click.argument("old", metavar="NAME@VERSION|FILE")
@click.argument("new", metavar="NAME@VERSION|FILE")
@_LIBRARY
@_FORMAT
def diff(old: str, new: str, folder: Path | None, form: str) -> None:
    """Show how two versions of a pack, or two files, differ, block by block.

    Layout and comments make no difference. Exit code 1 where there are differences.
    """
    from dsl.comparing import compare

    with refusing():
        library = library_for(folder=folder)
        changes = compare(_parts(library, old), _parts(library, new))
    if form == "json":
        output.json_line({"changes": [each.as_json() for each in changes]})
    else:
        for line in change_lines(changes):
            output.data(line)
        if not changes:
            output.say(f"{old} and {new} say the same.")
    if changes:
        raise SystemExit(output.FOUND)


def _parts(library: Library, what: str) -> Parts:
    from dsl.comparing import parts_of
    from engine.packs.pack import without_origin

    file = Path(what)
    if file.is_file():
        with readable(file):
            return parts_of(without_origin(read_text(file)), file=what)
    name, version = _named(library, what)
    return parts_of(library.find(name, version) or "", file=f"{name}@{version}")


def _named(library: Library, what: str) -> tuple[str, str]:
    """A pack's name and version, the newest where none is said; raises PackRefused for one that is not there."""
    from engine.packs.pack import PackRefused

    name, at, version = what.partition("@")
    versions = list(library.versions(name))
    if not versions:
        import difflib

        close = difflib.get_close_matches(name, list(library.names()), n=1)
        meant = f' Did you mean "{close[0]}"?' if close else " `cloudcart packs list` shows those that there are."
        raise PackRefused(f'There is no pack "{name}".{meant}')
    if at and version not in versions:
        raise PackRefused(f'There is no version {version} of "{name}"; there are {", ".join(versions)}.')
    return name, version if at else versions[-1]


@command.command("test")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=FILE)
@click.option("--today", type=DAY, help="The day of the run; today if not said.")
@_LIBRARY
@_FORMAT
def test_packs(files: tuple[Path, ...], today: date | None, folder: Path | None, form: str) -> None:
    """Run the own tests of the packs that files use, with the settings that the files give.

    A test that passes with the pack's own settings and not with yours is shown, and is no failure: look whether the
    difference is what you want. Exit code 1 where a test fails with the pack's own settings too.
    """
    from dsl.check import check_text
    from engine.packs.own_tests import Verdict, run_pack_tests
    from engine.rulesets import schema, tables_beside

    broken = False
    for file in files:
        with refusing(), readable(file):
            library = library_for(file, folder=folder)
            checked = check_text(
                read_text(file), file=str(file), schema=schema(), library=library, tables=tables_beside(file)
            )
            if checked.ruleset is None or checked.file is None:
                show_diagnostics(checked)
                raise output.Refusal(f"{file} has errors; mend them first.")
            found = list(run_pack_tests(checked.file, checked.ruleset, library, today=today or this_day()))
        broken = broken or any(each.verdict is Verdict.BROKEN for each in found)
        if form == "json":
            output.json_line({"file": str(file), "tests": [each.as_json() for each in found]})
        else:
            for line in test_lines(str(file), found):
                output.data(line)
    if broken:
        raise SystemExit(output.FOUND)


@command.command()
@click.argument("file", type=FILE)
@click.argument("pack", metavar="NAME")
@click.option("--to", help="The version to use; the newest if not said.")
@click.option("--write", is_flag=True, help="Write the new version into the file; refused where that breaks it.")
@click.option("--today", type=DAY, help="The day for tests that name none, and of the plan; today if not said.")
@click.option(
    "--source", type=click.Choice(["woocommerce"]), default="woocommerce", show_default=True, help="Whose records."
)
@click.option("--input", "records", type=FILE, help="Raw records: what would change in the books is planned over them.")
@_LIBRARY
@_FORMAT
def upgrade(
    file: Path, pack: str, to: str | None, write: bool, today: date | None, source: str, records: Path | None,
    folder: Path | None, form: str,
) -> None:  # fmt: skip
    """Show what another version of a used pack would change, and with --write use it.

    What the pack changed, what of yours it meets (settings, rules turned off or replaced), what then is wrong, and which
    tests end otherwise; with --input also what would change in the books. Exit code 1 where the file would have errors or
    one of its tests would fail.
    """
    from cli.test import recordings_beside
    from engine.packs.upgrading import upgrade as look
    from engine.rulesets import tables_beside

    with refusing(), readable(file):
        # As it stands, line ends and all: an upgrade changes nothing but the version.
        text = file.read_bytes().decode("utf-8-sig")
        found = look(
            text,
            file=str(file),
            pack=pack,
            to=to,
            library=library_for(file, folder=folder),
            tables=tables_beside(file),
            today=today or this_day(),
            recorded=recordings_beside(file),
        )
    planned = None if records is None else plan_of(found, file, source, records, today)
    if form == "json":
        from engine.plan.telling import as_form

        plan = {} if planned is None else {"plan": as_form(planned, found.old, found.new)}
        output.json_line({"file": str(file), **found.as_json(), **plan})
    else:
        for line in upgrade_lines(file, found):
            output.data(line)
        if planned is not None:
            tell_plan(planned, found)
    if write and not found.breaks:
        raw = file.read_bytes()
        mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
        if raw != mark + text.encode():
            raise output.Refusal(f"{file} was changed in the meantime; nothing was written.")
        file.write_bytes(mark + found.text.encode())
        output.say(f'{file} uses version {found.new} of "{pack}" now.')
    elif write:
        output.say(f"{file} was left as it is: mend what breaks first, or choose another version.")
    if found.breaks:
        raise SystemExit(output.FOUND)


def plan_of(found: Upgrade, file: Path, source: str, records: Path, today: date | None) -> Plan | None:
    """What the upgrade would change in the books, over recorded orders; None where the file then has errors."""
    from cli.plan import asked, carried_out, flows_of
    from dsl.program import compile_ruleset
    from engine.plan.running import Question, Version
    from engine.spread import cores

    if found.before.ruleset is None or found.after.ruleset is None:
        return None
    before, after = compile_ruleset(found.before.ruleset), compile_ruleset(found.after.ruleset)
    question = Question(
        old=Version(name=f"{file} with {found.old}", program=before, flows=flows_of(before, None)),
        new=Version(name=f"{file} with {found.new}", program=after, flows=flows_of(after, None)),
        source=source,
        today=today or this_day(),
        zone=None,
        books=None,
        closed_until=None,
    )
    with asked(question, records, posted=False, flow=None, today=today) as (question, cases, whole):
        return carried_out(question, cases, whole, jobs=cores(), each=False, form="json")

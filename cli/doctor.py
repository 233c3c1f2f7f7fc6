"""`cloudcart doctor`: the looks it takes at an installation, each with what to do when it is wrong."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click

from cli import output
from engine.settings import Settings, SettingsError

DISTRIBUTION = "cloud-cart-connector"
#: The import names that the client fixed. They are common words, so another package may bring the same ones.
FOLDERS = ("cli", "connectors", "dsl", "engine", "grammar", "rulesets", "sandbox", "web")
LOWEST_SQLITE = (3, 35, 0)  # RETURNING


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look saw; `mend` is the next step where it is not well."""

    name: str
    ok: bool
    seen: str
    mend: str | None = None


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), f"Python {version}", "install Python 3.11 or newer")


def packages() -> Finding:
    """Whether each of our import names is ours alone: a second owner's files may have replaced some of ours."""
    told = metadata.packages_distributions()
    owners = {folder: {each.lower().replace("_", "-") for each in told.get(folder, [])} for folder in FOLDERS}
    foreign = {folder: sorted(names - {DISTRIBUTION}) for folder, names in owners.items() if names - {DISTRIBUTION}}
    missing = [folder for folder, names in owners.items() if not names]
    if foreign:
        named = "; ".join(f"{folder} also belongs to {' and '.join(others)}" for folder, others in foreign.items())
        names = " ".join(sorted({other for others in foreign.values() for other in others}))
        return Finding(
            "packages",
            False,
            named,
            f"uninstall {names}, then install {DISTRIBUTION} again, in an environment of its own",
        )
    if missing:
        return Finding("packages", False, f"not installed: {', '.join(missing)}", f"install {DISTRIBUTION} again")
    return Finding("packages", True, f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}, alone in its import names")


def sqlite() -> Finding:
    return Finding(
        "sqlite",
        sqlite3.sqlite_version_info >= LOWEST_SQLITE,
        f"SQLite {sqlite3.sqlite_version}",
        f"use a Python that brings SQLite {'.'.join(map(str, LOWEST_SQLITE))} or newer, or PostgreSQL",
    )


def settings() -> Finding:
    try:
        found = Settings.read()
    except SettingsError as error:
        return Finding("settings", False, str(error), "mend the variable that it names")
    needed = not (found.database_url and found.redis_url and found.secret_keys)
    return Finding(
        "settings",
        not needed or can_be_written(found.data_dir),
        f"data in {found.data_dir}",
        "nothing can be written there: set CLOUDCART_DATA_DIR to a folder that is yours",
    )


def can_be_written(folder: Path) -> bool:
    """Whether a folder can be written, or made where it is not there yet."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def secret_keys() -> Finding:
    from engine import secret_keys

    try:
        found = Settings.read()
        if not found.secret_keys and not (found.data_dir / secret_keys.FILE).exists():
            return Finding("secret keys", True, "none yet; one is made when the first credentials are kept")
        keys = secret_keys.load(found)
    except SettingsError as error:
        seen, _, step = str(error).partition("; ")
        return Finding(
            "secret keys", False, seen, step or "restore the keys from where you keep them, apart from backups"
        )
    return Finding("secret keys", True, f"{len(keys)}, sealing with {keys[0].id}")


def database() -> Finding:
    """Whether the database answers and has the form that this program needs; an own SQLite file may not be there yet."""
    from engine.store import migrate, open_store
    from engine.store.engine import StoreUnavailable

    try:
        found = Settings.read()
    except SettingsError as error:
        return Finding("database", False, str(error), "mend the variable that it names")
    if not found.database_url and not (found.data_dir / "cloudcart.sqlite3").exists():
        return Finding("database", True, "none yet; a SQLite file is made by the first command that needs one")
    store = open_store(found.database)
    try:
        store.check()
        at = migrate.revision_of(found.database)
    except StoreUnavailable as error:
        return Finding("database", False, error.message, error.next_step)
    finally:
        store.dispose()
    step = f"run `cloudcart migrate`: this program needs {migrate.head()}"
    if not migrate.is_known(at):
        step = "a newer program has brought it there: use that one, or a backup from before"
    return Finding("database", at == migrate.head(), f"{store.dialect}, at form {at or 'none'}", step)


def wake_ups() -> Finding:
    from engine import valkey

    try:
        configured = Settings.read()
        if configured.redis_url:
            from engine.signals import is_there

            return Finding(
                "wake-ups",
                is_there(configured.redis_url),
                "the server named in CLOUDCART_REDIS_URL",
                "it does not answer: start it, or look at the address; until then workers look for work by themselves",
            )
        program = valkey.binary()
    except SettingsError as error:
        return Finding(
            "wake-ups", False, str(error), "without a server, workers look for work by themselves, only later"
        )
    running = "running" if valkey.answers(valkey.socket_path(configured.data_dir)) else "starts with the first worker"
    return Finding("wake-ups", True, f"embedded Valkey ({program.name}), {running}")


LOOKS: tuple[Callable[[], Finding], ...] = (python, packages, sqlite, settings, secret_keys, database, wake_ups)


def look() -> Iterator[Finding]:
    for one in LOOKS:
        yield one()


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> None:
    """Look at this installation and say what to mend."""
    findings = list(look())
    if form == "json":
        output.json_line(
            {
                "ok": all(f.ok for f in findings),
                "findings": [
                    {"name": f.name, "ok": f.ok, "seen": f.seen, "mend": None if f.ok else f.mend} for f in findings
                ],
            }
        )
    else:
        for f in findings:
            output.data(f"{'ok ' if f.ok else 'BAD'}  {f.name:12} {f.seen}")
            if not f.ok:
                output.data(f"     {'':12} -> {f.mend}")
    if not all(f.ok for f in findings):
        raise SystemExit(output.FOUND)

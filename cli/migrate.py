"""`cloudcart migrate`: brings the database to the form this program needs."""

import click

from cli import output
from cli.workplace import prepared, read_settings, refusing


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 where there is something to do.")
def command(check: bool) -> None:
    """Bring the database to the form that this program needs."""
    from engine.store import migrate as migrations

    with refusing():
        settings = prepared(read_settings())
        if check:
            found = migrations.revision_of(settings.database)
            if not migrations.is_known(found):
                migrations.migrate(settings.database)  # refuses, and says why
            if found != migrations.head():
                output.say(f"The database is at {found or 'no form yet'}; this program needs {migrations.head()}.")
                raise SystemExit(output.FOUND)
            output.say(f"The database is at {found}; nothing to do.")
        elif migrations.migrate(settings.database):
            output.say(f"The database is now at {migrations.head()}.")
        else:
            output.say(f"The database was at {migrations.head()} already; nothing to do.")

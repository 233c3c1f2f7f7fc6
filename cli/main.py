"""The command `cloudcart`: which commands there are, and how an error reaches a person.

Every command lies in a module of its own and is imported only when it is called, so that `cloudcart --help` and shell
completion are quick; it must not import anything of ours but the command's module.
"""

import importlib
import sys
from collections.abc import Sequence

import click

from cli.output import Refusal

#: Command -> its one line in the help. The module is cli.NAME (dashes become underscores), its function `command`.
COMMANDS: dict[str, str] = {
    "demo": "Show the whole way of an order on this machine: shop, rules, workers, books.",
    "check": "Say everything that is wrong with rule-set files.",
    "fmt": "Write rule-set files in their one canonical form; comments and blank lines stay.",
    "forms": "Show what the blocks of a rule-set file do, or one block as a form.",
    "edit": "Change a rule-set file as a form would: the smallest change of the text, all edits or none.",
    "test": "Run the tests in rule-set files, or make one from a recorded order.",
    "lsp": "Serve editors: mistakes while typing, completion, hover, renaming, formatting, tests.",
    "packs": "Canned rule sets and your own: list, show, publish, clone, compare, bring up to date.",
    "run": "Show what a rule set makes of recorded records; nothing is sent anywhere.",
    "plan": "Show what NEW in place of OLD would change in the books, over recorded orders.",
    "explain": "Tell why a record became what it did, and why not, in plain words.",
    "connect": "Connect a shop or a company, or give new credentials to a connection.",
    "disconnect": "End a connection: tokens are given back, secrets are forgotten, nothing moves over it any more.",
    "books": "Write a snapshot of the books: accounts, classes, items, customers, tax codes, terms and preferences.",
    "sync": "Run flows now: fetch what changed, decide, and post it.",
    "worker": "Fetch and post what is due, until it is stopped.",
    "log": "Show what happened, the newest line last.",
    "received": "Write orders as the shop sent them, for run and explain.",
    "holds": "Show what waits for a person, the longest first.",
    "release": "Let what is held go on, by the id that `holds` shows, or by the record's number.",
    "convert": "Turn rules of the old system into a rule set with tests.",
    "sandbox": "Run a local shop or local books for trying things out.",
    "new": "Make the files of a new rule set, function or connector.",
    "migrate": "Bring the database to the form that this program needs.",
    "doctor": "Look at this installation and say what to mend.",
}


class Commands(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"cli.{cmd_name.replace('-', '_')}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean {close[0]}?" if close else ""
            ctx.fail(f"There is no command {args[0]!r}.{meant}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="cloud-cart-connector", prog_name="cloudcart")
def cloudcart() -> None:
    """Keeps shops and books in step, by rules that bookkeepers write.

    Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 something was found (errors
    in a file, a test that failed, a check of doctor), 2 called wrongly, 3 could not be done (a file, a server or a
    setting is in the way), 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: runs a command and turns every expected error into one sentence and an exit code."""
    try:
        code = cloudcart.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except Refusal as refusal:
        refusal.show()
        code = refusal.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)

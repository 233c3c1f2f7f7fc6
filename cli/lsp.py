"""`cloudcart lsp`: the language server, for editors that speak its protocol over standard input and output."""

from pathlib import Path

import click

from cli.records import FILE


@click.command()
@click.option(
    "--books", type=FILE, help="A snapshot that `cloudcart books` wrote: names of accounts, classes, … are known."
)
@click.option(
    "--tcp", type=click.IntRange(0, 65535), help="Listen on this port of 127.0.0.1 in place of standard input."
)
def command(books: Path | None, tcp: int | None) -> None:
    """Serve editors: mistakes while typing, completion, hover, renaming, formatting, tests.

    It speaks the Language Server Protocol; docs/howto-editors.md says how editors start it.
    """
    from cli.language_server.server import serve

    serve(books=books, port=tcp)

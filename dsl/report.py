"""How parser and checker hand in what they find; changes with what a finding must bring along (decides nothing)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dsl.codes import CODES
from dsl.diagnostics import Diagnostic, Fix, Related, edit_at
from dsl.source import Source
from dsl.spelling import closest
from dsl.tree import Span

_MOST_WORDS_COMPARED = 500_000


def _text(words: str) -> str:
    """Words as a file writes them between quotes."""
    return '"' + words.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


class Reporter:
    """Collects the diagnostics of one check. Not shared between threads; one per call."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)
        self._patience = _MOST_WORDS_COMPARED
        self._found: dict[tuple[str, str, int, int], Diagnostic] = {}

    def apart(self) -> Reporter:
        """Another collection of findings over the same sources, for what has to be told in one finding here."""
        other = Reporter({})
        other._sources = self._sources
        return other

    def closest(self, word: str, known: Collection[str], aliases: Mapping[str, str] | None = None) -> str | None:
        """What was most likely meant (see dsl.spelling), while the effort for a text full of mistakes is bounded."""
        if self._patience < 0:
            return None
        self._patience -= len(known)
        return closest(word, known, aliases)

    def add_source(self, source: Source) -> None:
        self._sources[source.file] = source

    def source(self, file: str) -> Source:
        return self._sources.get(file) or Source(file, "")

    @property
    def sources(self) -> Mapping[str, Source]:
        return self._sources

    def report(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        label: str = "",
        help: str = "",
        related: Sequence[tuple[str, Span]] = (),
        fixes: Sequence[tuple[str, Span, str]] = (),
        fixes_together: Sequence[tuple[str, Sequence[tuple[Span, str]]]] = (),
        meant: str | None = None,
        as_text: bool = False,
    ) -> None:
        """One finding. A fix is (title, the span that it replaces, the new text); the same code at one place counts once.

        One of `fixes_together` is a title with all the places that change at once.

        `meant` is the word that was most likely meant: asked in the label, with the fix that puts it there; a word of the
        language or, with `as_text`, a text between quotes.
        """
        entry = CODES[code]
        if meant:
            written = _text(meant) if as_text else meant
            shown = written if as_text else f"`{meant}`"
            label = f"did you mean {shown}?"
            fixes = [(f"Change it to {shown}", span, written), *fixes]
        source = self.source(span.file)
        diagnostic = Diagnostic(
            code=code,
            severity=entry.severity,
            message=message,
            file=span.file,
            start=source.position(span.start),
            end=source.position(span.end),
            label=label,
            related=tuple(
                Related(
                    words,
                    place.file,
                    self.source(place.file).position(place.start),
                    self.source(place.file).position(place.end),
                )
                for words, place in related
            ),
            help=help,
            fixes=tuple(
                Fix(title, tuple(edit_at(self.source(at.file), at, text) for at, text in edits))
                for title, edits in (*((title, [(at, text)]) for title, at, text in fixes), *fixes_together)
            ),
            docs=entry.docs,
        )
        self._found.setdefault((code, span.file, span.start, span.end), diagnostic)

    def diagnostics(self, first: str = "") -> tuple[Diagnostic, ...]:
        """All findings in the order of the text, those of the file `first` before those of others."""
        return tuple(
            sorted(
                self._found.values(),
                key=lambda each: (each.file != first, each.file, each.start.offset, each.end.offset, each.code),
            )
        )

    @property
    def count(self) -> int:
        """How much was found so far."""
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        return any(each.is_error for each in self._found.values())

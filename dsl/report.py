"""How parser and checker hand in what they find; changes with what a finding must bring along (decides nothing)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from dsl.codes import CODES
from dsl.diagnostics import Diagnostic, Fix, Related, Severity, edit_at
from dsl.places import Span
from dsl.source import Source
from dsl.spelling import closest

_MOST_WORDS_COMPARED = 500_000


def _text(words: str) -> str:
    """Words as a file writes them between quotes."""
    return '"' + words.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, with places that move with the text: a diagnostic that nobody has asked for yet."""

    code: str
    span: Span
    message: str
    label: str = ""
    help: str = ""
    related: tuple[tuple[str, Span], ...] = ()
    fixes: tuple[tuple[str, tuple[tuple[Span, str], ...]], ...] = ()
    """Titles, each with the places that change together and what each of them becomes."""

    @property
    def is_error(self) -> bool:
        return CODES[self.code].severity is Severity.ERROR

    def moving_with(self, block: Span) -> Finding:
        """The same, with all places in a block moving with it."""
        return Finding(
            self.code,
            self.span.moving_with(block),
            self.message,
            self.label,
            self.help,
            tuple((words, place.moving_with(block)) for words, place in self.related),
            tuple(
                (title, tuple((place.moving_with(block), text) for place, text in edits)) for title, edits in self.fixes
            ),
        )

    def told(self, source: Callable[[str], Source]) -> Diagnostic:
        """The diagnostic, with the places of this moment."""
        entry = CODES[self.code]
        at = source(self.span.file)
        return Diagnostic(
            code=self.code,
            severity=entry.severity,
            message=self.message,
            file=self.span.file,
            start=at.position(self.span.start),
            end=at.position(self.span.end),
            label=self.label,
            related=tuple(
                Related(
                    words,
                    place.file,
                    source(place.file).position(place.start),
                    source(place.file).position(place.end),
                )
                for words, place in self.related
            ),
            help=self.help,
            fixes=tuple(
                Fix(title, tuple(edit_at(source(place.file), place, text) for place, text in edits))
                for title, edits in self.fixes
            ),
            docs=entry.docs,
        )


def finding(
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
) -> Finding:
    """One finding. A fix is (title, the span that it replaces, the new text).

    One of `fixes_together` is a title with all the places that change at once.

    `meant` is the word that was most likely meant: asked in the label, with the fix that puts it there; a word of the
    language or, with `as_text`, a text between quotes.
    """
    if meant:
        written = _text(meant) if as_text else meant
        shown = written if as_text else f"`{meant}`"
        label = f"did you mean {shown}?"
        fixes = [(f"Change it to {shown}", span, written), *fixes]
    edits = [
        *((title, ((place, text),)) for title, place, text in fixes),
        *((title, tuple(places)) for title, places in fixes_together),
    ]
    return Finding(code, span, message, label, help, tuple(related), tuple(edits))


class Reporter:
    """Collects the findings of one check; the same code at one place counts once. Not shared between threads."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)
        self._patience = _MOST_WORDS_COMPARED
        self._found: dict[tuple[str, str, int, int], Finding] = {}

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
        """One finding: see `finding`."""
        self.take(
            finding(
                code,
                span,
                message,
                label=label,
                help=help,
                related=related,
                fixes=fixes,
                fixes_together=fixes_together,
                meant=meant,
                as_text=as_text,
            )
        )

    def take(self, *findings: Finding) -> None:
        """Findings that were made elsewhere."""
        for each in findings:
            span = each.span
            self._found.setdefault((each.code, span.file, span.start, span.end), each)

    def since(self, count: int) -> tuple[Finding, ...]:
        """What was found after there were that many findings."""
        return () if count >= len(self._found) else tuple(islice(self._found.values(), count, None))

    def has_inside(self, span: Span, codes: Collection[str]) -> bool:
        """Whether one of these codes was found at a place inside this one."""
        return any(
            code in codes and file == span.file and span.start <= start and end <= span.end
            for code, file, start, end in self._found
        )

    def diagnostics(self, first: str = "") -> tuple[Diagnostic, ...]:
        """All findings in the order of the text, those of the file `first` before those of others."""
        return tuple(
            sorted(
                (each.told(self.source) for each in self._found.values()),
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

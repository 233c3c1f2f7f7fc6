"""Offsets of ours as positions of the protocol and back; changes with how editors count (knows no rule and no pack).

Editors count UTF-16 units unless they agree to something else; we count characters.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.workspace import PositionCodec

from dsl.source import Source


class Places:
    """Positions in one text."""

    def __init__(self, source: Source, codec: PositionCodec) -> None:
        self._source = source
        self._codec = codec

    def position(self, offset: int) -> types.Position:
        """An offset as the editor counts."""
        place = self._source.position(offset)
        before = self._source.text[place.offset - place.column + 1 : place.offset]
        return types.Position(place.line - 1, self._codec.client_num_units(before))

    def range(self, start: int, end: int) -> types.Range:
        return types.Range(self.position(start), self.position(end))

    def offset(self, position: types.Position) -> int:
        """What the editor's position is as an offset; one outside of the text is its nearest end."""
        start = self._source.start_of(position.line + 1)
        line = self._source.line_text(position.line + 1)
        units = 0
        for at, letter in enumerate(line):
            if units >= position.character:
                return start + at
            units += self._codec.client_num_units(letter)
        return start + len(line)


def path_of(uri: str) -> Path:
    """The file that a URI of the editor means; one that is no file (an unsaved text) gets a name in no folder."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path) if parts.scheme == "file" else unquote(parts.path or uri).lstrip("/"))

"""What an editor does with a fix."""

from dsl.diagnostics import Edit


def apply_edits(text: str, edits: tuple[Edit, ...]) -> str:
    """The text after these edits (of one file), which must not overlap."""
    for each in sorted(edits, key=lambda edit: edit.start.offset, reverse=True):
        text = text[: each.start.offset] + each.text + text[each.end.offset :]
    return text

"""Marks in the texts of cases: « and » stand around the place that is to be blamed."""


def unmarked(marked: str) -> tuple[str, str, int]:
    """The text without its marks, the blamed words, and where they begin."""
    before, _, rest = marked.partition("«")
    blamed, _, after = rest.partition("»")
    return before + blamed + after, blamed, len(before)

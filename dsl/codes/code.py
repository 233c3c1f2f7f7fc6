"""What a diagnostic code is; changes when the pages of codes tell another thing (registers none)."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake: a title in a few words, what it means to a bookkeeper, and a sample of wrong and right."""

    number: str
    title: str
    meaning: str
    wrong: str = ""
    right: str = ""
    severity: Severity = Severity.ERROR

    @property
    def docs(self) -> str:
        """The page of this code, relative to the docs' root."""
        return f"errors/{self.number}.md"


RULE = 'rule "A" for order when order.number is "1" then skip "No" end'
"""A rule in one line, for samples that need any."""


def rule(then: str, when: str = "", scope: str = "for order", title: str = "A") -> str:
    """A sample's rule, laid out as the formatter would."""
    return f'rule "{title}"\n  {scope}\n' + (f"  when {when}\n" if when else "") + f"  then {then}\nend\n"


WARNING = Severity.WARNING

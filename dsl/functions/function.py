"""What a function of the language is: declaration, help, examples and implementation in one value; it lists none itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dsl.types import ANY, MONEY, NUMBER, Type

FIRST: Final = "first"
COMMON: Final = "common"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: any of `types` is accepted (`dsl.types.ANY` in it: everything), `help` says what it is for.

    An `optional` one may be left out; a `repeated` one (the last) may be given any number of times, at least once
    unless it is optional too.
    """

    name: str
    types: tuple[Type, ...]
    help: str
    optional: bool = False
    repeated: bool = False
    pattern: bool = False
    """It is an RE2 pattern: the checker compiles it where it is a constant."""

    def accepts(self, given: Type) -> bool:
        """Say whether a value of this type may stand here; a value of unknown type may stand anywhere."""
        return given == ANY or ANY in self.types or given in self.types


@dataclass(frozen=True, slots=True)
class Example:
    """A call and what it gives, both as expressions of the language; they run as tests and stand in the reference."""

    call: str
    result: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function: `run` gets the values of the arguments in their order and returns a value, or None for missing.

    Values are those of `dsl.types`; money comes as a bare Decimal (the evaluator has seen to it that all are of one
    currency, and gives the result that currency) unless `tagged`: then it comes as `Money`, a percentage as
    `Percent`. A missing argument makes the result missing without a call, unless `lazy`: such a function (`if`) is
    worked out by the evaluator itself, and `run` serves its examples only.
    """

    name: str
    group: str
    sentence: str
    parameters: tuple[Parameter, ...]
    result: Type | str
    run: Callable[..., Any]
    examples: tuple[Example, ...]
    lazy: bool = False
    tagged: bool = False
    needs_today: bool = False
    """`run` gets today as its only argument, from the evaluator."""

    @property
    def fewest(self) -> int:
        """The least number of arguments."""
        return sum(1 for parameter in self.parameters if not parameter.optional)

    @property
    def most(self) -> int | None:
        """The greatest number of arguments, or None where there is no limit."""
        return None if any(parameter.repeated for parameter in self.parameters) else len(self.parameters)

    def parameter(self, place: int) -> Parameter | None:
        """The parameter that the argument at `place` (from 0) fills, or None where there are too many arguments."""
        if place < len(self.parameters):
            return self.parameters[place]
        return self.parameters[-1] if self.parameters and self.parameters[-1].repeated else None

    def result_type(self, arguments: Sequence[Type]) -> Type:
        """The type of a call with arguments of these types."""
        if isinstance(self.result, Type):
            return self.result
        if self.result == FIRST:
            return arguments[0] if arguments else ANY
        return common_type(arguments[1:] if self.lazy else arguments)

    @property
    def signature(self) -> str:
        """The call as the reference shows it: `left(text, length)`, optional parameters in brackets."""
        shown = []
        for parameter in self.parameters:
            name = parameter.name + (", …" if parameter.repeated else "")
            shown.append(f"[{name}]" if parameter.optional else name)
        return f"{self.name}({', '.join(shown)})"


def common_type(types: Sequence[Type]) -> Type:
    """The one type that values of all these types have together: money where numbers stand beside money, else ANY."""
    known = {each for each in types if each not in (ANY, Type("missing"))}
    if len(known) == 1:
        return known.pop()
    return MONEY if known == {MONEY, NUMBER} else ANY

"""The registry of diagnostic codes; changes when a mistake gets a code of its own (numbers are never used again).

R1xx form of the text, R2xx names, R3xx types and values, R4xx logic, R5xx limits of the target and of the books,
R6xx tests, R7xx packs, R9xx style. The pages in the docs are made from these entries: `wrong` is a file that triggers the code and
`right` the same file mended; both run as tests. An entry without them says in `meaning` why a sample cannot stand here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from dsl.codes.code import Code
from dsl.codes.limits import LIMITS
from dsl.codes.logic import LOGIC
from dsl.codes.names import NAMES
from dsl.codes.packs import PACKS
from dsl.codes.style import STYLE
from dsl.codes.syntax import SYNTAX
from dsl.codes.trials import TESTS
from dsl.codes.types import TYPES
from dsl.codes.values import VALUES

__all__ = ["CODES", "Code"]

_ALL: tuple[Code, ...] = (*SYNTAX, *NAMES, *TYPES, *LOGIC, *LIMITS, *VALUES, *TESTS, *PACKS, *STYLE)

CODES: Mapping[str, Code] = MappingProxyType({each.number: each for each in _ALL})

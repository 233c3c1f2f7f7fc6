"""The codes of style (R9xx): what works, but reads badly; changes when such a doubt gets a code of its own."""

from dsl.codes.code import Code

STYLE: tuple[Code, ...] = ()

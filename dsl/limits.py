"""How large a rule set may be; changes only with the language (each limit has a diagnostic of its own)."""

MAX_FILE_BYTES = 1024 * 1024
MAX_RULES = 10_000
MAX_NESTING = 32
MAX_TABLE_ROWS = 100_000
MAX_PARTS = 150
"""Operands strung together in one value, nesting counted in: what a recursive walk over the tree has to bear."""

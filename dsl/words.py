"""The words of the language with their help, for completion, hover and the reference; changes with what those need."""

from grammar.keywords import ITEM_WORDS, KEYWORDS, PHRASES, RESERVED

__all__ = ["ITEM_WORDS", "KEYWORDS", "PHRASES", "RESERVED"]

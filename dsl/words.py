"""The words of the language with their help, for completion, hover and the reference; changes with what those need."""

from grammar.forms import FORMS
from grammar.keywords import ITEM_WORDS, KEYWORDS, PHRASES, RESERVED

__all__ = ["FORMS", "ITEM_WORDS", "KEYWORDS", "PHRASES", "RESERVED"]

"""Why a record became what it did, and why not, in plain words and as JSON; it words a decision and makes none."""

from dsl.explain.forms import Overwritten, as_json, change_json, leaf_json
from dsl.explain.stories import (
    OUTCOMES,
    Deed,
    Explanation,
    Heirloom,
    Near,
    RuleStory,
    explain,
    kept_out,
    leaf_words,
    record_name,
)

__all__ = [
    "OUTCOMES",
    "Deed",
    "Explanation",
    "Heirloom",
    "Near",
    "Overwritten",
    "RuleStory",
    "as_json",
    "change_json",
    "explain",
    "kept_out",
    "leaf_json",
    "leaf_words",
    "record_name",
]

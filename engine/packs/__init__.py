"""Canned rule sets and a tenant's own: where they lie, how they are pinned, compared and brought up to date."""

"""Canned rule sets: data only, a folder per kind of shop."""

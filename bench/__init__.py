"""Measurements, each a module with a sentence of what it measures and a function `run`; nothing here is shipped."""

"""Somebody else's systems: one file per system, and the canonical records and documents that they speak.

What a connector needs from above (clock, token lock, rate budget) comes in through `connectors.ports`; it must not
know the rules language, the store or the web.
"""

"""What a rule-set text means: source, parser, tree, types, checks, compiler, tests; no I/O, no clock, no connectors."""

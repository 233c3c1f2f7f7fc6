"""What an editor asks about a rule-set file: completion, hover, where a name is declared and used, renaming, folding, colours.

Pure functions over a view of a file; the language server and the web editor only carry their answers.
"""

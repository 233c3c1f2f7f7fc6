"""The command line, thin: each module here is one command, and main.py says which there are."""

"""Local servers that behave as the real shops and books do; they share no code with the connectors."""

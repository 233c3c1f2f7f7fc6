"""The language service over the Language Server Protocol: the only place that knows pygls."""

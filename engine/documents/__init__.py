"""From a judged record to the documents that should stand: names matched, parts added up, tax computed, nothing posted."""

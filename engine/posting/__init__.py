"""From planned operations to documents in the books, exactly once: outbox, sends, settling, looking for what is unknown."""

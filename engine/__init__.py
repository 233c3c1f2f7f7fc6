"""What happens to a record: evaluation, matching, documents, ledger, outbox, flows, holds, store and jobs."""

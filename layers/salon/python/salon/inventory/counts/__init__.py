"""Counting what is on the shelves, comparing it with the ledger, and saying what the difference may come from."""

"""What services use: norms, what a visit really took, and what of it went through the ledger."""

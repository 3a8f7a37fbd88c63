"""The ledger: every movement of stock, once, for ever; what lies where and what it has cost follows from it."""

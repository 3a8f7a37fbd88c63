"""salon-core: the shared layer of domain logic and database access."""

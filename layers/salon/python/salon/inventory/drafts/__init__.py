"""Invoice drafts: what was read from a supplier's document until a person confirms it."""

"""Texts that a provider has approved beforehand: which of them says what, and whether it may be used."""

"""One person in several messengers: asking whether they are, and making one client of two."""

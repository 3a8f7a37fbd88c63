"""Marketing: birthdays, lost clients, one-off news; to whom it may be said, and how often."""

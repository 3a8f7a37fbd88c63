"""MAX's words: updates that come in, calls that go out, answers to them. No HTTP in here."""

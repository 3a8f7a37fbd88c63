"""Instagram's words: webhooks that come in, messages that go out, codes of failure. No HTTP in here."""

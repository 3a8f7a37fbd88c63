"""VK: messages of communities by the Callback API (facts §3)."""

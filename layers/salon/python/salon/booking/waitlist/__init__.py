"""The waiting list: who wants to come when there is no room, and what gets free held for them and offered."""

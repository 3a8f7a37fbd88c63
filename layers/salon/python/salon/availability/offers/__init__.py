"""The few slots that are shown: which, to whom, and for how long they stay the same."""

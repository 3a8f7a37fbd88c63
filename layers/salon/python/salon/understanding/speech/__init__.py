"""Speech → text: what a voice message is, who can write it down, and what is to be thought of the result."""

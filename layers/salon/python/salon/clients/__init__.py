"""Who is served, and where each person can be reached."""

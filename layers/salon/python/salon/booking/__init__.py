"""Holds and bookings: taking capacity, giving it back, and the history of both."""

"""Bookings that repeat: every third Tuesday at two."""

"""Small shifts: a booked client is asked to come a little earlier or later, so that somebody else fits in."""

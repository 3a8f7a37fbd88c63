"""Many bookings at once: what becomes of a day when a member of staff is ill."""

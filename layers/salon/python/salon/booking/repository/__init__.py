"""Every query of booking: `bookings` for one booking, `recording` for its changes, `holds`, `lists` for many."""

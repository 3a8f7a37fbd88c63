"""A whole salon as one file: what it is, without clients and bookings."""

"""Visitors of the site: anonymous sessions that book, and see and change only what they booked themselves."""

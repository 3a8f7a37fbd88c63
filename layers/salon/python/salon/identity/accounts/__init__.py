"""Accounts with a password: signing up and in, invitations, passwords."""

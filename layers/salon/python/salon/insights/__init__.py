"""Figures for the owner: what the business does, counted from the facts."""

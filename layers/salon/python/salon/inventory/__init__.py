"""Inventory: what a salon has on its shelves, how it came there, and where it went."""

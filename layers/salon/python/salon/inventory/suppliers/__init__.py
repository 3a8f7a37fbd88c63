"""Suppliers: whom the salon buys from."""

"""Pillow: opens photographs of all kinds, checked before they are decoded."""

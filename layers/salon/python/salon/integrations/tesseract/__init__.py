"""Tesseract by tesserocr: reads the letters of a page."""

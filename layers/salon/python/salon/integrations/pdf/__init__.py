"""pdfplumber and pypdfium2: text layers of PDFs, and drawings of those without; Pillow opens pictures."""

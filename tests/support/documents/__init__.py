"""Russian supplier documents of plainly invented firms, with exact truth, as paper, photographs, PDF and XML.

Made to measure the reader of invoices: nothing here is a real firm, brand, price or tax number.
`python -m tests.support.documents --out FOLDER` writes a set (`__main__.py`): `invNN_<condition>.jpg` beside
`invNN.json`, whose fields are those of `facts/domain.md` §8. What is left open there is settled so:

- `price` and `sum` are the printed columns': without VAT on ТОРГ-12 and УПД, with it on receipts; after the discount
  where one is printed. Rounded to the kopeck, qty × price = sum always.
- `unit` is the short form without a dot («упак.» is `уп`); where a receipt prints none, everything is `шт`.
- `total` is what is to be paid, with VAT. `vat_rate` is as in «22%» or «без НДС».
- Numbers are JSON numbers. `full_text` has plain spaces, and a wrapped name stands on several lines of it.
- A paper of several pages is one PDF of its photographs, since a truth belongs to one file.
- Where a text layer has hyphens, pdfium's has soft hyphens (U+00AD), as word processors' PDFs often do.

The parts: `content.py` (what is said), `paper.py` and `tables.py` (sheets in millimetres), one module a kind of
document, `photograph.py` (conditions), `text_pdf.py`, `upd_xml.py`, `writing.py` (files), `demo_invoice.py`.
The fonts are Debian's fonts-liberation and fonts-dejavu-extra.
"""

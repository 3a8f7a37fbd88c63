"""The tax service's XML of an УПД, by lxml: `adapter` the document, `goods` its lines, `tree` safe parsing."""

### Why an invoice that came as an XML file was not read.

job-reason-correction-not-read = This is a correction: it changes an earlier invoice and brings no new goods. Please put the stock right by hand, with a write-off or a count.
job-reason-foreign-currency = The sums of this document are not in roubles, and the books are. Please ask the supplier for one in roubles.

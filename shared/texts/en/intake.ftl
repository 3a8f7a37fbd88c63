### What whoever sent a supplier's document hears.

intake-job-done = { $lines ->
    [0] I have read the document but found no goods in it. Please open the draft and check it.
    [one] I have read the document: { $lines } line. The draft invoice waits for you to check and confirm it.
   *[other] I have read the document: { $lines } lines. The draft invoice waits for you to check and confirm it.
}
intake-job-same = I have this document already and do not enter it twice. Its draft is under “Invoices”.
intake-job-failed = I could not read the document. { $reason }

# Why a document was not read.
job-reason-upload-expired = The file never arrived. Please upload it again.
job-reason-file-missing = The file is no longer there. Please send it again.
job-reason-file-changed = The file was changed while it was being read. Please send it again.
job-reason-file-not-as-stated = Another file came than was announced. Please upload it again.
job-reason-interrupted = Reading was interrupted several times in a row. We are looking into it; please try later.
job-reason-processing-failed = Something broke on our side. We are looking into it; please try later.
job-reason-document-refused = I could not read this file. Please send another.
job-reason-document-empty = The file is empty. Please send it again.
job-reason-not-a-document = This is no photo, PDF or XML invoice. Please send a photo of the invoice, a PDF or an XML file.
job-reason-document-too-large = The file is too large. Please send a photo or a PDF of up to 20 MB.
job-reason-too-many-pages = There are too many pages. Please send the document in parts.
job-reason-picture-bomb = The picture is too large. Please send an ordinary photo.
job-reason-document-encrypted = The PDF has a password. Please send it without one, or a photo.
job-reason-document-damaged = The file is damaged. Please send it again.
job-reason-nothing-read = I could read nothing in it. Please photograph the whole document, straight and in good light.

"""From words in places to lines of a document. Pure: the same words always give the same document."""

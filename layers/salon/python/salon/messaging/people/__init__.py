"""People of the salon in the messenger: accounts bound by a code, and the inbox of conversations handed to them."""

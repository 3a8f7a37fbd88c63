"""Russian text to intent, service, staff, date and time, with a confidence and the version of what decided."""

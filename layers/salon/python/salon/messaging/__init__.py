"""Messages with people: channels, conversations, dialogue, delivery, reminders."""

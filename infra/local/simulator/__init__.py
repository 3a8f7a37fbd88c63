"""A messenger in the browser, for talking to the salon's bot on a laptop: the fake Telegram with a face."""

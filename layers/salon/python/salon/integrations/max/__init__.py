"""MAX: the Bot API of max.ru."""

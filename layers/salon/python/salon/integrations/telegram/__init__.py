"""Telegram Bot API: https://core.telegram.org/bots/api. One webhook and one token per salon's bot."""

"""Yandex SpeechKit: recognition of short recordings by its synchronous REST API v1."""

"""PyAV: FFmpeg's libraries as a Python package. Decodes what messengers call a voice message."""

"""openai-whisper on torch, in this process. Nothing here is imported before somebody speaks: torch takes seconds."""

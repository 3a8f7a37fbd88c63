"""Refusals of the module. Reading a message never refuses; only its set-up can."""


class LexiconNotFound(LookupError):
    """The lexicon's folder is neither beside the layer nor above it."""


class ContextNotUsable(ValueError):
    """The context cannot be read against: a naive clock or an unknown time zone."""


class EvaluationFileUnreadable(ValueError):
    """An evaluation or catalogue file does not have the documented format."""

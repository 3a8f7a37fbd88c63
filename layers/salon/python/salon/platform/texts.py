"""What people read, from Fluent files in `shared/texts/<locale>/`: Russian plural forms, translators' tools.

A tenant may take another tone (`<locale>/tones/<tone>.ftl`, a few of the texts said otherwise) and change single texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from salon.platform.errors import Invalid, SalonError
from salon.platform.shared_data import shared_path

DEFAULT_LOCALE = "ru"
DEFAULT_TONE = "plain"
MAX_TEXT_CHARS = 1_500

Changes = tuple[tuple[str, str], ...]


class TextMissing(SalonError):
    """A text is not in the files, or misses an argument; a bug that the tests find."""

    code = "TEXT_MISSING"


class TextUnusable(Invalid):
    """A changed text cannot be used; says which and why."""

    code = "TEXT_UNUSABLE"

    def __init__(self, text_id: str, why: str) -> None:
        super().__init__(f"The text `{text_id}` cannot be used: {why}.")


class Texts:
    """The texts of one locale, in one tone, with a tenant's changes."""

    def __init__(self, bundle: FluentBundle) -> None:
        self._bundle = bundle

    def say(self, text_id: str, /, **arguments: Any) -> str:
        """The text `text_id` with its arguments (underscores in their names become hyphens).

        Raises:
            TextMissing: there is no such text, or an argument is missing.
        """
        message = self._bundle.get_message(text_id) if self._bundle.has_message(text_id) else None
        if message is None or message.value is None:
            raise TextMissing(f"There is no text {text_id}.")
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        text, problems = self._bundle.format_pattern(message.value, named)
        if problems:
            raise TextMissing(f"The text {text_id} cannot be formed: {problems[0]}.")
        return str(text)


@lru_cache(maxsize=64)
def texts(locale: str = DEFAULT_LOCALE, *, tone: str = DEFAULT_TONE, changes: Changes = ()) -> Texts:
    """The texts of a locale; a locale we do not have speaks Russian, a tone we do not have is plain.

    Args:
        locale: `ru` or `en`.
        tone: one of `tones()`.
        changes: a tenant's own wording, by text; checked by `check_changes` when they were stored.
    """
    chosen = _chosen(locale)
    bundle = FluentBundle([chosen], use_isolating=False)
    for source in _sources(DEFAULT_LOCALE):  # what another language lacks is better said in Russian than not at all
        bundle.add_resource(FluentResource(source))
    for source in _sources(chosen) if chosen != DEFAULT_LOCALE else ():
        bundle.add_resource(FluentResource(source), allow_overrides=True)
    spoken = shared_path("texts") / chosen / "tones" / f"{tone}.ftl"
    if tone in tones() and spoken.is_file():
        bundle.add_resource(FluentResource(spoken.read_text("utf-8")), allow_overrides=True)
    for text_id, wording in changes:
        bundle.add_resource(FluentResource(_entry(text_id, wording)), allow_overrides=True)
    return Texts(bundle)


@lru_cache(maxsize=1)
def tones() -> tuple[str, ...]:
    """The tones that there are, the plain one first."""
    found = {file.stem for file in shared_path("texts").glob("*/tones/*.ftl")}
    return (DEFAULT_TONE, *sorted(found))


def wordings(locale: str) -> Mapping[str, str]:
    """Every text of a locale as it stands in the files, for whoever wants to change one."""
    return {name: source for name, (source, _) in _messages(_chosen(locale)).items()}


def check_changes(locale: str, changes: Mapping[str, str]) -> Changes:
    """A tenant's own wordings, as `texts` wants them.

    Raises:
        TextUnusable: no such text, not Fluent, too long, or it asks for something that this text is not given.
    """
    known = _messages(_chosen(locale))
    for text_id, wording in changes.items():
        if text_id not in known:
            raise TextUnusable(text_id, "there is no such text")
        if not isinstance(wording, str) or not wording.strip() or len(wording) > MAX_TEXT_CHARS:
            raise TextUnusable(text_id, f"it has 1 to {MAX_TEXT_CHARS} characters")
        variables = _variables(text_id, wording)
        strange = variables - known[text_id][1]
        if strange:
            raise TextUnusable(text_id, f"it is not given {', '.join(f'${name}' for name in sorted(strange))}")
    return tuple(sorted(changes.items()))


def _variables(text_id: str, wording: str) -> set[str]:
    entries = FluentParser().parse(_entry(text_id, wording)).body
    entry = entries[0] if len(entries) == 1 else None
    if not isinstance(entry, ast.Message) or entry.id.name != text_id or entry.value is None:
        raise TextUnusable(text_id, "its braces or its lines are not Fluent")
    found = _Named()
    found.visit(entry.value)
    if found.references:
        raise TextUnusable(text_id, "it may not refer to other texts")
    return found.variables


class _Named(Visitor):
    """Collects what a pattern names."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.references: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802 - the visitor's word
        self.variables.add(node.id.name)

    def visit_MessageReference(self, node: ast.MessageReference) -> None:  # noqa: N802 - as above
        self.references.add(node.id.name)

    def visit_TermReference(self, node: ast.TermReference) -> None:  # noqa: N802 - as above
        self.references.add(node.id.name)

    def visit_FunctionReference(self, node: ast.FunctionReference) -> None:  # noqa: N802 - as above
        self.references.add(node.id.name)


@lru_cache(maxsize=4)
def _messages(locale: str) -> dict[str, tuple[str, set[str]]]:
    """Source and variables of each text."""
    found: dict[str, tuple[str, set[str]]] = {}
    for source in _sources(locale):
        for entry in FluentParser().parse(source).body:
            if isinstance(entry, ast.Message) and entry.value is not None and entry.value.span is not None:
                named = _Named()
                named.visit(entry.value)
                found[entry.id.name] = (source[entry.value.span.start : entry.value.span.end], named.variables)
    return found


def _sources(locale: str) -> Iterable[str]:
    return [file.read_text("utf-8") for file in sorted((shared_path("texts") / locale).glob("*.ftl"))]


def _chosen(locale: str) -> str:
    return locale if (shared_path("texts") / locale).is_dir() else DEFAULT_LOCALE


def _entry(text_id: str, wording: str) -> str:
    """As a message of a Fluent file: later lines are indented, so that none of them begins another message."""
    return f"{text_id} =\n" + "\n".join(f"    {line}" for line in wording.strip().splitlines()) + "\n"

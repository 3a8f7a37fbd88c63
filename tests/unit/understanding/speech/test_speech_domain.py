"""What is to be thought of a recogniser's answer, and what it is told beforehand."""

from __future__ import annotations

import pytest

from salon.understanding.speech.domain import (
    Recognition,
    Verdict,
    confidence_of,
    estimated_tokens,
    is_echo,
    is_unclear,
    prompt_of,
)

PROMPT = "Запись в салон красоты. Мастера: Анна, Ольга. Услуги: Женская стрижка с укладкой, Маникюр, Педикюр."


def heard(text="да", confidence=0.8, no_speech=0.0):
    return Recognition(text, confidence, no_speech, (), "whisper", "1", 0.1)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (heard(), Verdict.HEARD),
        (heard(confidence=0.35), Verdict.HEARD),
        (heard(confidence=0.34), Verdict.UNCLEAR),
        (heard(text="", confidence=0.0), Verdict.UNCLEAR),
        (heard(text="", confidence=0.0, no_speech=0.61), Verdict.SILENT),
        (heard(no_speech=0.9), Verdict.HEARD),  # sure of its words: whisper's own rule
    ],
)
def test_a_verdict(found, verdict):
    assert found.verdict(min_confidence=0.35) is verdict


@pytest.mark.parametrize(
    ("no_speech", "log_probability", "compression", "is_thrown_away"),
    [
        (0.0, -0.3, 1.2, False),
        (0.7, -0.3, 1.2, False),
        (0.5, -1.5, 1.2, False),
        (0.61, -1.01, 1.2, True),
        (0.6, -1.01, 1.2, False),
        (0.0, -0.1, 2.41, True),
        (0.0, -0.1, 2.4, False),
    ],
)
def test_whispers_thresholds(no_speech, log_probability, compression, is_thrown_away):
    found = is_unclear(no_speech_probability=no_speech, log_probability=log_probability, compression_ratio=compression)
    assert found is is_thrown_away


def test_a_log_probability_as_a_confidence():
    assert confidence_of(0.0) == 1.0
    assert confidence_of(0.4) == 1.0  # rounding may lift a mean above nothing
    assert confidence_of(-1.0) == pytest.approx(0.368, abs=0.001)


class TestEcho:
    @pytest.mark.parametrize(
        "text",
        [
            PROMPT,
            PROMPT.upper(),
            "Запись в салон красоты.",
            "Анна, Ольга. Услуги:",
            "женская стрижка с укладкой маникюр педикюр",
            "Ольга. Услуги: Женская",
        ],
    )
    def test_the_prompt_said_back(self, text):
        assert is_echo(text, PROMPT)

    @pytest.mark.parametrize(
        "text",
        [
            "маникюр",
            "Маникюр, педикюр",
            "женская стрижка с укладкой",
            "к Анне на маникюр",
            "маникюр и педикюр завтра в шесть",
            "педикюр, маникюр, Ольга",
            "Запись в салон красоты на завтра",
            "",
        ],
    )
    def test_a_wish(self, text):
        assert not is_echo(text, PROMPT)

    def test_nothing_was_said_before(self):
        assert not is_echo("Маникюр", "")


class TestPrompt:
    def test_staff_come_first_and_names_once(self):
        assert prompt_of(["Маникюр", " Маникюр ", "Стрижка\nженская"], ["Анна", ""]) == (
            "Запись в салон красоты. Мастера: Анна. Услуги: Маникюр, Стрижка женская."
        )

    def test_a_salon_without_anything(self):
        assert prompt_of([], []) == "Запись в салон красоты."

    @pytest.mark.parametrize("most", [5, 20, 60, 223])
    def test_it_is_never_longer_than_is_read(self, most):
        services = [f"Услуга номер {number}" for number in range(100)]
        prompt = prompt_of(services, ["Анна", "Ольга"], max_tokens=most)
        assert estimated_tokens(prompt) <= most
        assert bool(prompt) is (most >= 20)
        assert ("Услуга номер 1" in prompt) is (most >= 60)

    def test_an_endless_name_does_not_push_the_others_out(self):
        prompt = prompt_of(["А" * 2_000, "Маникюр"], ["Б" * 2_000, "Анна"])
        assert prompt.endswith("Мастера: Анна. Услуги: Маникюр.")

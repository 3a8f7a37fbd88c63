"""The grammar of the speech model: its halves are apart, it repeats itself, and what it writes can be written."""

import hashlib
import itertools
import random
import re

import pytest

from infra.training.speech.sentences import everyday_words, sentences, training_sentence, written
from infra.training.speech.templates import HELD_OUT_TEMPLATES, TRAINING_TEMPLATES
from infra.training.speech.words import DIMINUTIVES, MEN, STRANGERS, WOMEN, inflected, number, ordinal


def first(count: int, seed: int, *, held_out: bool = False) -> list:
    return list(itertools.islice(sentences(seed, held_out=held_out), count))


def test_no_template_and_no_sentence_is_in_both_halves():
    shapes = [{written(re.sub(r"\{\w+\}", "x", template)) for template in half}
              for half in (TRAINING_TEMPLATES, HELD_OUT_TEMPLATES)]  # fmt: skip

    assert not shapes[0] & shapes[1]
    heard = {sentence.written for sentence in first(20_000, 1)}
    assert not heard & {sentence.written for sentence in first(2_000, 2, held_out=True)}


def test_a_seed_gives_the_same_sentences_and_another_seed_others():
    digests = [
        hashlib.sha256("\n".join(sentence.spoken for sentence in first(500, seed)).encode()).hexdigest()
        for seed in (1, 1, 2)
    ]

    assert digests[0] == digests[1] != digests[2]


def test_every_slot_is_filled_and_the_text_is_lower_case_words_only():
    for sentence in [*first(5_000, 3), *first(2_000, 4, held_out=True)]:
        assert re.fullmatch(r"[а-я]+(?:[- ][а-я]+)*", sentence.written), sentence
        assert "{" not in sentence.spoken


def test_the_corpus_is_wide():
    said = first(20_000, 5)
    vocabulary = {word for sentence in said for word in sentence.written.split()}

    assert len(everyday_words()) > 1_000
    assert len(vocabulary) > 2_500
    assert len({sentence.written for sentence in said}) > 14_000
    numbers = {word for value in range(60) for word in number(value).split()}
    assert numbers <= vocabulary
    days = {word for value in range(1, 32) for word in written(ordinal(value)).split()}
    assert days <= vocabulary


def test_names_come_in_all_cases():
    vocabulary = set(" ".join(sentence.written for sentence in first(40_000, 6)).split())
    forms = [written(form) for name in ("Анна", "Игорь", "Мария") for form in inflected(name)]

    assert set(forms) <= vocabulary


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("Анна", ("Анну", "Анны", "Анне", "Анной")),
        ("Мария", ("Марию", "Марии", "Марии", "Марией")),
        ("Анечка", ("Анечку", "Анечки", "Анечке", "Анечкой")),
        ("Саша", ("Сашу", "Саши", "Саше", "Сашей")),
        ("Игорь", ("Игоря", "Игоря", "Игорю", "Игорем")),
        ("Сергей", ("Сергея", "Сергея", "Сергею", "Сергеем")),
        ("Пётр", ("Петра", "Петра", "Петру", "Петром")),
        ("Иванова", ("Иванову", "Ивановой", "Ивановой", "Ивановой")),
        ("Смирнов", ("Смирнова", "Смирнова", "Смирнову", "Смирновым")),
    ],
)
def test_a_name_is_inflected(name, forms):
    assert inflected(name)[1:] == forms


def test_every_name_inflects_to_words():
    for name in (*WOMEN, *MEN, *DIMINUTIVES, *STRANGERS):
        assert all(re.fullmatch(r"[А-ЯЁ][а-яё]+", form) for form in inflected(name)), name


def test_numbers_are_written_in_words():
    assert [number(value) for value in (0, 7, 12, 20, 45, 300, 912)] == [
        "ноль", "семь", "двенадцать", "двадцать", "сорок пять", "триста", "девятьсот двенадцать",
    ]  # fmt: skip
    assert [written(ordinal(day)) for day in (3, 20, 24, 31)] == [
        "третьего", "двадцатого", "двадцать четвертого", "тридцать первого",
    ]  # fmt: skip


def test_what_is_written_leaves_out_case_commas_and_dots():
    assert written("Алёна, можно на гель-лак?") == "алена можно на гель-лак"


def test_the_training_also_hears_what_the_grammar_does_not_explain():
    rng = random.Random(8)
    kinds = [training_sentence(rng).template for _ in range(2_000)]

    assert 0.1 < kinds.count("<salad>") / len(kinds) < 0.4
    assert 0.1 < kinds.count("<pieces>") / len(kinds) < 0.4

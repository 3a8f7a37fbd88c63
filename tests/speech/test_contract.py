"""The same contract for every engine and every service: whisper, GigaAM, SpeechKit."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from salon.integrations.av.adapter import AvDecoder
from salon.integrations.gigaam.adapter import GigaamRecogniser
from salon.integrations.gigaam.weights import Flavour, describe
from salon.integrations.gigaam.weights import find_weights as find_gigaam
from salon.integrations.speechkit.adapter import SpeechKitRecogniser
from salon.integrations.speechkit.client import SpeechKitClient, with_api_key
from salon.integrations.speechkit.fake import FakeSpeechKit
from salon.integrations.whisper.adapter import WhisperRecogniser
from salon.integrations.whisper.weights import Weights
from support.gigaam import FOLDER, bin_of
from support.parrot import parrot
from support.recogniser_contract import RecogniserContract
from support.recordings import audio, sent, silence, tone

WISH = "запишите меня на маникюр"


def hertz_of(letter):
    """The middle of the letter's mel bin, as the toy models have it: 64 bins from 0 to 8,000 Hz on the HTK scale."""
    top = 2595 * np.log10(1 + 8_000 / 700)
    return float(700 * (10 ** (top * (bin_of(letter) + 1) / 65 / 2595) - 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def whisper(folder):
    return WhisperRecogniser(Weights(parrot(folder / "says.pt", WISH), "parrot:1"), threads=1)


class TestWhisper(RecogniserContract):
    @pytest.fixture
    def recogniser(self, whisper):
        return whisper

    @pytest.fixture
    def recording(self):
        return AvDecoder(max_bytes=1_000_000, max_seconds=60).decode(sent("book_manicure.ogg"), mime="audio/ogg")

    def test_it_makes_nothing_up(self, folder, nothing):
        silent = parrot(folder / "silent.pt", WISH, silent=True)  # this one knows when nobody speaks
        super().test_it_makes_nothing_up(WhisperRecogniser(Weights(silent, "parrot:2"), threads=1), nothing)


class TestGigaam(RecogniserContract):
    @pytest.fixture
    def recogniser(self, tmp_path):
        for name in Flavour.CTC.networks(None):
            shutil.copy(FOLDER / name, tmp_path / name)
        describe(tmp_path, Flavour.CTC, version="1")
        return GigaamRecogniser(find_gigaam(tmp_path), threads=1)

    @pytest.fixture
    def recording(self):
        return audio([part for letter in "ника" for part in (tone(0.16, hertz_of(letter), volume=0.3), silence(0.16))])


class TestSpeechKit(RecogniserContract):
    @pytest.fixture
    def recording(self):
        return audio([tone(3.4)], original=sent("book_manicure.ogg"))

    @pytest.fixture
    def recogniser(self, recording):
        fake = FakeSpeechKit()
        fake.hears(recording.original, WISH)
        key = fake.add_key("AQVN-secret-key")
        with fake.running() as url:
            client = SpeechKitClient(url, with_api_key(lambda: key))
            yield SpeechKitRecogniser(client)
            client.close()

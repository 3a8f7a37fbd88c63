"""SpeechKit's adapter against its fake, over real HTTP."""

from __future__ import annotations

import logging
import traceback
from array import array
from datetime import UTC, datetime

import httpx
import pytest

from salon.integrations.fakes import FaultKind
from salon.integrations.speechkit.adapter import CONFIDENCE, SpeechKitRecogniser
from salon.integrations.speechkit.client import SpeechKitClient, with_api_key, with_iam_token
from salon.integrations.speechkit.fake import CALLS_A_SECOND, FakeSpeechKit
from salon.integrations.speechkit.payloads import MAX_BYTES
from salon.platform.clock import FrozenClock
from salon.platform.secrets import EnvironmentSecrets, MetadataTokens
from salon.understanding.speech.errors import RecogniserRefused, RecogniserTimedOut, RecogniserUnavailable
from support.recogniser_contract import RecogniserContract
from support.recordings import audio, sent, silence, tone

KEY = "AQVN-secret-key"
WISH = "запишите меня на маникюр завтра в 18:00"
OGG = sent("book_manicure.ogg")


class Time:
    """Seconds that a test lets pass."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def passing():
    return Time()


@pytest.fixture
def fake(passing):
    made = FakeSpeechKit(clock=passing)
    made.add_key(KEY)
    with made.running():
        yield made


@pytest.fixture
def connect(fake):
    opened = []

    def open_client(authorization=None, **settings):
        opened.append(SpeechKitClient(fake.base_url, authorization or with_api_key(lambda: KEY), **settings))
        return SpeechKitRecogniser(opened[-1])

    yield open_client
    for client in opened:
        client.close()


@pytest.fixture
def recogniser(connect):
    return connect()


def short(**more):
    return audio([tone(3.4)], original=OGG, **more)


def hear(recogniser, recording, timeout_s=5.0):
    return recogniser.recognise(recording, prompt="Мастера: Анна.", timeout_s=timeout_s)


class TestContract(RecogniserContract):
    @pytest.fixture
    def recogniser(self, fake, connect):
        fake.hears(OGG, WISH)
        return connect()

    @pytest.fixture
    def recording(self):
        return short()


class TestWhatIsSent:
    def test_a_messengers_own_opus_goes_as_it_came(self, fake, recogniser):
        fake.hears(OGG, f" {WISH} ")
        found = hear(recogniser, short())
        assert (found.text, found.confidence, found.engine) == (WISH, CONFIDENCE, "speechkit")
        assert (found.version, found.segments[0].text, found.segments[0].end_s) == ("v1-general", WISH, 3.4)
        (heard,) = fake.heard
        assert heard.query == {"lang": "ru-RU", "topic": "general", "format": "oggopus"}
        assert (heard.size, heard.units) == (len(OGG), 1)

    def test_nothing_that_was_said_is_stored_there(self, fake, recogniser):
        hear(recogniser, short())
        assert "x-data-logging-enabled" not in fake.heard[0].headers

    @pytest.mark.parametrize(
        "original",
        [b"ID3\x04mp3", b"", OGG.replace(b"OpusHead\x01\x01", b"OpusHead\x01\x02"), OGG + bytes(MAX_BYTES)],
        ids=["mp3", "nothing", "stereo", "large"],
    )
    def test_everything_else_goes_as_samples(self, fake, recogniser, original):
        fake.hears_next(WISH)
        assert hear(recogniser, audio([tone(2)], original=original)).text == WISH
        (heard,) = fake.heard
        assert (heard.query["format"], heard.query["sampleRateHertz"]) == ("lpcm", "16000")
        assert (heard.seconds, heard.size) == (2.0, 2 * 2 * 16_000)

    def test_silence_around_the_words_is_not_paid_for(self, fake, recogniser):
        hear(recogniser, short(seconds=16.0))
        assert (fake.heard[0].query["format"], fake.units) == ("lpcm", 1)

    def test_samples_keep_their_shape(self, fake, recogniser):
        """Half of full scale is half of 16 bits, and what is too loud does not wrap around."""
        fake.hears((16383).to_bytes(2, "little") + (32767).to_bytes(2, "little") * 2, "громко")
        assert hear(recogniser, audio([array("f", [0.5, 1.0, 7.0])])).text == "громко"

    def test_a_file_that_the_service_cannot_read_is_sent_again_as_samples(self, fake, recogniser):
        fake.fail_next(FaultKind.REJECTED)
        fake.hears_next(WISH)
        assert hear(recogniser, short()).text == WISH
        assert (fake.refused, [one.query["format"] for one in fake.heard]) == ([400], ["lpcm"])

    def test_a_long_recording_goes_in_pieces_cut_where_nobody_speaks(self, fake, recogniser):
        fake.hears_next("первое", "", "третье")
        recording = audio([tone(20), silence(0.5), tone(29), silence(0.4), tone(10)])
        found = hear(recogniser, recording)
        assert found.text == "первое третье"
        first, second, third = (one.seconds for one in fake.heard)
        assert first == pytest.approx(20.25, abs=0.2)
        assert first + second == pytest.approx(49.7, abs=0.2)
        assert first + second + third == pytest.approx(59.9)
        assert found.segments[1].start_s == pytest.approx(first + second)
        assert fake.units == 2 + 2 + 1

    def test_nothing_understood_is_an_answer(self, recogniser):
        found = hear(recogniser, short())
        assert (found.text, found.confidence, found.segments) == ("", 0.0, ())


class TestWhoCalls:
    def test_a_service_account_by_its_iam_token(self, fake, connect):
        clock = FrozenClock(datetime(2026, 3, 1, tzinfo=UTC))
        with httpx.Client() as client:
            token = MetadataTokens(client, base_url=fake.base_url, clock=clock)
            recogniser = connect(with_iam_token(token))
            hear(recogniser, short())
            assert fake.heard[0].headers["authorization"].startswith("Bearer t1.")
            fake.revoke(token())
            with pytest.raises(RecogniserRefused, match="http_401"):
                hear(recogniser, short())

    def test_a_persons_account_names_its_folder(self, fake, connect):
        hear(connect(folder_id="b1gfakefolder"), short())
        assert fake.heard[0].query["folderId"] == "b1gfakefolder"
        with pytest.raises(RecogniserRefused, match="http_403"):
            hear(connect(folder_id="b1gsomebodyelses"), short())

    @pytest.mark.parametrize("newly", [False, True])
    def test_a_wrong_key_is_for_a_person_to_see_to(self, newly):
        fake = FakeSpeechKit(names_errors_newly=newly)
        with fake.running() as url:
            client = SpeechKitClient(url, with_api_key(lambda: "wrong"))
            with pytest.raises(RecogniserRefused, match="http_401"):
                hear(SpeechKitRecogniser(client), short())
            client.close()

    def test_no_key_at_all(self, connect):
        secrets = EnvironmentSecrets({})
        with pytest.raises(RecogniserRefused, match="no_key"):
            hear(connect(with_api_key(lambda: secrets.get("SPEECHKIT_API_KEY"))), short())

    def test_no_metadata_service(self, connect):
        with httpx.Client() as client, pytest.raises(RecogniserUnavailable, match="no_key"):
            hear(connect(with_iam_token(MetadataTokens(client, base_url="http://127.0.0.1:9"))), short())

    def test_the_key_is_in_no_log_and_no_error(self, fake, recogniser, caplog):
        caplog.set_level(logging.DEBUG)
        fake.fail_next(FaultKind.SERVER_ERROR)
        with pytest.raises(RecogniserUnavailable) as failed:
            hear(recogniser, short())
        told = caplog.text + "".join(traceback.format_exception(failed.value))
        assert KEY not in told


class TestFailures:
    @pytest.mark.parametrize(
        ("kind", "reason"),
        [
            (FaultKind.SERVER_ERROR, "http_503"), (FaultKind.DROP_BEFORE, "network"), (FaultKind.TOO_MANY, "throttled"),
        ],
    )  # fmt: skip
    def test_what_passes_by_itself(self, fake, recogniser, kind, reason):
        fake.fail_next(kind)
        with pytest.raises(RecogniserUnavailable) as failed:
            hear(recogniser, short())
        assert (failed.value.reason, type(failed.value)) == (reason, RecogniserUnavailable)
        assert (failed.value.after_s > 0) == (kind is FaultKind.TOO_MANY)
        fake.hears(OGG, WISH)
        assert hear(recogniser, short()).text == WISH

    def test_the_quota_of_a_second(self, recogniser, passing):
        for _ in range(CALLS_A_SECOND):
            hear(recogniser, short())
        with pytest.raises(RecogniserUnavailable, match="throttled"):
            hear(recogniser, short())
        passing.now += 1.1
        hear(recogniser, short())

    def test_too_slow(self, fake, recogniser):
        fake.fail_next(FaultKind.SLOW, seconds=30)
        with pytest.raises(RecogniserTimedOut):
            hear(recogniser, short(), timeout_s=0.2)

    def test_a_setting_that_the_service_does_not_know(self, connect):
        with pytest.raises(RecogniserRefused, match="request_rejected"):
            hear(connect(topic="hairdressing"), short())

    def test_somebody_else_at_the_base_url(self, fake):
        client = SpeechKitClient(fake.base_url + "/elsewhere", with_api_key(lambda: KEY))
        with pytest.raises(RecogniserRefused, match="http_404"):
            hear(SpeechKitRecogniser(client), short())
        client.close()


class TestTheFakeItself:
    """What our adapter never does, the fake refuses all the same."""

    @pytest.mark.parametrize(
        ("query", "body"),
        [
            ({"format": "lpcm", "sampleRateHertz": "16000"}, bytes(2 * 16_000 * 31)[: MAX_BYTES + 1]),
            ({"format": "lpcm", "sampleRateHertz": "8000"}, bytes(2 * 8_000 * 31)),
            ({"format": "lpcm", "sampleRateHertz": "44100"}, bytes(10)), ({"format": "lpcm"}, b"odd"),
            ({}, OGG.replace(b"OpusHead\x01\x01", b"OpusHead\x01\x02")), ({}, b"RIFF"), ({}, b""),
            ({"format": "mp3"}, b"ID3"), ({"lang": "fr-FR"}, OGG), ({"folderId": "b" * 51}, OGG),
        ],
    )  # fmt: skip
    def test_bad_requests(self, fake, query, body):
        headers = {"authorization": f"Api-Key {KEY}"}
        answer = httpx.post(f"{fake.base_url}/speech/v1/stt:recognize", params=query, content=body, headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "BAD_REQUEST")

    def test_tokens_are_given_to_machines_only_and_expire(self, fake, passing):
        url = f"{fake.base_url}/computeMetadata/v1/instance/service-accounts/default/token"
        assert httpx.get(url).status_code == 403
        token = httpx.get(url, headers={"Metadata-Flavor": "Google"}).json()["access_token"]
        ask = {"url": f"{fake.base_url}/speech/v1/stt:recognize", "content": OGG}
        ask["headers"] = {"authorization": f"Bearer {token}"}
        assert httpx.post(**ask).status_code == 200
        passing.now += 12 * 3600
        assert httpx.post(**ask).status_code == 401

    def test_an_unknown_failure(self, fake):
        with pytest.raises(LookupError, match="no failure 'blocked'"):
            fake.fail_next(FaultKind.BLOCKED)

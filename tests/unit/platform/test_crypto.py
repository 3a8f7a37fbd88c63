import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.platform.crypto import (
    COMPRESS_FROM_BYTES,
    DecryptionFailed,
    MasterKeys,
    MasterKeysInvalid,
    UnknownMasterKey,
    blind_index,
    new_data_key,
    seal,
    unseal,
)

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
GOOD = base64.b64encode(KEY).decode()


class TestSealing:
    @given(st.binary(max_size=3000), st.binary(max_size=64))
    def test_what_is_sealed_comes_back(self, plaintext, aad):
        assert unseal(KEY, seal(KEY, plaintext, aad=aad), aad=aad) == plaintext

    @given(st.binary(max_size=1500), st.integers(0, 10_000), st.integers(1, 255))
    def test_no_byte_can_be_changed(self, plaintext, position, flip):
        blob = bytearray(seal(KEY, plaintext * 2, aad=b"row"))
        blob[position % len(blob)] ^= flip

        with pytest.raises(DecryptionFailed):
            unseal(KEY, bytes(blob), aad=b"row")

    @given(st.binary(max_size=100))
    def test_noise_is_refused(self, blob):
        with pytest.raises(DecryptionFailed):
            unseal(KEY, blob, aad=b"")

    @given(st.binary(max_size=50), st.binary(max_size=50))
    def test_it_opens_for_its_purpose_and_its_key_only(self, aad, other):
        blob = seal(KEY, b"x", aad=aad)

        with pytest.raises(DecryptionFailed):
            unseal(OTHER, blob, aad=aad)
        if aad != other:
            with pytest.raises(DecryptionFailed):
                unseal(KEY, blob, aad=other)

    def test_the_same_text_is_sealed_differently_each_time(self):
        assert len({seal(KEY, b"x", aad=b"") for _ in range(100)}) == 100

    def test_above_1_kb_it_is_compressed_if_that_helps(self):
        text = "Добрый день! ".encode()
        long = text * 100
        noise = os.urandom(COMPRESS_FROM_BYTES * 2)

        assert len(seal(KEY, long, aad=b"")) < len(long) / 4
        assert len(seal(KEY, text, aad=b"")) == len(text) + 29
        assert len(seal(KEY, noise, aad=b"")) == len(noise) + 29
        assert unseal(KEY, seal(KEY, long, aad=b""), aad=b"") == long

    def test_decompression_is_bounded(self):
        bomb = seal(KEY, bytes(1_000_000), aad=b"")

        assert len(bomb) < 2_000
        assert len(unseal(KEY, bomb, aad=b"", max_bytes=1_000_000)) == 1_000_000
        with pytest.raises(DecryptionFailed):
            unseal(KEY, bomb, aad=b"", max_bytes=999_999)

    def test_the_error_tells_nothing(self):
        with pytest.raises(DecryptionFailed) as wrong_key:
            unseal(OTHER, seal(KEY, b"x", aad=b""), aad=b"")
        with pytest.raises(DecryptionFailed) as damaged:
            unseal(KEY, b"\x01", aad=b"")

        assert str(wrong_key.value) == str(damaged.value)


class TestMasterKeys:
    def test_the_first_wraps_and_all_unwrap(self):
        old = MasterKeys.parse(f"k1:{GOOD}")
        both = MasterKeys.parse(f"{MasterKeys.generate('k2')}, k1:{GOOD}")
        key = new_data_key()
        wrapped = old.wrap(key, aad=b"tenant")

        assert both.current_id == "k2"
        assert both.unwrap(wrapped, aad=b"tenant") == key
        assert not both.is_current(wrapped)

        rewrapped = both.rewrap(wrapped, aad=b"tenant")
        assert both.is_current(rewrapped)
        assert both.unwrap(rewrapped, aad=b"tenant") == key
        assert both.rewrap(rewrapped, aad=b"tenant") == rewrapped
        with pytest.raises(UnknownMasterKey) as raised:
            old.unwrap(rewrapped, aad=b"tenant")
        assert raised.value.key_id == "k2"

    @given(st.integers(0, 100), st.integers(1, 255))
    def test_no_byte_of_a_wrapped_key_can_be_changed(self, position, flip):
        keys = MasterKeys.parse(f"k1:{GOOD},k2:{base64.b64encode(OTHER).decode()}")
        blob = bytearray(keys.wrap(KEY, aad=b"tenant"))
        blob[position % len(blob)] ^= flip

        with pytest.raises((DecryptionFailed, UnknownMasterKey)):
            keys.unwrap(bytes(blob), aad=b"tenant")

    @given(st.binary(max_size=60))
    def test_noise_is_refused(self, blob):
        with pytest.raises((DecryptionFailed, UnknownMasterKey)):
            MasterKeys.parse(f"k1:{GOOD}").unwrap(blob, aad=b"")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "number 1 has no id"),
            (GOOD, "number 1 has no id"),
            (f"k1:{GOOD},", "number 2 has no id"),
            (f"bad id:{GOOD}", "number 1 has no id"),
            (f"k1:{GOOD},k1:{GOOD}", "two master keys k1"),
            ("k1:@@@@", "k1 is not Base64"),
            ("k1:" + base64.b64encode(b"short").decode(), "k1 has 5 bytes"),
        ],
    )
    def test_a_wrong_setting_is_named_and_no_key_is_shown(self, text, told):
        with pytest.raises(MasterKeysInvalid) as raised:
            MasterKeys.parse(text)

        assert told in str(raised.value)
        assert GOOD not in str(raised.value)

    def test_a_key_does_not_show_in_a_repr(self):
        assert "keys" not in repr(MasterKeys.parse(f"k1:{GOOD}"))


class TestBlindIndex:
    def test_it_is_the_same_for_what_counts_as_equal(self):
        digest = blind_index(KEY, "anna@example.ru", purpose="clients.email")

        assert len(digest) == 32
        assert blind_index(KEY, "  Anna@Example.RU ", purpose="clients.email") == digest
        assert blind_index(KEY, "ＡＮＮＡ@example.ru", purpose="clients.email") == digest

    def test_it_differs_by_value_key_and_purpose(self):
        digests = {
            blind_index(key, value, purpose=purpose)
            for key in (KEY, OTHER)
            for value in ("+79991234567", "+79991234568")
            for purpose in ("clients.phone", "users.phone")
        }

        assert len(digests) == 8

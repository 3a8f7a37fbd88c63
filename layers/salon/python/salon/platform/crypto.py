"""Envelope encryption, blind indexes and telephone numbers in one form.

Personal data is sealed with a data key (AES-256-GCM); data keys are wrapped, in the end by a master key that lives in
the secret store. Rotating a master key rewraps keys and touches no data. What was sealed says for what it was sealed
(`aad`: table, column and row, say), so that one row's text cannot be passed off as another's.

Layouts, all lengths in bytes::

    sealed   version 1 (1 plain, 2 compressed) · nonce 12 · ciphertext and tag 16
    wrapped  version 1 (17) · length of id 1 · id of the master key · nonce 12 · wrapped key 32 and tag 16
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import unicodedata
import zlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from salon.platform.errors import SalonError

KEY_BYTES = 32
COMPRESS_FROM_BYTES = 1_024
DEFAULT_MAX_PLAINTEXT_BYTES = 16_000_000

_NONCE_BYTES = 12
_TAG_BYTES = 16
_PLAIN = b"\x01"
_COMPRESSED = b"\x02"
_WRAPPED = b"\x11"
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class MasterKeysInvalid(SalonError):
    """The setting that holds the master keys is wrong; the message names the entry, never a key."""

    code = "MASTER_KEYS_INVALID"


class DecryptionFailed(SalonError):
    """Not sealed with this key, for something else, or changed since. Which of them is not told."""

    code = "DECRYPTION_FAILED"

    def __init__(self) -> None:
        super().__init__("The data cannot be decrypted.")


class UnknownMasterKey(SalonError):
    """A key was wrapped by a master key that is not configured any more.

    Attributes:
        key_id: the master key's id.
    """

    code = "UNKNOWN_MASTER_KEY"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"There is no master key {key_id}.")
        self.key_id = key_id


def new_data_key() -> bytes:
    """A random key of 256 bits."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def seal(key: bytes, plaintext: bytes, *, aad: bytes) -> bytes:
    """Encrypt `plaintext`; above 1 KB it is compressed first, when that makes it smaller.

    Args:
        key: 32 bytes.
        plaintext: what to keep.
        aad: for what it is sealed; the same must be given to `unseal`. Not secret, not stored.
    """
    version, content = _PLAIN, plaintext
    if len(plaintext) > COMPRESS_FROM_BYTES:
        smaller = zlib.compress(plaintext, level=6)
        if len(smaller) < len(plaintext):
            version, content = _COMPRESSED, smaller
    nonce = os.urandom(_NONCE_BYTES)
    return version + nonce + AESGCM(key).encrypt(nonce, content, version + aad)


def unseal(key: bytes, blob: bytes, *, aad: bytes, max_bytes: int = DEFAULT_MAX_PLAINTEXT_BYTES) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        DecryptionFailed: wrong key, wrong `aad`, changed data, or more than `max_bytes` after decompression.
    """
    version, rest = blob[:1], blob[1:]
    if version not in {_PLAIN, _COMPRESSED}:
        raise DecryptionFailed
    content = _decrypt(key, rest, version + aad)
    if version == _COMPRESSED:
        inflater = zlib.decompressobj()
        content = inflater.decompress(content, max_bytes + 1)
        if len(content) > max_bytes:
            raise DecryptionFailed
    return content


def _decrypt(key: bytes, nonce_and_ciphertext: bytes, aad: bytes) -> bytes:
    if len(nonce_and_ciphertext) < _NONCE_BYTES + _TAG_BYTES:
        raise DecryptionFailed
    nonce, ciphertext = nonce_and_ciphertext[:_NONCE_BYTES], nonce_and_ciphertext[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        raise DecryptionFailed from None


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The master keys by id; the current one wraps, all of them unwrap.

    Attributes:
        current_id: id of the key that new wrappings use.
    """

    current_id: str
    _keys: dict[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> MasterKeys:
        """Read `k2:<base64>,k1:<base64>`; the first is the current one.

        Raises:
            MasterKeysInvalid: no key, a bad or repeated id, or a key that is not 32 bytes in Base64.
        """
        keys: dict[str, bytes] = {}
        for position, entry in enumerate(part.strip() for part in text.split(",")):
            key_id, separator, encoded = entry.partition(":")
            if not separator or not _KEY_ID.fullmatch(key_id):
                raise MasterKeysInvalid(f"Master key number {position + 1} has no id; write id:base64.")
            if key_id in keys:
                raise MasterKeysInvalid(f"There are two master keys {key_id}.")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                raise MasterKeysInvalid(f"Master key {key_id} is not Base64.") from None
            if len(key) != KEY_BYTES:
                raise MasterKeysInvalid(f"Master key {key_id} has {len(key)} bytes, not {KEY_BYTES}.")
            keys[key_id] = key
        return cls(next(iter(keys)), keys)

    @staticmethod
    def generate(key_id: str = "k1") -> str:
        """A new master key in the form that `parse` reads; put it in front of the older ones to rotate."""
        return f"{key_id}:{base64.b64encode(new_data_key()).decode('ascii')}"

    def wrap(self, key: bytes, *, aad: bytes) -> bytes:
        """Encrypt a data key with the current master key; its id travels along."""
        header = _WRAPPED + bytes([len(self.current_id)]) + self.current_id.encode("ascii")
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + AESGCM(self._keys[self.current_id]).encrypt(nonce, key, header + aad)

    def unwrap(self, blob: bytes, *, aad: bytes) -> bytes:
        """Decrypt what `wrap` made, with whichever master key made it.

        Raises:
            UnknownMasterKey: that key is not configured any more.
            DecryptionFailed: wrong `aad`, or changed.
        """
        key_id, header = self._read_header(blob)
        if key_id not in self._keys:
            raise UnknownMasterKey(key_id)
        return _decrypt(self._keys[key_id], blob[len(header) :], header + aad)

    def is_current(self, blob: bytes) -> bool:
        """Whether the current master key wrapped it; if not, `rewrap` has something to do."""
        return self._read_header(blob)[0] == self.current_id

    def rewrap(self, blob: bytes, *, aad: bytes) -> bytes:
        """The same data key wrapped by the current master key; `blob` itself when it already is."""
        key = self.unwrap(blob, aad=aad)
        return blob if self.is_current(blob) else self.wrap(key, aad=aad)

    @staticmethod
    def _read_header(blob: bytes) -> tuple[str, bytes]:
        if blob[:1] != _WRAPPED or len(blob) < len(_WRAPPED) + 1:
            raise DecryptionFailed
        end = 2 + blob[1]
        key_id = blob[2:end].decode("ascii", "replace")
        if not _KEY_ID.fullmatch(key_id):
            raise DecryptionFailed
        return key_id, blob[:end]


def blind_index(key: bytes, value: str, *, purpose: str) -> bytes:
    """A keyed digest by which an encrypted value can be found: HMAC-SHA-256 over its canonical form.

    Each purpose has a key of its own (HKDF), so that equal values in different columns have different digests.

    Args:
        key: 32 bytes, the tenant's; another tenant's digests differ.
        value: case, surrounding blanks and the choice between equal characters of Unicode do not matter. Pass
            telephone numbers in E.164 form.
        purpose: what it is looked up by, such as `clients.phone`.
    """
    derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"salon/blind-index/" + purpose.encode()).derive(key)
    canonical = unicodedata.normalize("NFKC", value).strip().casefold()
    return hmac.digest(derived, canonical.encode(), "sha256")

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from salon.integrations.meta.webhook import answer_handshake, is_signed
from salon.messaging.errors import HandshakeRefused

SECRET = "test_app_secret"
# The facts sheet's vectors; the second body has its letters escaped, as Meta sends them.
VECTORS = [
    (
        b'{"object":"whatsapp_business_account","entry":[]}',
        "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756",
    ),
    (
        (
            b'{"object":"instagram","entry":[{"id":"1","time":1,"messaging":[{"sender":{"id":"2"},'
            b'"recipient":{"id":"1"},"timestamp":1,'
            b'"message":{"mid":"m","text":"\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442"}}]}]}'
        ),
        "sha256=ec926ea3a6fcad541760bb4f82a5af916e05b5135acfd09161b5f39199c53429",
    ),
]


@pytest.mark.parametrize(("body", "header"), VECTORS)
class TestSignature:
    def test_the_secret_that_signed_passes_among_others(self, body, header):
        assert is_signed(body, header, (SECRET,))
        assert is_signed(body, header, ("next", SECRET, "former"))
        assert is_signed(body, "sha256=" + header[7:].upper(), (SECRET,))

    @pytest.mark.parametrize("secrets", [(), ("",), ("wrong",), ("секрет", ""), ("\ud800",)])
    def test_another_secret_or_none_refuses(self, body, header, secrets):
        assert not is_signed(body, header, secrets)

    def test_another_header_refuses(self, body, header):
        wrong = [
            None,
            5,
            "",
            "sha256=",
            header[7:],
            "sha1=" + header[7:],
            header[:-1],
            header + "0",
            "sha256=" + "я" * 64,
        ]
        wrong += [
            header + "\n",
            "sha256=" + "0" * 64,
            b"sha256",
            header.replace("sha256", "SHA256"),
            "sha256=" + "\ud800" * 64,
        ]
        for other in wrong:
            assert not is_signed(body, other, (SECRET,))

    def test_bytes_are_signed_and_not_what_they_say(self, body, header):
        again = json.dumps(json.loads(body), ensure_ascii=False).encode()
        assert json.loads(again) == json.loads(body)
        assert again != body
        assert not is_signed(again, header, (SECRET,))


def test_an_empty_secret_does_not_pass_with_its_own_signature():
    import hashlib
    import hmac

    signature = "sha256=" + hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    assert not is_signed(b"{}", signature, ("",))


class TestHandshake:
    def ask(self, *, ours="t0ken", method="GET", **query):
        asked = {"hub.mode": "subscribe", "hub.verify_token": "t0ken", "hub.challenge": "1158201444"}
        return answer_handshake(method, {**asked, **{f"hub.{key}": value for key, value in query.items()}}, ours)

    def test_the_challenge_is_repeated(self):
        assert self.ask() == "1158201444"
        assert self.ask(method="get") == "1158201444"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"verify_token": "other"},
            {"verify_token": "тайна"},
            {"verify_token": ""},
            {"mode": "unsubscribe"},
            {"challenge": ""},
            {"challenge": "1" * 1001},
            {"ours": ""},
            {"ours": "", "verify_token": ""},
        ],
    )
    def test_anybody_else_is_refused(self, wrong):
        with pytest.raises(HandshakeRefused):
            self.ask(**wrong)

    def test_other_requests_are_no_handshake(self):
        assert self.ask(method="POST") is None
        assert answer_handshake("GET", {"q": "1"}, "t0ken") is None


@pytest.mark.parametrize(("module", "adapter"), [("whatsapp", "WhatsappAdapter"), ("instagram", "InstagramAdapter")])
def test_taking_in_a_webhook_loads_no_http(module, adapter):
    script = (
        f"import sys; from salon.integrations.{module}.adapter import {adapter}; "
        f"made = {adapter}(); made.unpack(b''); made.verify({{}}, b'', __import__('salon').messaging.domain."
        "ChannelCredentials('t', ('s',))); "
        "sys.exit(any(name in sys.modules for name in ('httpx', 'ssl', 'pydantic', 'sqlalchemy', 'mimetypes')))"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, check=False)
    assert done.returncode == 0

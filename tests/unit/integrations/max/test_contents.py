from __future__ import annotations

import pytest

from salon.integrations.max.payloads.contents import attachments_in, sniffed
from salon.messaging.domain import AttachmentKind

VOICE, VIDEO, FILE = AttachmentKind.VOICE, AttachmentKind.VIDEO, AttachmentKind.FILE


@pytest.mark.parametrize(
    ("data", "kind", "mime"),
    [
        (b"OggS\x00\x02", VOICE, "audio/ogg"),
        (b"ID3\x03", VOICE, "audio/mpeg"),
        (b"\xff\xfb\x90", VOICE, "audio/mpeg"),
        (b"\x00\x00\x00\x20ftypM4A ", VOICE, "audio/mp4"),
        (b"\x00\x00\x00\x20ftypisom", VIDEO, "video/mp4"),
        (b"\x00\x00\x00\x20ftypheic", FILE, "image/heic"),
        (b"\xff\xd8\xff\xe0", FILE, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", FILE, "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8", FILE, "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt", VOICE, "audio/wav"),
        (b"%PDF-1.7", FILE, "application/pdf"),
        (b"", FILE, "application/octet-stream"),
        (b"<html>", FILE, "application/octet-stream"),
    ],
)
def test_the_first_bytes_tell(data, kind, mime):
    assert sniffed(data, kind) == mime


def test_the_name_tells_where_the_bytes_do_not():
    assert sniffed(b"Name;Price", FILE, "прайс.csv") == "text/csv"
    assert sniffed(b"%PDF-1.7", FILE, "virus.exe") == "application/pdf"


@pytest.mark.parametrize(
    ("vcf", "phone"),
    [
        ("BEGIN:VCARD\nTEL:+7 (999) 000-00-01\nEND:VCARD", "+7 (999) 000-00-01"),
        ("item1.TEL;TYPE=cell,pref:tel:79990000001\r\n", "79990000001"),
        ("TEL;TYPE=cell:7999\r\n 0000001\r\n", "79990000001"),
        ("FN:Вера\r\nNOTE:TEL:1234567\r\n", None),
        ("", None),
    ],
)
def test_the_number_on_a_card(vcf, phone):
    contact = {"type": "contact", "payload": {"vcf_info": vcf}}
    (found,) = attachments_in({"body": {"attachments": [contact]}}, token="t")
    assert (found.phone, found.is_own_contact) == (phone, False)

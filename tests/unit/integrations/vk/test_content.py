from __future__ import annotations

import json

import pytest

from salon.integrations.vk.payloads.events import normalise
from salon.messaging.domain import Attachment, AttachmentKind, EventKind, InboundEvent


def read(**fields) -> InboundEvent:
    message = {"date": 1_700_000_000, "from_id": 5, "peer_id": 5, "id": 305, "conversation_message_id": 9, **fields}
    return normalise(json.dumps({"type": "message_new", "object": {"message": message}}).encode())


def attached(kind, content):
    return read(attachments=[{"type": kind, kind: content}]).attachments


SPOKEN = {"duration": 3, "link_ogg": "https://psv4.userapi.com/a.ogg", "link_mp3": "https://psv4.userapi.com/a.mp3"}


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("audio_message", SPOKEN, Attachment(AttachmentKind.VOICE, SPOKEN["link_ogg"], "audio/ogg", duration_s=3)),
        (
            "audio_message",
            {"link_mp3": SPOKEN["link_mp3"], "transcript": " на завтра ", "transcript_state": "done"},
            Attachment(AttachmentKind.VOICE, SPOKEN["link_mp3"], "audio/mpeg", transcript="на завтра"),
        ),
        (
            "audio_message",
            {**SPOKEN, "transcript": "на зав", "transcript_state": "in_progress"},
            Attachment(AttachmentKind.VOICE, SPOKEN["link_ogg"], "audio/ogg", duration_s=3),
        ),
        (
            "audio_message",
            {"transcript_state": ["done"], "transcript": "?"},
            Attachment(AttachmentKind.VOICE, mime="audio/ogg"),
        ),
        (
            "photo",
            {
                "sizes": [
                    {"type": "z", "url": "https://z", "width": 800, "height": 600},
                    {"type": "w", "url": "https://w", "width": 640, "height": 800},
                    {"type": "?", "width": 9000, "height": 9000},
                    "odd",
                ]
            },
            Attachment(AttachmentKind.IMAGE, "https://w", "image/jpeg"),
        ),
        (
            "photo",
            {
                "sizes": [{"url": "https://s", "width": 75}],
                "orig_photo": {"url": "https://o", "width": 90, "height": 9},
            },
            Attachment(AttachmentKind.IMAGE, "https://o", "image/jpeg"),
        ),
        (
            "photo",
            {"photo_75": "https://s", "photo_604": "https://l"},
            Attachment(AttachmentKind.IMAGE, "https://l", "image/jpeg"),
        ),
        (
            "doc",
            {"url": "https://vk.com/doc1", "ext": "PDF", "title": "накладная.pdf", "size": 90},
            Attachment(AttachmentKind.FILE, "https://vk.com/doc1", "application/pdf", 90, name="накладная.pdf"),
        ),
        (
            "doc",
            {"ext": "zip", "preview": {"audio_msg": SPOKEN}},
            Attachment(AttachmentKind.VOICE, SPOKEN["link_ogg"], "audio/ogg", duration_s=3),
        ),
        (
            "sticker",
            {
                "sticker_id": 1,
                "images": [
                    {"url": "https://64", "width": 64, "height": 64},
                    {"url": "https://128", "width": 128, "height": 128},
                ],
            },
            Attachment(AttachmentKind.STICKER, "https://128", "image/png"),
        ),
        ("graffiti", {"url": "https://g"}, Attachment(AttachmentKind.IMAGE, "https://g", "image/png")),
        ("video", {"title": "Стрижка", "duration": 9}, Attachment(AttachmentKind.VIDEO, duration_s=9, name="Стрижка")),
        (
            "audio",
            {"artist": "А", "title": "Б", "url": "https://a"},
            Attachment(AttachmentKind.AUDIO, "https://a", "audio/mpeg", name="А – Б"),
        ),
        ("wall", {"id": 1}, Attachment(AttachmentKind.OTHER, name="wall")),
        ("poll", None, Attachment(AttachmentKind.OTHER, name="poll")),
        ("doc", {"url": "https://x/" + "y" * 4000}, Attachment(AttachmentKind.FILE)),
    ],
)
def test_attachments(kind, content, expected):
    assert attached(kind, content) == (expected,)


@pytest.mark.parametrize(
    ("geo", "at"),
    [
        ({"coordinates": {"latitude": 55.7, "longitude": 37.6}, "place": {"title": "Парк"}}, (55.7, 37.6, "Парк")),
        ({"coordinates": "55.7 37.6"}, (55.7, 37.6, None)),
        ({"coordinates": {"latitude": 91, "longitude": 37.6}}, (None, None, None)),
        ({"coordinates": {"latitude": float("nan"), "longitude": True}}, (None, None, None)),
        ({"type": "point"}, (None, None, None)),
    ],
)
def test_a_place(geo, at):
    (place,) = read(geo=geo).attachments
    assert place.kind is AttachmentKind.LOCATION
    assert (place.latitude, place.longitude, place.name) == at


def test_what_is_forwarded_speaks_for_a_message_without_words():
    voice = {"type": "audio_message", "audio_message": SPOKEN}
    inner = {"text": "завтра в три?", "attachments": [voice], "fwd_messages": [{"text": "или в пять"}]}
    event = read(text="", fwd_messages=[inner, "odd"])
    assert (event.kind, event.text) == (EventKind.MESSAGE, "завтра в три?\nили в пять")
    assert [each.kind for each in event.attachments] == [AttachmentKind.VOICE]
    assert read(text="вот", fwd_messages=[inner]).text == "вот"
    many = read(attachments=[voice] * 50)
    assert len(many.attachments) == 20

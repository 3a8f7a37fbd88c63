from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.integrations.whatsapp.adapter import WhatsappAdapter
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Channel,
    ChannelCredentials,
    DeliveryStatus,
    EventKind,
    FailureClass,
    InboundEvent,
    StatusReport,
)
from salon.messaging.errors import HandshakeRefused
from support.contract_payloads import payloads_of

NOBODY = ChannelCredentials("")
ANNA = {"profile": {"name": "Анна Лебедева"}, "wa_id": "79990000101", "user_id": "RU.1349120865530274"}
METADATA = {"display_phone_number": "74950000001", "phone_number_id": "1055"}
AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
adapter = WhatsappAdapter()


def envelope(*changes, entry_id="2077") -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": entry_id, "changes": changes}]}).encode()


def change(field="messages", contacts=(ANNA,), **lists):
    value = {"messaging_product": "whatsapp", "metadata": METADATA, "contacts": list(contacts), **lists}
    return {"field": field, "value": value}


def message(**fields):
    return {"from": "79990000101", "id": "wamid.A", "timestamp": "1700000000", **fields}


def read(*, known=(ANNA,), **fields) -> InboundEvent:
    return adapter.normalise(envelope(change(messages=[message(**fields)], contacts=known)), NOBODY)


def text(said, **more):
    return {"type": "text", "text": {"body": said}, **more}


class TestWhoAndWhat:
    def test_a_text(self):
        assert read(**text("Хочу на стрижку")) == InboundEvent(
            channel=Channel.WHATSAPP,
            external_id="wamid.A",
            kind=EventKind.MESSAGE,
            chat_id="79990000101",
            user_id="RU.1349120865530274",
            text="Хочу на стрижку",
            message_id="wamid.A",
            display_name="Анна Лебедева",
            phone="+79990000101",
            sent_at=AT,
        )

    def test_somebody_who_hides_the_number(self):
        hidden = {"profile": {"username": "anna.l"}, "user_id": "RU.77"}
        body = {**text("Привет"), "from_user_id": "RU.77"}
        event = adapter.normalise(envelope(change(messages=[{"id": "wamid.B", **body}], contacts=[hidden])), NOBODY)
        assert (event.chat_id, event.user_id, event.phone, event.display_name) == ("RU.77", "RU.77", None, "anna.l")
        nameless = adapter.normalise(
            envelope(change(messages=[{"id": "wamid.B", **text("Привет")}], contacts=[hidden])), NOBODY
        )
        assert nameless.user_id == "RU.77"

    def test_another_persons_card_is_not_taken_for_the_senders(self):
        event = read(known=[{**ANNA, "wa_id": "79995550000"}], **text("Привет"))
        assert (event.user_id, event.display_name) == ("79990000101", "")

    def test_nobody(self):
        event = adapter.normalise(envelope(change(messages=[{"id": "wamid.B", **text("?")}], contacts=[])), NOBODY)
        assert (event.kind, event.why_ignored, event.external_id) == (EventKind.IGNORED, "no sender", "wamid.B")

    def test_a_group(self):
        event = read(group_id="Y2FwaV9ncm91cDox", **text("/start x"))
        assert (event.kind, event.is_group, event.chat_id) == (EventKind.MESSAGE, True, "Y2FwaV9ncm91cDox")
        assert event.user_id == "RU.1349120865530274"

    @pytest.mark.parametrize(
        ("said", "kind", "param"),
        [
            ("/start ref_42", EventKind.START, "ref_42"),
            (" Start bind-7F3A ", EventKind.START, "bind-7F3A"),
            ("start 123456", EventKind.START, "123456"),
            ("start tomorrow", EventKind.MESSAGE, None),
            ("start", EventKind.MESSAGE, None),
            ("start ref_42 please", EventKind.MESSAGE, None),
            ("/start привет", EventKind.MESSAGE, None),
        ],
    )
    def test_a_code_in_a_prefilled_text(self, said, kind, param):
        event = read(**text(said))
        assert (event.kind, event.start_param, event.text) == (kind, param, said)

    def test_an_answer_and_an_advertisement(self):
        assert read(context={"from": "1", "id": "wamid.Q"}, **text("да")).reply_to == "wamid.Q"
        event = read(referral={"source_id": "9900", "ctwa_clid": "x"}, **text("Сколько стоит?"))
        assert (event.kind, event.start_param) == (EventKind.MESSAGE, "ad:9900")


class TestFiles:
    @pytest.mark.parametrize(
        ("kind", "content", "expected"),
        [
            ("audio", {"voice": True, "mime_type": "audio/ogg; codecs=opus"}, (AttachmentKind.VOICE, "audio/ogg")),
            ("audio", {"voice": False, "mime_type": "audio/mpeg"}, (AttachmentKind.AUDIO, "audio/mpeg")),
            ("voice", {"mime_type": "audio/ogg"}, (AttachmentKind.VOICE, "audio/ogg")),
            ("image", {"mime_type": "image/jpeg"}, (AttachmentKind.IMAGE, "image/jpeg")),
            ("video", {"mime_type": "video/mp4"}, (AttachmentKind.VIDEO, "video/mp4")),
            ("sticker", {"mime_type": "image/webp", "animated": True}, (AttachmentKind.STICKER, "image/webp")),
            ("document", {"mime_type": 5}, (AttachmentKind.FILE, None)),
        ],
    )
    def test_each_kind(self, kind, content, expected):
        (found,) = read(type=kind, **{kind: {"id": "654", **content}}).attachments
        assert (found.kind, found.mime, found.file_ref) == (*expected, "654 - -")

    def test_the_reference_holds_what_fetching_needs(self):
        image = {"id": "654", "sha256": "4654+8g=", "url": "https://lookaside.fbsbx.com/x?mid=1", "caption": "вот так"}
        event = read(type="image", image=image)
        assert event.text == "вот так"
        assert event.attachments[0].file_ref == "654 4654+8g= https://lookaside.fbsbx.com/x?mid=1"
        document = {"id": "7", "filename": "счёт.pdf", "url": "https://x/with space"}
        assert read(type="document", document=document).attachments == (
            Attachment(AttachmentKind.FILE, file_ref="7 - -", name="счёт.pdf"),
        )
        assert read(type="image", image={}).attachments[0].file_ref is None

    def test_a_place(self):
        location = {"latitude": 55.75, "longitude": 37.6, "name": "ГУМ", "address": "Красная площадь, 3"}
        assert read(type="location", location=location).attachments == (
            Attachment(AttachmentKind.LOCATION, name="ГУМ", latitude=55.75, longitude=37.6),
        )
        (odd,) = read(type="location", location={"latitude": "55", "longitude": 10**400, "address": "Дом"}).attachments
        assert (odd.latitude, odd.longitude, odd.name) == (None, None, "Дом")

    def test_a_card_is_the_senders_own_only_by_the_senders_number(self):
        own = {"name": {"formatted_name": "Анна"}, "phones": [{"phone": "+7 999"}, {"wa_id": "79990000101"}]}
        other = {"name": {"formatted_name": "Вера"}, "phones": [{"phone": "+7 903 555-55-55", "wa_id": "79035555555"}]}
        bare = {"name": {}, "phones": [{"phone": "8 (495) 1"}]}
        found = read(type="contacts", contacts=[own, other, bare, 5, {"phones": "x"}]).attachments
        assert [(card.phone, card.is_own_contact, card.name) for card in found] == [
            ("+79990000101", True, "Анна"),
            ("+79035555555", False, "Вера"),
            ("8 (495) 1", False, None),
            (None, False, None),
        ]

    def test_an_order_is_something_else(self):
        event = read(type="order", order={"text": "без сахара", "product_items": []})
        assert (event.text, event.attachments) == ("без сахара", (Attachment(AttachmentKind.OTHER),))


class TestTaps:
    @pytest.mark.parametrize(
        "content",
        [
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "s:15", "title": "15:00"}},
            },
            {
                "type": "interactive",
                "interactive": {"list_reply": {"id": "s:15", "title": "15:00", "description": "d"}},
            },
            {"type": "button", "button": {"payload": "s:15", "text": "15:00"}},
        ],
    )
    def test_a_choice(self, content):
        event = read(context={"id": "wamid.offer"}, **content)
        assert (event.kind, event.payload, event.text) == (EventKind.CALLBACK, "s:15", "15:00")
        assert (event.message_id, event.reply_to, event.external_id) == ("wamid.offer", None, "wamid.A")
        assert read(**content).message_id is None

    def test_a_templates_button_without_a_payload_says_its_text(self):
        assert read(type="button", button={"text": "Подтверждаю"}).payload == "Подтверждаю"

    @pytest.mark.parametrize("content", [{}, {"interactive": {"nfm_reply": {}}}, {"interactive": 5, "errors": [{}]}])
    def test_no_choice(self, content):
        event = read(type="interactive", **content)
        assert (event.kind, event.why_ignored) == (EventKind.IGNORED, "interactive without a choice")
        assert event.chat_id


class TestAboutAnother:
    def test_an_edit(self):
        edited = {"original_message_id": "wamid.O", "message": text("в пять")}
        event = read(type="edit", edit=edited)
        assert (event.kind, event.reply_to, event.text) == (EventKind.EDIT, "wamid.O", "в пять")
        picture = {
            "original_message_id": "wamid.O",
            "message": {"type": "image", "image": {"caption": "new", "id": "1"}},
        }
        event = read(type="edit", edit=picture)
        assert (event.text, event.attachments[0].kind) == ("new", AttachmentKind.IMAGE)

    def test_a_deletion(self):
        event = read(type="revoke", revoke={"original_message_id": "wamid.O"})
        assert (event.kind, event.reply_to) == (EventKind.DELETED, "wamid.O")

    @pytest.mark.parametrize(("given", "seen"), [({"emoji": "👍"}, "👍"), ({"emoji": ""}, ""), ({}, "")])
    def test_a_reaction(self, given, seen):
        event = read(type="reaction", reaction={"message_id": "wamid.O", **given})
        assert (event.kind, event.reply_to, event.text) == (EventKind.REACTION, "wamid.O", seen)

    @pytest.mark.parametrize("kind", ["edit", "revoke", "reaction"])
    def test_of_nothing(self, kind):
        assert read(type=kind, **{kind: {}}).why_ignored == f"{kind} of no message"

    def test_an_edit_that_leaves_nothing(self):
        event = read(type="edit", edit={"original_message_id": "wamid.O", "message": {}})
        assert event.why_ignored == "edit without anything to read"


class TestSystem:
    def test_a_new_number(self):
        for system in (
            {"type": "user_changed_number", "wa_id": "79990000202"},
            {"type": "customer_changed_number", "new_wa_id": "79990000202"},
        ):
            event = read(type="system", system=system)
            assert event.kind is EventKind.RENUMBERED
            assert (event.chat_id, event.new_user_id, event.phone) == ("79990000101", "79990000202", "+79990000202")

    def test_everything_else(self):
        assert read(type="system", system={"type": "customer_identity_changed"}).why_ignored == (
            "system: customer_identity_changed"
        )
        assert read(type="system", system={"type": "user_changed_number"}).kind is EventKind.IGNORED

    def test_what_whatsapp_cannot_show(self):
        errors = [{"code": 131051, "title": "Message type unknown"}]
        event = read(type="unsupported", errors=errors, unsupported={"type": "poll"})
        assert (event.kind, event.why_ignored) == (EventKind.IGNORED, "unsupported: poll (131051)")

    @pytest.mark.parametrize("content", [{}, {"type": "hologram"}, {"type": "text"}, {"type": ["text"]}])
    def test_unknown_kinds(self, content):
        event = read(**content)
        assert event.kind is EventKind.IGNORED
        assert event.why_ignored.startswith("message of type")


def read_status(**fields) -> InboundEvent:
    status = {"id": "wamid.X", "timestamp": "1700000000", "recipient_id": "79990000101", **fields}
    return adapter.normalise(envelope(change(statuses=[status], contacts=[])), NOBODY)


class TestStatuses:
    @pytest.mark.parametrize(
        ("word", "expected"),
        [
            ("sent", DeliveryStatus.SENT),
            ("delivered", DeliveryStatus.DELIVERED),
            ("read", DeliveryStatus.READ),
            ("played", DeliveryStatus.READ),
        ],
    )
    def test_how_far_it_came(self, word, expected):
        event = read_status(status=word, biz_opaque_callback_data="0199-ours")
        assert (event.kind, event.chat_id, event.sent_at) == (EventKind.STATUS, "79990000101", AT)
        assert event.status == StatusReport(expected, message_id="wamid.X", reference="0199-ours")
        assert event.external_id == f"status:wamid.X:{word}"

    @pytest.mark.parametrize(
        ("errors", "failure", "code"),
        [
            ([{"code": 131047}], FailureClass.WINDOW, "131047"),
            ([{"code": 131026, "error_data": {"details": "x"}}], FailureClass.RECIPIENT, "131026"),
            ([{"code": 131049}], FailureClass.RETRY, "131049"),
            ([{"code": 368}], FailureClass.ACCOUNT, "368"),
            ([{"code": 55}, {"code": 131047}], FailureClass.WINDOW, "131047"),
            ([{"code": 55}], FailureClass.REQUEST, "55"),
            ([{}], FailureClass.REQUEST, ""),
            ([], FailureClass.REQUEST, ""),
            ("x", FailureClass.REQUEST, ""),
        ],
    )
    def test_a_failure_has_its_class(self, errors, failure, code):
        report = read_status(status="failed", errors=errors).status
        assert (report.status, report.failure, report.code) == (DeliveryStatus.FAILED, failure, code)

    def test_of_a_group_and_unknown_ones(self):
        assert read_status(status="read", recipient_type="group").is_group
        assert read_status(status="deleted").why_ignored == "status: deleted"
        assert read_status(status=None).why_ignored == "status: ?"


class TestOtherFields:
    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            ("stop", EventKind.OPTED_OUT),
            ("resume", EventKind.OPTED_IN),
            ("signup", EventKind.OPTED_IN),
            ("?", EventKind.IGNORED),
        ],
    )
    def test_marketing_is_wanted_or_not(self, word, kind):
        preference = {"wa_id": "79990000101", "category": "marketing_messages", "value": word, "timestamp": 1700000000}
        body = envelope(change("user_preferences", user_preferences=[preference]))
        event = adapter.normalise(body, NOBODY)
        assert (event.kind, event.chat_id, event.sent_at) == (kind, "79990000101", AT)
        assert event.external_id == f"preference:79990000101:marketing_messages:{word}:1700000000"

    def echo(self, *, known=(ANNA,), **fields):
        echo = {"from": "74950000001", "to": "79990000101", "id": "wamid.E", "timestamp": "1700000000", **fields}
        body = envelope(change("smb_message_echoes", known, message_echoes=[echo]))
        return adapter.unpack(body)[0], adapter.normalise(body, NOBODY)

    def test_a_human_of_the_salon_answered(self):
        wire, event = self.echo(**text("Ждём вас"))
        assert (event.kind, event.is_by_human, event.text) == (EventKind.ECHO, True, "Ждём вас")
        assert (event.chat_id, event.user_id, event.phone) == ("79990000101", "RU.1349120865530274", None)
        assert (wire.external_id, wire.conversation) == ("echo:wamid.E", "echo:wamid.E")
        _, turned = self.echo(**text("Ждём вас"), **{"from": "79990000101", "to": "74950000001"})
        assert turned.chat_id == "79990000101"

    def test_a_human_changed_or_took_back_an_answer(self):
        _, event = self.echo(type="edit", edit={"original_message_id": "wamid.O", "message": text("Ждём в пять")})
        assert (event.kind, event.text, event.reply_to) == (EventKind.ECHO, "Ждём в пять", "wamid.O")
        _, event = self.echo(type="revoke", revoke={"original_message_id": "wamid.O"})
        assert event.why_ignored == "echo of a deletion"
        _, event = self.echo(known=(), to=None, **text("Ждём"))
        assert event.why_ignored == "echo to nobody"

    def test_a_field_that_is_not_for_us(self):
        body = envelope({"field": "account_update", "value": {"event": "VERIFIED"}})
        (wire,) = adapter.unpack(body)
        event = adapter.normalise(wire.body, NOBODY)
        assert (event.kind, event.why_ignored) == (EventKind.IGNORED, "field account_update")
        assert (wire.external_id, wire.account) == (event.external_id, "")

    def test_the_dashboards_test(self):
        (wire,) = adapter.unpack(envelope(change(messages=[message(**text("this is a text message"))]), entry_id="0"))
        event = adapter.normalise(wire.body, NOBODY)
        assert (event.kind, wire.account) == (EventKind.IGNORED, "")


class TestUnpacking:
    def test_a_batch_is_taken_apart(self):
        boris = {"profile": {"name": "Борис"}, "wa_id": "79990000102", "user_id": "RU.2"}
        body = envelope(
            change(
                contacts=[ANNA, boris],
                messages=[
                    message(**text("раз")),
                    "rubbish",
                    message(**text("два"), **{"id": "wamid.B", "from": "79990000102"}),
                    {"type": "text"},
                ],
                statuses=[{"id": "wamid.X", "status": "read", "recipient_id": "79990000101"}],
            ),
            7,
            {"field": "account_update", "value": {}},
        )
        wires = adapter.unpack(body)
        events = [adapter.normalise(wire.body, NOBODY) for wire in wires]
        assert [(event.kind, event.text, event.display_name) for event in events] == [
            (EventKind.MESSAGE, "раз", "Анна Лебедева"),
            (EventKind.IGNORED, "", ""),
            (EventKind.MESSAGE, "два", "Борис"),
            (EventKind.IGNORED, "", ""),
            (EventKind.STATUS, "", ""),
            (EventKind.IGNORED, "", ""),
            (EventKind.IGNORED, "", ""),
        ]
        assert [wire.external_id for wire in wires] == [event.external_id for event in events]
        assert len({wire.external_id for wire in wires}) == 7
        assert [wire.conversation for wire in wires] == ["79990000101", "", "79990000102", "", "status:wamid.X", "", ""]
        assert {wire.account for wire in wires[:5]} == {"1055"}
        assert b"wamid.A" not in wires[2].body
        assert "Анна".encode("unicode_escape") not in wires[2].body

    def test_a_thousand_items_stay_small(self):
        people = [
            {"profile": {"name": "x" * 50}, "wa_id": str(79_990_000_000 + i), "user_id": f"RU.{i}"} for i in range(1000)
        ]
        said = [
            message(**text("да"), **{"id": f"wamid.{i}", "from": person["wa_id"]}) for i, person in enumerate(people)
        ]
        wires = adapter.unpack(envelope(change(contacts=people, messages=said)))
        assert len({wire.external_id for wire in wires}) == 1000
        assert max(len(wire.body) for wire in wires) < 700

    def test_one_item_keeps_its_bytes(self):
        body = envelope(change(messages=[message(**text("Привет"))]))
        assert [wire.body for wire in adapter.unpack(body)] == [body]

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\x00", b"[" * 100_000, b'{"entry":[]}', b'{"entry":"x"}'])
    def test_nothing_to_read(self, body):
        (wire,) = adapter.unpack(body)
        event = adapter.normalise(body, NOBODY)
        assert (wire.body, wire.conversation, event.kind) == (body, "", EventKind.IGNORED)
        assert wire.external_id == event.external_id
        assert wire.external_id.startswith("sha256:")

    def test_depth_that_can_be_read_and_not_written(self):
        for depth in range(850, 1000):
            nested = b'{"entry":[{"changes":[' + b",".join([b"[" * depth + b"]" * depth] * 2) + b"]}]}"
            assert adapter.unpack(nested)
            assert adapter.normalise(nested, NOBODY).kind is EventKind.IGNORED

    def test_equal_items_without_an_id_have_an_equal_key(self):
        one = {"field": "account_update", "value": {"a": 1, "b": 2}}
        turned = {"value": {"b": 2, "a": 1}, "field": "account_update"}
        assert adapter.unpack(envelope(one))[0].external_id == adapter.unpack(envelope(turned))[0].external_id


@pytest.mark.parametrize("body", payloads_of("whatsapp"))
def test_every_real_payload_is_understood(body):
    for wire in adapter.unpack(body):
        event = adapter.normalise(wire.body, NOBODY)
        assert event.external_id == wire.external_id
        assert event.chat_id
        known = (
            "interactive without a choice",
            "system: customer_identity_changed",
            "unsupported: ",
            "echo of a deletion",
        )
        assert event.kind is not EventKind.IGNORED or event.why_ignored.startswith(known)


def test_the_handshake():
    known = ChannelCredentials("", verify_token="t0ken")
    query = {"hub.mode": "subscribe", "hub.verify_token": "t0ken", "hub.challenge": "77"}
    assert adapter.handshake("GET", query, b"", known) == "77"
    assert adapter.handshake("POST", {}, b"{}", known) is None
    with pytest.raises(HandshakeRefused):
        adapter.handshake("GET", query, b"", NOBODY)


SEEDS = [
    change(messages=[message(**text("Привет"))]),
    change(messages=[message(type="audio", audio={"id": "1", "voice": True, "sha256": "x", "url": "https://x"})]),
    change(
        messages=[
            message(type="interactive", interactive={"button_reply": {"id": "1", "title": "x"}}, context={"id": "w"})
        ]
    ),
    change(messages=[message(type="contacts", contacts=[{"name": {}, "phones": [{"phone": "1", "wa_id": "2"}]}])]),
    change(messages=[message(type="edit", edit={"original_message_id": "w", "message": text("x")})]),
    change(messages=[message(type="location", location={"latitude": 1.0, "longitude": 2.0})]),
    change(statuses=[{"id": "w", "status": "failed", "recipient_id": "1", "errors": [{"code": 1}]}]),
    change("user_preferences", user_preferences=[{"wa_id": "1", "category": "x", "value": "stop", "timestamp": 1}]),
    change(
        "smb_message_echoes",
        message_echoes=[{"from": "1", "to": "2", "id": "w", "type": "edit", "edit": {"message": {}}}],
    ),
]
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["id", "type", "text", "from"]), st.integers(), max_size=2),
    st.just("x" * 3000), st.just("\ud800\x00"),
)  # fmt: skip


def mutated(data, value):
    """The value with something in it replaced, dropped, or doubled."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(value)))
        if data.draw(st.integers(0, 5)) == 0:
            return {name: part for name, part in value.items() if name != key}
        return {**value, key: mutated(data, value[key])}
    if isinstance(value, list) and value and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(value) - 1))
        return [*value[:at], mutated(data, value[at]), *value[at:]]
    return data.draw(JUNK)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_bodies_never_raise_and_have_keys(data):
    whole = {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [data.draw(st.sampled_from(SEEDS))]}],
    }
    body = json.dumps(mutated(data, mutated(data, whole))).encode()
    wires = adapter.unpack(body)
    assert wires
    for wire in wires:
        event = adapter.normalise(wire.body, NOBODY)
        assert event.external_id == wire.external_id != ""
        assert len(wire.external_id) < 1200
        for word in (event.text, event.chat_id, event.display_name, event.external_id, wire.conversation):
            assert "\x00" not in word
            word.encode()

"""Every kind of event of every provider, hand-written, as a body for one account: the seeds of the fuzz run."""

from __future__ import annotations

from typing import Any

from salon.messaging.domain import Channel
from support.webhooks import SENT_AT, TEXTS, Body, HookAccount

ELSEWHERE = "https://files.example.org/7"  # nobody's host: it is never asked
_MS = SENT_AT * 1000


def kinds_of(account: HookAccount) -> list[Body]:
    """Bodies of this account's provider; the first is a message in words."""
    text = TEXTS[account.channel](account, 1, "Хочу на стрижку завтра", "700000042")
    return [text, *_MAKERS[account.channel](account, text)]


def _telegram(_account: HookAccount, text: Body) -> list[Body]:
    message = {name: value for name, value in text["message"].items() if name != "text"}
    who = message["from"]
    group = {**message, "chat": {"id": -1001234567890, "type": "supergroup", "title": "Друзья"}, "text": "/start"}
    gone = {"user": {"id": 99, "is_bot": True, "first_name": "Бот"}, "status": "kicked", "until_date": 0}
    tap = {"id": "4382", "from": who, "message": {**message, "text": "Выберите"}, "chat_instance": "-1", "data": "m:b"}
    contents: list[Body] = [
        {"text": "/start ref_42"},
        {"voice": {"duration": 3, "mime_type": "audio/ogg", "file_id": "AwAC", "file_size": 14663}},
        {"photo": [{"file_id": "s", "width": 90, "height": 67}, {"file_id": "L", "width": 800, "height": 600}]},
        {"document": {"file_id": "D", "file_name": "счёт.pdf", "mime_type": "application/pdf"}, "caption": "вот"},
        {"contact": {"phone_number": "79000000042", "first_name": "Лукерья", "user_id": 700000042}},
        {"location": {"latitude": 55.75, "longitude": 37.61}},
        {"sticker": {"file_id": "S", "emoji": "👍"}},
        {"poll": {"id": "1", "question": "?"}},
    ]
    updates: list[Body] = [{"message": {**message, "message_id": 10 + n, **one}} for n, one in enumerate(contents)]
    updates += [
        {"edited_message": {**message, "text": "Хочу на маникюр", "edit_date": SENT_AT + 9}},
        {"callback_query": tap},
        {"callback_query": {**tap, "message": None, "data": None}},
        {"my_chat_member": {"chat": message["chat"], "from": who, "date": SENT_AT, "new_chat_member": gone}},
        {"message_reaction": {"chat": message["chat"], "user": who, "new_reaction": []}},
        {"message": group},
        {"channel_post": {"message_id": 1, "chat": {"id": -100, "type": "channel"}, "text": "новости"}},
    ]
    return [{"update_id": 100 + n, **one} for n, one in enumerate(updates)]


def _max(account: HookAccount, text: Body) -> list[Body]:
    who = text["message"]["sender"]
    where = text["message"]["recipient"]

    def message(number: int, *attachments: Body, words: str = "") -> Body:
        body = {"mid": f"mid.{number:032x}", "seq": number, "text": words, "attachments": list(attachments)}
        return {**text, "message": {**text["message"], "body": body}}

    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nTEL;TYPE=cell:79000000042\r\nFN:Лукерья\r\nEND:VCARD\r\n"
    tap = {"timestamp": _MS, "callback_id": "cb-1", "payload": "m:b", "user": who}
    place = {"timestamp": _MS, "chat_id": where["chat_id"], "user": who, "user_locale": "ru"}
    return [
        message(2, {"type": "audio", "payload": {"url": ELSEWHERE, "token": "t"}, "transcription": "хочу стрижку"}),
        message(3, {"type": "audio", "payload": {"url": ELSEWHERE, "token": "t"}, "transcription": None}),
        message(4, {"type": "image", "payload": {"photo_id": 1, "token": "t", "url": ELSEWHERE}}),
        message(5, {"type": "file", "payload": {"url": ELSEWHERE}, "filename": "счёт.pdf", "size": 10}),
        message(6, {"type": "contact", "payload": {"vcf_info": card, "hash": "0" * 64}}),
        message(7, {"type": "location", "latitude": 55.75, "longitude": 37.61}),
        message(8, {"type": "sticker", "payload": {"code": "x"}}, {"type": "share", "payload": {}}),
        {**text, "update_type": "message_edited", "message": message(1, words="Хочу на маникюр")["message"]},
        {"update_type": "message_callback", "timestamp": _MS, "callback": tap, "message": text["message"]},
        {"update_type": "message_removed", **place, "message_id": f"mid.{1:032x}", "user_id": who["user_id"]},
        {"update_type": "bot_started", **place, "payload": "ref_42"},
        {"update_type": "bot_stopped", **place},
        {"update_type": "dialog_removed", **place},
        {"update_type": "chat_title_changed", **place, "title": "Друзья"},
        {**text, "message": {**text["message"], "recipient": {"chat_id": -7, "chat_type": "chat"}}},
        {**text, "message": {**text["message"], "body": None, "link": {"type": "forward", "message": {}}}},
        {**text, "message": {**text["message"], "sender": {**who, "is_bot": True}}},
        {"update_type": f"новое {account.key}", "timestamp": _MS},
    ]


def _vk(account: HookAccount, text: Body) -> list[Body]:
    said = text["object"]["message"]

    def event(number: int, kind: str, what: Any) -> Body:
        return {**text, "type": kind, "event_id": f"{number:040x}", "object": what}

    def message(number: int, **changes: Any) -> Body:
        one = {**said, "id": number, "conversation_message_id": number, "text": "", **changes}
        return event(number, "message_new", {**text["object"], "message": one})

    voice = {"id": 1, "owner_id": 2, "duration": 3, "link_ogg": ELSEWHERE, "link_mp3": ELSEWHERE}
    tap = {"user_id": 700000042, "peer_id": 700000042, "event_id": "1776a756b921", "conversation_message_id": 1}
    ours = {**said, "from_id": -int(account.external_id), "out": 1, "text": "Ответила сама"}
    return [
        message(2, attachments=[{"type": "audio_message", "audio_message": voice}]),
        message(3, attachments=[{"type": "audio_message", "audio_message": {**voice, "transcript": "хочу стрижку"}}]),
        message(4, attachments=[{"type": "photo", "photo": {"sizes": [{"url": ELSEWHERE, "width": 1, "height": 1}]}}]),
        message(5, attachments=[{"type": "doc", "doc": {"url": ELSEWHERE, "title": "счёт.pdf", "size": 10}}]),
        message(6, attachments=[{"type": "sticker", "sticker": {"images": []}}]),
        message(7, geo={"coordinates": {"latitude": 55.75, "longitude": 37.61}}),
        message(8, text="Начать", payload='{"command":"start"}', ref="promo", ref_source="site"),
        message(9, text="Записаться", payload="not json"),
        message(10, id=0, peer_id=2000000001, text="всем привет"),
        message(11, action={"type": "chat_invite_user", "member_id": -1}),
        event(12, "message_event", {**tap, "payload": {"t": "m:b"}}),
        event(13, "message_event", {**tap, "payload": '"m:b"'}),
        event(14, "message_edit", {**said, "text": "Хочу на маникюр"}),
        event(15, "message_reply", {**ours, "admin_author_id": 5}),
        event(16, "message_reply", ours),
        event(17, "message_deny", {"user_id": 700000042}),
        event(18, "message_allow", {"user_id": 700000042, "key": ""}),
        event(19, "message_read", {"from_id": 700000042, "peer_id": 700000042, "conversation_message_id": 1}),
        event(20, "message_typing_state", {"state": "typing", "from_id": 700000042, "to_id": -1}),
        event(21, "message_reaction_event", {"reacted_id": 700000042, "peer_id": 700000042, "cmid": 1}),
        event(22, "wall_post_new", {"id": 1}),
    ]


def _whatsapp(_account: HookAccount, text: Body) -> list[Body]:
    value = text["entry"][0]["changes"][0]["value"]
    known = {name: value[name] for name in ("messaging_product", "metadata", "contacts")}
    person = value["messages"][0]["from"]

    def body(field: str = "messages", **lists: Any) -> Body:
        return {
            **text,
            "entry": [{"id": "100200300400500", "changes": [{"field": field, "value": {**known, **lists}}]}],
        }

    def message(number: int, kind: str, content: Any, **more: Any) -> Body:
        head = {"from": person, "id": f"wamid.{number}", "timestamp": str(SENT_AT), "type": kind}
        return body(messages=[{**head, kind: content, **more}])

    reply = {"type": "button_reply", "button_reply": {"id": "m:b", "title": "Записаться"}}
    status = {"id": "wamid.out", "status": "delivered", "timestamp": str(SENT_AT), "recipient_id": person}
    choice = {"wa_id": person, "category": "marketing_messages", "value": "stop", "timestamp": SENT_AT}
    echo = {"from": "79000000001", "to": person, "id": "wamid.e", "type": "text", "text": {"body": "Ответила сама"}}
    return [
        message(2, "audio", {"id": "1", "mime_type": "audio/ogg", "voice": True}),
        message(3, "image", {"id": "2", "mime_type": "image/jpeg", "url": ELSEWHERE, "caption": "вот"}),
        message(4, "document", {"id": "3", "mime_type": "application/pdf", "filename": "счёт.pdf"}),
        message(5, "interactive", reply, context={"id": "wamid.out"}),
        message(6, "button", {"payload": "m:b", "text": "Записаться"}),
        message(7, "contacts", [{"name": {"formatted_name": "Лукерья"}, "phones": [{"phone": "+79000000042"}]}]),
        message(8, "reaction", {"message_id": "wamid.out", "emoji": "👍"}),
        message(9, "location", {"latitude": 55.75, "longitude": 37.61}),
        message(10, "edit", {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "да"}}}),
        message(11, "revoke", {"original_message_id": "wamid.1"}),
        message(12, "system", {"type": "user_changed_number", "wa_id": "79000000777"}),
        message(13, "unsupported", None, errors=[{"code": 131051}]),
        message(14, "text", {"body": "/start ref_42"}, group_id="Y2FwaV9ncm91cDo"),
        body(statuses=[{**status, "status": word} for word in ("sent", "delivered", "read", "failed", "warning")]),
        body("user_preferences", user_preferences=[choice, {**choice, "value": "resume"}]),
        body("smb_message_echoes", message_echoes=[echo]),
        body("account_update", event="VERIFIED_ACCOUNT"),
    ]


def _instagram(account: HookAccount, text: Body) -> list[Body]:
    person = {"id": "489760440872775"}
    around = {"sender": person, "recipient": {"id": account.external_id}, "timestamp": _MS}

    def body(what: Body, *, kind: str = "messaging") -> Body:
        return {**text, "entry": [{"id": account.external_id, "time": _MS, kind: [{**around, **what}]}]}

    def attached(number: int, kind: str, payload: Any) -> Body:
        return body({"message": {"mid": f"m{number}", "attachments": [{"type": kind, "payload": payload}]}})

    echo = {"sender": {"id": account.external_id}, "recipient": person}
    return [
        attached(2, "audio", {"url": ELSEWHERE}),
        attached(3, "image", {"url": ELSEWHERE}),
        attached(4, "story_mention", {"url": ELSEWHERE}),
        attached(5, "ephemeral", None),
        attached(6, "like_heart", {}),
        body({"message": {"mid": "m7", "text": "Да", "quick_reply": {"payload": "m:b"}}}),
        body({"postback": {"mid": "m8", "title": "Записаться", "payload": "m:b", "referral": {"ref": "r"}}}),
        body({"message": {"mid": "m1", "is_deleted": True}}),
        body({"message": {"mid": "m9", "is_unsupported": True}}),
        body({**echo, "message": {"mid": "m10", "text": "Ответила сама", "is_echo": True}}),
        body({"reaction": {"mid": "m1", "action": "react", "reaction": "love", "emoji": "❤"}}),
        body({"read": {"mid": "m10"}}),
        body({"referral": {"ref": "promo", "source": "SHORTLINK", "type": "OPEN_THREAD"}}),
        body({"message_edit": {"mid": "m1", "text": "Хочу на маникюр", "num_edit": 1}}),
        body({"message_edit": {"mid": "m1", "num_edit": 0}}),
        body({"message": {"mid": "m11", "text": "чужая ветка"}}, kind="standby"),
        {**text, "entry": [{"id": account.external_id, "changes": [{"field": "comments", "value": {"id": "1"}}]}]},
        {**text, "entry": [{"id": "0", "time": _MS, "changes": [{"field": "messages", "value": around}]}]},
    ]


_MAKERS = {
    Channel.TELEGRAM: _telegram,
    Channel.MAX: _max,
    Channel.VK: _vk,
    Channel.WHATSAPP: _whatsapp,
    Channel.INSTAGRAM: _instagram,
}

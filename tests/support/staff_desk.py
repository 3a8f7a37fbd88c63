"""A salon where somebody of the staff has a chat of her own with the salon's account."""

from __future__ import annotations

from salon.identity.access import Role, UserDetails
from salon.identity.use_cases import create_user
from salon.messaging.domain import EventKind
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import HandoverReason
from salon.messaging.repository import find_conversation, list_messages
from support.inbound_line import CHAT, Line
from support.salon_world import ACTOR

ANNA = {"user_id": "anna", "chat_id": "anna"}


class Desk(Line):
    """A salon where Анна answers clients in her own chat."""

    def conversation(self, chat_id=CHAT):
        with self.database.read(self.world.tenant_id) as session:
            return find_conversation(session, account_id=self.world.account_id, chat_id=chat_id)

    def bind_anna(self):
        """Her chat is known to be hers."""
        now = self.clock.now()
        self.take(text="привет", **ANNA)
        with self.database.transaction(self.world.tenant_id) as session:
            details = UserDetails(name="Анна", role=Role.MANAGER)
            self.anna = create_user(session, details, actor=ACTOR, actor_role=Role.OWNER, now=now)
            issued = people.issue_binding_code(session, self.anna.id, actor=ACTOR, now=now)
            conversation = find_conversation(session, account_id=self.world.account_id, chat_id="anna")
            people.bind_by_code(session, conversation, issued.code, now)

    def hand_over(self):
        """Анна takes the client's conversation, by the button that she was shown."""
        with self.database.transaction(self.world.tenant_id) as session:
            opened = people.open_handover(session, self.conversation(), HandoverReason.ASKED, self.clock.now())
        taken = TapPayload(Tap.HANDOVER_TAKE, opened.id).encode()
        self.take(EventKind.CALLBACK, payload=taken, message_id="notice", **ANNA)

    def said_to(self, chat_id=CHAT):
        """What was said to a chat, oldest first."""
        with self.database.read(self.world.tenant_id) as session:
            said = list_messages(session, self.conversation(chat_id).id)
        return [body["text"] for way, _, body in said if way == "out" and body["kind"] == "message"]

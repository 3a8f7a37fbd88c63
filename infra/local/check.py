"""`make demo-check`: plays the conversations without a person and checks what they left in the database.

A client books, moves, cancels; the front desk hands in an invoice, the owner confirms it, a visit uses up stock.

It has a cloud of its own, so a demo may run beside it. Exits 0 when everything is as it should be, else 1 with the
reason and the transcript.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

from sqlalchemy import text

from infra.local.check_stock import play_invoice, play_visit
from infra.local.checking import CheckFailed, require, wait_until
from infra.local.salon_cloud import SalonCloud
from salon.integrations.telegram.fake import Message, Person
from salon.platform.db import ReadSession

ANSWER_WITHIN_S = 30.0
QUEUES_DRAIN_WITHIN_S = 30.0


class Conversation:
    """One person's side of the chat; every step waits for the bot's answer."""

    def __init__(self, salon: SalonCloud, person: Person, *, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        self._salon = salon
        self.person = person
        self._answer_within_s = answer_within_s
        self._seen = max((message.message_id for message in salon.fake.chat_of(person).messages), default=0)

    def say(self, words: str, *, expecting: str) -> Message:
        """Write, and wait for an answer with `expecting` in it."""
        self._seen = self._salon.fake.say(self.person, words).message_id
        return self._answer(expecting)

    def tap(self, message: Message, button: str, *, expecting: str) -> Message:
        """Tap a button, and wait for an answer with `expecting` in it."""
        self._seen = max(known.message_id for known in self._salon.fake.chat_of(self.person).messages)
        self._salon.fake.tap(self.person, message.message_id, button)
        return self._answer(expecting)

    def _answer(self, expecting: str) -> Message:
        try:
            return self._salon.fake.wait_for_message(
                self.person, expecting, after=self._seen, timeout_s=self._answer_within_s
            )
        except TimeoutError as error:
            raise CheckFailed(str(error)) from None


def play(salon: SalonCloud, person: Person) -> None:
    """The conversation of the README: book, move by an hour, look, cancel, ask, babble."""
    chat = Conversation(salon, person)
    offers = chat.say("Хочу на стрижку к Анне завтра вечером", expecting="Стрижка")
    times = [label for label in offers.button_texts if "Анна" in label]
    require(len(times) >= 2, f"at least two offers with Анна were expected, not {offers.button_texts}")  # noqa: PLR2004 - two to five
    booked = chat.tap(offers, times[0], expecting="Записала вас!")
    for part in ("Стрижка", "завтра", "Анна", "Адрес:", "Цена:", "₽"):
        require(part in booked.text, f"the confirmation lacks «{part}»: {booked.text}")
    chat.say("перенеси на час позже", expecting="Перенесла")
    chat.say("когда я записана?", expecting="Ваши записи")
    cancelled = chat.say("отмени", expecting="Отменила запись")
    require("Вернуть запись" in cancelled.button_texts, "a cancellation can be undone")
    chat.say("что у вас есть?", expecting="Вот что у нас есть")
    chat.say("абырвалг зюзя", expecting="Не совсем поняла")


def play_more(salon: SalonCloud, person: Person) -> None:
    """Two services in a row, a series that is thought better of, the waiting list; leaves nothing that is agreed."""
    chat = Conversation(salon, person)
    chains = chat.say("хочу стрижку и маникюр на следующей неделе", expecting="подряд")
    visit = chat.tap(chains, chains.button_texts[0], expecting="Записала вас")
    require("Всего:" in visit.text, f"the confirmation of two services lacks their sum: {visit.text}")
    chat.say("отмени", expecting="Отменила запись")
    series = chat.say("запиши меня на стрижку каждые две недели по средам в 12", expecting="Записать?")
    chat.tap(series, "Нет", expecting="ничего не меняю")
    waiting = "запишите в лист ожидания на педикюр к Светлане завтра в 20:55"  # too late for anybody to begin
    chat.say(waiting, expecting="Записала вас в лист ожидания")
    chat.say("уберите из листа ожидания", expecting="Убрала из листа ожидания")


def check_rows(salon: SalonCloud, person: Person, *, retries_allowed: bool = False) -> None:
    """What the conversation must have left behind.

    Args:
        salon: the cloud.
        person: who talked.
        retries_allowed: when something was killed meanwhile, rows may have taken more than one attempt.
    """
    if salon.salon is None:
        raise CheckFailed("the demo salon is not loaded")
    database = salon.database()
    try:
        with database.read(salon.salon.tenant_id) as session:
            _check_booking(session, person)
            _check_queues(session, retries_allowed=retries_allowed)
    finally:
        database.engine.dispose()


def _check_booking(session: ReadSession, person: Person) -> None:
    bookings = session.execute(
        text(
            "SELECT b.id, b.status, b.price_minor FROM bookings b JOIN channel_contacts c"
            " ON c.client_id = b.client_id WHERE c.external_user_id = :user"
        ),
        {"user": str(person.user_id)},
    ).all()
    require(len(bookings) == 1, f"one booking was expected, not {len(bookings)}")
    booking = bookings[0]
    require(booking.status == "cancelled", f"the booking should be cancelled, not {booking.status}")
    require(booking.price_minor > 0, "the booking has no price")
    changes = session.scalars(
        text("SELECT change FROM booking_history WHERE booking_id = :id ORDER BY id"), {"id": booking.id}
    ).all()
    expected = ["booking.created", "booking.confirmed", "booking.rescheduled", "booking.cancelled"]
    require(list(changes) == expected, f"the booking's history is {changes}")
    planned = session.scalar(
        text("SELECT count(*) FROM reminders WHERE booking_id = :id AND status = 'planned'"), {"id": booking.id}
    )
    require(planned == 0, "a reminder of the cancelled booking is still planned")


def _check_queues(session: ReadSession, *, retries_allowed: bool) -> None:
    left_over = [("inbox", "status <> 'done'"), ("outbox", "status NOT IN ('done', 'cancelled')")]
    if not retries_allowed:
        left_over.append(("outbox", "attempts > 1"))
    for table, where in left_over:
        left = session.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}"))  # noqa: S608 - our own literals
        require(left == 0, f"{left} rows of {table} are {where}")


def main() -> int:
    """Play and check; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.check", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", type=Path, help="keep the state in this folder instead of a temporary one")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        state = options.state
        if state is None:
            state = Path(tempfile.mkdtemp(prefix="salon-check-"))
            state.chmod(0o755)
            stack.callback(shutil.rmtree, state, ignore_errors=True)
        salon = SalonCloud(state, durable=False, progress=lambda line: print(f"  {line}", flush=True))
        stack.enter_context(salon)
        person, other = salon.fake.add_person("Вера", "Проверкина"), salon.fake.add_person("Майя", "Пробная")
        try:
            play(salon, person)
            play_more(salon, other)
            play_invoice(salon)
            play_visit(salon)
            wait_until(lambda: check_rows(salon, person), QUEUES_DRAIN_WITHIN_S)
        except CheckFailed as failure:
            _print_transcripts(salon, person, other, salon.desk_person, salon.owner_person)
            print(f"\nThe check failed: {failure}", file=sys.stderr)
            return 1
        _print_transcripts(salon, person, other, salon.desk_person, salon.owner_person)
    print("\nThe conversations went as they should, and the database agrees.")
    return 0


def _print_transcripts(salon: SalonCloud, *people: Person) -> None:
    for person in people:
        print("\n".join(["", *salon.fake.transcript(person)]), flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Two workers and one voice message: it is listened to once, and its words wake whoever waits for them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, Event

import pytest
from sqlalchemy import text

from salon.messaging.domain import Channel, MediaContent
from salon.platform.inbox import Hold
from salon.understanding.speech.use_cases import TranscriptBusy
from support.inbound_line import Line
from support.listener import VOICE, Listener
from support.races import drop_row_locks, inside
from support.salon_world import make_salon

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
ASK = "что у вас есть?"
MEET_WITHIN_S = 1.0


class Salon:
    def __init__(self, database, world, clock):
        self.database, self.world, self.clock = database, world, clock


@pytest.fixture
def line(database, tenant_id, clock):
    found = Line(Salon(database, make_salon(database, tenant_id, clock), clock), Channel.WHATSAPP)
    found.script.files[VOICE.file_ref] = MediaContent(ASK.encode(), "audio/ogg", "voice.ogg")
    return found


def listener_of(line, **limits):
    return Listener(line.database, line.world.tenant_id, line.clock, line.storage, **limits)


@pytest.fixture
def listener(line):
    return listener_of(line)


def speak(line):
    return line.keep(line.event(attachments=(VOICE,)))


def listen_together(line, listener):
    """How often two workers, told of the same arrival at the same moment, have listened."""
    inbox_id = speak(line)
    line.work(inbox_id)
    together = Barrier(2)

    def meet():
        with suppress(BrokenBarrierError):  # the other one does not listen
            together.wait(MEET_WITHIN_S)

    def arrive(_number):
        try:
            return listener.arrive(inbox_id)
        except TranscriptBusy:
            return "busy"

    listener.ear.while_listening = meet
    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(arrive, range(2)))
    return outcomes, len(listener.ear.prompts)


def test_two_workers_at_once_listen_once(line, listener):
    assert listen_together(line, listener) == (["busy", "done"], 1)


def test_the_same_without_a_lease_listens_twice(line):
    """The negative control: the two do meet where nothing keeps the second one out."""
    outcomes, listened = listen_together(line, listener_of(line, lease=timedelta(seconds=-1)))
    assert ("busy" in outcomes, listened) == (False, 2)


def decide_while_it_is_heard(line, listener, owner_engine):
    """The words come at the very moment when a worker has seen that they are not there; the row's wait in seconds."""
    inbox_id = speak(line)
    handle, heard = line.drain._handle, Future()
    waits = inside(owner_engine, 1)

    def decide(session, item, prepared):
        decided = handle(session, item, prepared)
        if isinstance(decided, Hold):
            pool.submit(lambda: heard.set_result(listener.arrive(inbox_id)))
            while not (waits() or heard.done()):
                pause.wait(0.01)
        return decided

    line.drain._handle, pause = decide, Event()
    with ThreadPoolExecutor(1) as pool:
        line.work(inbox_id)
    assert heard.result() == "done"
    [(wait,)] = line.query(
        "SELECT extract(epoch FROM next_attempt_at - CAST(:now AS timestamptz)) FROM inbox", now=line.clock.now()
    )
    line.drain._handle = handle
    return inbox_id, int(wait)


def test_words_that_come_while_it_is_decided_to_wait_for_them_wake_the_row(line, listener, owner_engine):
    inbox_id, wait_s = decide_while_it_is_heard(line, listener, owner_engine)
    assert wait_s == 0
    assert listener.nudged == [inbox_id]
    assert "Маникюр" in line.work(inbox_id)


def test_the_same_without_row_locks_waits_for_nothing(line, listener, owner_engine, engine):
    """The negative control: the words are there, and their person waits for the whole minute."""
    drop_row_locks(engine)
    inbox_id, wait_s = decide_while_it_is_heard(line, listener, owner_engine)
    assert wait_s == 60
    assert line.work(inbox_id) == ""
    with line.database.read(line.world.tenant_id) as session:
        assert session.scalar(text("SELECT status FROM transcripts")) == "done"

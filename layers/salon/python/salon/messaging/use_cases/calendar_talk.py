"""«Добавить в календарь»: the visit as a file that any calendar opens; a link where a messenger takes no such file."""

from __future__ import annotations

from uuid import UUID

from salon.booking.domain import Booking, BookingStatus
from salon.messaging.domain import Button, OutboundFile
from salon.messaging.domain.limits import LIMITS
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.my_bookings import mine
from salon.messaging.use_cases.outgoing_media import calendar_key
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.talk import Talk

FILE_NAME, MIME = "visit.ics", "text/calendar"


def calendar_button(talk: Talk, visit: Booking) -> tuple[tuple[Button, ...], ...]:
    """The button under a confirmation; none where neither a file nor a link could follow."""
    if not LIMITS[talk.conversation.channel].takes_files and talk.link_to_calendar(visit.id) is None:
        return ()
    return ((talk.button("calendar-button", TapPayload(Tap.CALENDAR, visit.id)),),)


def send_calendar(talk: Talk, booking_id: UUID) -> str | None:
    """Send a visit's calendar file; it is made when it is sent, so it says what is true by then."""
    visit = mine(talk, booking_id)
    if visit is None or visit.status is not BookingStatus.CONFIRMED:
        talk.say("booking-not-active", buttons=talk.menu())
        return None
    url = talk.link_to_calendar(booking_id) or ""
    file = OutboundFile(calendar_key(booking_id), FILE_NAME, MIME, url)
    reply = Reply(talk.texts.say("calendar-file", booking=talk.booking_line(visit)), file=file)
    say(talk.session, talk.conversation, reply, talk.now)
    return None  # the confirmation stays as it is

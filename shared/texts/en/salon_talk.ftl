# Services in a row, the waiting list, series, moves that the salon asks for, and why something cannot be done.

offer-cheaper = { $offer } (−{ $less })

visit-exact = { $services } in a row: this is free { $wish }.
visit-nearest = { $services } in a row: the nearest free times.
visit-other = { $services } in a row: not possible { $wish }. The nearest similar times:
visit-other-staff = { $services } in a row: { $staff } cannot at that time. I can offer:
visit-more = { $services } in a row: more times.
visit-none = { $wish ->
    [empty] { $services } in a row is not possible in the coming days.
   *[other] { $services } in a row is not possible: there is no time { $wish } or later.
} I can book one of them:
visit-taken = That time has just been taken, and { $services } in a row is not possible any more. I can book one of them:
visit-alone = Only { $service }
visit-stale = These times are out of date. This is free now.
visit-line = { $time } — { $service }, with { $staff }, { $price }
visit-booked = You are booked { $day }:
    { $lines }
    Address: { $place }.
    Together: { $price }.
    If your plans change, press “My bookings”.
visit-short = { $services } — { $day }, at { $time }
visit-cancel = Cancel the visit
visit-rest = This stays: { $booking }.
visit-only-this = I am moving only “{ $service }”; the rest of the visit stays at its time.
visit-others-stay = At its time stays: { $booking }.

visit-clash = At that time you already have: { $booking }. Choose another time:
wait-free-now = { $service }: no need to wait, there is free time now.
wait-button = Waiting list
wait-for-what = For which service shall I put you on the waiting list?
wait-joined = You are on the waiting list: { $what }. As soon as there is a time, I will write and hold it for you. If you change your mind, press the button in “My bookings”.
wait-staff = with { $staff }
wait-none = You are not on the waiting list. Shall I book a visit?
wait-which = What are you not waiting for any more?
wait-left = Taken off the waiting list: { $what }.
wait-again = I will wait after all
wait-stop = Stop waiting
wait-stop-this = Stop waiting: { $what }
wait-take = I take it
wait-leave = Not for me
wait-offer = A time is free: { $service } — { $day }, at { $time }, with { $staff }. Price: { $price }. I hold it for you until { $until }. Will you take it?
wait-declined = All right, I let that time go. You stay on the waiting list: { $what }.
wait-lapsed = I had no answer and let the time go. You stay on the waiting list: { $what }.
wait-expired = Sadly no time was found: { $what }. The waiting is over. Shall I find another time?
wait-unanswered = I offered you times and had no answer, so I took you off the waiting list: { $what }. If you still need it, press the button again.
wait-offer-over = Sadly that time is gone. Shall I find another?
wait-offer-over-waiting = Sadly that time is gone. You stay on the waiting list: { $what }.
wait-not-open = That entry of the waiting list is gone.
wait-closed = We keep no waiting list. Please call: { $phone }.
wait-window = I cannot put you on the waiting list for so long. Please name a nearer day.
wait-full = { $limit ->
    [one] You are waiting for { $limit } visit already, more is not possible.
   *[other] You are waiting for { $limit } visits already, more is not possible.
} Take something off the waiting list and I will add the new one.
my-waiting = You are waiting for:

every-weeks = { $weeks ->
    [1] every week
   *[other] every { $weeks } weeks
}
every-days = { $days ->
    [1] every day
   *[other] every { $days } days
}
series-what = { $service } { $often } at { $time }
series-service = Which service would you like regularly?
series-how-often = How often?
series-when = What day and time shall the first visit be? For example: “во вторник в 14” (Tuesday at 14).
series-time = At what time? For example: “14:00”.
series-ask = { $what }: { $count ->
    [one] { $count } visit
   *[other] { $count } visits
}, the first { $day }. Shall I book?
series-yes = Yes, book
button-no = No
series-made = { $count ->
    [one] Done! { $service }: { $count } visit is booked.
   *[other] Done! { $service }: { $count } visits are booked.
}
series-visit = { $day }, at { $time }, { $staff }
series-near = Where { $time } was taken I chose the nearest time.
series-missed = Not possible:
series-miss-none = no free time
series-miss-refused = the time was taken
series-later = { $count ->
    [one] { $count } more visit will be booked when booking opens for that day.
   *[other] { $count } more visits will be booked when booking opens for those days.
}
series-cancel = Cancel the series
series-which = Which series shall I cancel?
series-cancelled = { $count ->
    [0] The series is cancelled: { $what }. There will be no new visits.
    [one] The series is cancelled: { $what }. { $count } visit was taken off.
   *[other] The series is cancelled: { $what }. { $count } visits were taken off.
}
series-over = This series is not active any more.
series-already = This series is booked already.
series-rest = The other visits of the series stay.
series-deposit = This service needs a deposit for each visit, so I cannot book several at once. Please call: { $phone }. Or book a single visit.
series-none = None of those days could be booked. Name another time or call: { $phone }.
my-series = Regularly: { $what }

shift-ask = May we move you from { $from } to { $time }? { $service }, { $day }, with { $staff }.
shift-ask-less = May we move you from { $from } to { $time }? { $service }, { $day }, with { $staff }. You pay { $less } less for it.
shift-yes = Yes, move me
shift-no = No, leave it
shift-moved = Thank you! Moved: { $service } — { $day }, at { $time }.
    With: { $staff }.
    Price: { $price }.
shift-kept = All right, it stays as it was: { $booking }.
shift-taken = Sadly that time has been taken. Your booking stays: { $booking }.
shift-over = That offer is over; your booking stays as it was.
shift-already = You have been moved to that time already, thank you!

needs-move = We are sorry: { $staff } cannot see you that day. The booking “{ $booking }” has to be moved. What suits you better?
needs-move-nothing = We are sorry: { $staff } cannot see you that day. The booking “{ $booking }” has to be moved, but I found no similar time. Name another day or call: { $phone }.
needs-move-other = Another time
given-up = Cancelled: { $booking }. Sorry for the trouble! There is nothing to pay. Shall I find another time?

cancel-costs-fee = Cancelling costs { $fee } now. Cancel “{ $booking }”?
cancel-costs-deposit = If you cancel now, the deposit of { $kept } is not returned. Cancel “{ $booking }”?
cancel-costs-both = Cancelling costs { $fee } now, and the deposit of { $kept } is not returned. Cancel “{ $booking }”?
cancel-yes = Yes, cancel
cancelled-fee = Cancelled: { $booking }. The fee is { $fee }.
left-alone = All right, nothing changes.

deposit-needed = Almost done, I hold for you:
    { $bookings }
    A deposit of { $deposit } is needed. The front desk will contact you about it; I hold the time until { $until }. You can also call: { $phone }.
waits-for-deposit = held until { $until }, a deposit of { $deposit } is needed
phone-needed = Your phone number is needed to book. Please write it: +7 …
contact-saved-going-on = Thank you, I have noted the number. Let’s go on.
too-many-bookings = { $limit ->
    [one] You have { $limit } booking ahead already, more is not possible.
   *[other] You have { $limit } bookings ahead already, more is not possible.
} Cancel or move one of them, or call: { $phone }.
client-busy = You are booked at that time already: { $booking }. Please choose another time.
too-short-notice = It is too late for that time: we book no later than { $notice } before. Choose a later time or call: { $phone }.
too-late-to-reschedule = { $hours ->
    [one] A booking can be moved until { $hours } hour before the visit. Please call: { $phone }.
   *[other] A booking can be moved until { $hours } hours before the visit. Please call: { $phone }.
}
reschedule-limit = { $limit ->
    [one] This booking has been moved { $limit } time already, more is not possible. Please call: { $phone }.
   *[other] This booking has been moved { $limit } times already, more is not possible. Please call: { $phone }.
}
slot-past = That time has passed. Write when you would like to come.
slot-taken-last = That time has just been taken, and there is no similar one. Write another day or time.
hold-over = The time ran out and the booking is not held any more. Write when you would like to come.
cannot-do = It did not work, sorry. Please call: { $phone }.

# What the assistant says in a conversation. Dates, prices and names arrive formatted.

greeting = Hello! This is { $salon }. I can book, move or cancel a visit and tell you prices and the address. The buttons are the quickest way; in writing I understand Russian best.
greeting-short = Hello! How can I help?
thanks = You’re welcome!
stop = All right. I will not write first any more, except confirmations and reminders of your bookings. To cancel a booking, press “My bookings”.

menu-book = Book
menu-services = Services and prices
menu-mine = My bookings
menu-anybody = Anybody

ask-service = Which service shall I book for you?
ask-first-service = I book one service at a time. Which one first?
ask-which-service = Which service do you mean?
ask-time-of-day = Do you mean { $first } or { $second }?
ask-when-free-form = What day and time would you like? For example: “завтра после 18” (tomorrow after 18).
didnt-understand = I did not quite understand. Write which service you would like and when, or choose:
didnt-understand-again = I am sorry, I still do not understand. Here is the salon’s phone: { $phone }. Or choose:

offers-exact = { $service }: this is free { $wish }.
offers-nearest = { $service }: the nearest free times.
offers-other = { $service }: nothing is free { $wish }. The nearest similar times:
offers-other-staff = { $service }: { $staff } has no free time { $wish }. I can offer:
offers-none = There is no free time for “{ $service }” in the coming days. Please call us: { $phone }.
offers-more-of = { $service }: more times.
offers-pick = Choose a time, or write another.
offers-no-more = There are no other times. Write another day or time.
nothing-to-repeat = You have not visited us yet, so there is nothing to repeat. Which service shall I book?
offers-more = More times
offer-button = { $day }, { $time } · { $staff }
staff-unknown = Nobody called { $name } works here. Our people: { $names }.
staff-does-not-do = { $staff } does not do “{ $service }”. It is done by: { $others }.
past-time = That time has passed for today.
past-date = That day has passed. What date would you like?
beyond-horizon = Booking is not open so far ahead. You can book until { $until }.

booked = You are booked! { $service } — { $day }, at { $time }.
    With: { $staff }.
    Address: { $place }.
    Price: { $price }.
    If your plans change, press “My bookings”.
slot-gone = That time is gone. This is free now:
slot-taken = That time has just been taken. This is still free:
already-booked = You are booked for that time already.
tap-chosen = You chose: { $choice }
button-stale = This button does not work any more. Write what you need.

rescheduled = Moved. { $service } — { $day }, at { $time }.
    With: { $staff }.
    Address: { $place }.
    Price: { $price }.
reschedule-which = Which booking shall I move?
reschedule-when = When shall I move “{ $booking }” to? For example: “на час позже” (an hour later) or “в пятницу утром” (Friday morning).
reschedule-offers = Nothing is free { $wish }. I can move it to:
reschedule-same = You are booked for that time as it is.

cancel-which = Which booking shall I cancel?
kept = All right, the booking stays: { $booking }.
not-that-booking = You have no such booking. Here is what you have; choose if you need one of these:
visit-begun = This visit has begun or is over and cannot be changed here. Please call: { $phone }.
cancelled = Cancelled: { $booking }. We hope to see you another time.
restore-button = Bring it back
restored = The booking is back: { $booking }. See you!
restore-taken = That time has been taken meanwhile. Write when you would like to come, and I will find another.
booking-not-active = This booking is not active any more.
no-bookings = You have no bookings ahead. Shall I book a visit?
my-bookings = Your bookings:
booking-line = { $service } — { $day }, at { $time }, { $staff }
booking-line-full = { $service } — { $day }, at { $time }, with { $staff }, { $place }
button-reschedule = Move
button-cancel = Cancel

services-header = This is what we do:
service-line = • { $name } — { $duration }, { $price }
service-line-no-price = • { $name } — { $duration }
services-footer = Write what you would like and when.
price-of = { $name } — { $price }, { $duration }. Shall I book it?
duration-hours = { $minutes ->
    [0] { $hours } h
   *[other] { $hours } h { $minutes } min
}
duration-minutes = { $minutes } min
price-from = from { $price }
staff-for-service = “{ $service }” is done by: { $names }. With whom shall I book?
staff-list = Our people: { $names }.
address-line = { $name }: { $address }. Open: { $hours }. Phone: { $phone }.

to-person = To speak with a person, please call: { $phone }. I can book, move or cancel a visit.
late = Thank you for letting us know. Please call the salon so that they wait for you: { $phone }.
photo-saved = Thank you, I have the file. To book, write which service you would like and when.
attachment-unsupported = I do not understand such messages yet. Please write in words.
media-gone = The file could not be had: the messenger has deleted it. Please send it again, or write in words.
media-too-large = The file is too large. Please send a smaller one (up to { $limit } MB), or write in words.
contact-saved = Thank you, I have noted the number.
contact-foreign = This is somebody else’s number, so I have not noted it. To leave yours, just write it.
phone-invalid = I could not read the number. Please write it in digits: +7 …
something-broke = I am sorry, something broke and I could not answer your message. Please write again or call: { $phone }.
salon-phone-unknown = the salon’s phone is on its site

remind-day-before = A reminder: { $day }, at { $time } you are booked for “{ $service }” with { $staff }, { $place }.
remind-soon = See you today at { $time }: { $service } with { $staff }, { $place }.

# One short question where words leave a doubt, and answers to what is often asked beside booking.

clarify-yes = Yes
clarify-keep = Leave it as it is
clarify-whether-service = Do you mean “{ $service }”?
clarify-other-service = Another service
clarify-which-staff = Whom shall I book you with?
clarify-which-intent = What shall I do, please?
clarify-move-or-cancel = I see, it does not work out: { $booking }. Shall I move it or cancel it?
clarify-which-day = Which day, please: { $first } or { $second }?
clarify-which-of-these = Which of these?
clarify-later = I have your other wish in mind and will take it up next.
clarify-later-dropped = All right, I leave your other wish.
clarify-now-cancel = Shall I cancel “{ $booking }” now?
clarify-now-move = Shall I move “{ $booking }” now?
clarify-whether-move = Just to be sure: move the booking “{ $booking }”?
clarify-move-yes = Yes, move it

clarify-intent-book = Book a visit
clarify-intent-reschedule = Move a booking
clarify-intent-cancel = Cancel a booking
clarify-intent-my-bookings = My bookings
clarify-intent-prices = Prices
clarify-intent-services = Services
clarify-intent-address = Address and hours
clarify-intent-who = Who does it
clarify-intent-wait = Join the waiting list
clarify-intent-unwait = Leave the waiting list
clarify-intent-repeat = As last time
clarify-intent-late = I am late
clarify-intent-person = Call the front desk
clarify-intent-stop = Send me no news
clarify-intent-complaint = Complain

clarify-cancel-terms = { $hours ->
    [0] You may cancel or move your visit at any time before it: write “cancel” or “move”.
    [one] You may cancel without a fee up to { $hours } hour before the visit. Later, please call us: { $phone }.
   *[other] You may cancel without a fee up to { $hours } hours before the visit. Later, please call us: { $phone }.
}
clarify-cancel-terms-fee = { $hours ->
    [one] You may cancel without a fee up to { $hours } hour before the visit; later it costs { $fee }% of the price.
   *[other] You may cancel without a fee up to { $hours } hours before the visit; later it costs { $fee }% of the price.
}
clarify-wifi = You will get the Wi-Fi password at the front desk when you come.
clarify-discount = The front desk knows best about discounts. Shall I call them? Or phone: { $phone }.
clarify-person = Call the front desk
clarify-no-calls = Understood, I told the salon: no calls. I write everything you need here.
clarify-no-calls-nobody = Understood: I only write. So that nobody else calls either, please tell the salon: { $phone }.
clarify-one-by-one = I book one person at a time. Let us choose a time for the first, then for the others.
clarify-email-saved = Thank you, I noted the e-mail.

# To the salon's people.
clarify-notice-no-calls = { $client } asks not to be called, only to be written to.
    They write: “{ $words }”

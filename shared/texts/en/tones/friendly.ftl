# The same assistant, a little warmer. What is not here is said as always.

greeting = Hi! This is { $salon }. I’ll book, move or cancel a visit for you and tell you prices and the address. The buttons are the quickest way; in writing I understand Russian best.
greeting-short = Hi! How can I help?
thanks = Any time 🌸
ask-service = What shall we book for you?
didnt-understand = Sorry, I didn’t quite get that. Tell me which service you’d like and when, or choose:
offers-pick = Pick a time, or write another.
booked = Done, you’re booked! { $service } — { $day }, at { $time }.
    With: { $staff }.
    Address: { $place }.
    Price: { $price }.
    If your plans change, press “My bookings”.
cancelled = Cancelled: { $booking }. Come and see us another time!
restored = It’s back: { $booking }. See you!
no-bookings = Nothing booked yet. Shall we change that?
remind-soon = See you today at { $time }! { $service } with { $staff }, { $place }.

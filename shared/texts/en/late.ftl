# Somebody is late.

late-told = Thank you for letting us know: I told the salon, and they are expecting you. To move the visit, press “My bookings”. The salon’s phone: { $phone }.
# To the salon's people.
notice-late = { $client } is late. Booking: { $booking }.
    They write: “{ $words }”

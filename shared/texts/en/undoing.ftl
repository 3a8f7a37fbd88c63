# Cancelling that was only half said, and taking it back; and a wish that we forget somebody.

cancel-whether = Just to be sure: cancel the booking “{ $booking }”?
restored-already = Your booking stands: { $booking }. See you then!
what-else = All right. How can I help?
erasure-noted = I understand. I will send no more news or offers, and a person will see to your data.

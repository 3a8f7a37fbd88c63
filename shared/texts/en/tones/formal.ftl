# The same assistant in a formal house. What is not here is said as always.

greeting = Good day, and welcome to { $salon }. I will be glad to book, move or cancel a visit for you and to tell you our prices and address. The buttons are the quickest way; in writing I understand Russian best.
greeting-short = Good day. How may I help you?
thanks = It is our pleasure.
didnt-understand = I beg your pardon, I did not understand. Please write which service you would like and when, or choose:
cancelled = Your booking is cancelled: { $booking }. We hope to welcome you another time.
restored = Your booking is restored: { $booking }. We look forward to seeing you.

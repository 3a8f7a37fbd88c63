# Consents, what is asked after a visit, campaigns, and the answers to reminders.
# The three texts whose names begin with `consent-` are agreed to: a change of what they mean makes a new edition (clients.domain.WORDINGS).

consent-personal-data = By writing on you agree that we keep your name, contacts and bookings in order to serve you.
consent-personal-data-link = By writing on you agree to the processing of your personal data: { $url }
consent-marketing = May we send you the salon’s news and offers now and then? You can unsubscribe at any time: just write “stop”.
news-yes = Yes, please
news-no = No
news-thanks = Thank you! I will write seldom, and only when there is something to say.
news-declined = All right, I will not. Confirmations and reminders of your bookings will come as usual.
news-stopped = All right, no more news or offers. Confirmations and reminders of your bookings will still come. If you change your mind, write “subscribe”. To cancel a booking, press “My bookings”.
news-again = You are subscribed again. To get no more news, write “stop”.
marketing-how-to-stop = To get no more of these, write “stop”.

remind-several = A reminder: { $day } you are booked:
    { $lines }
    Address: { $place }. If your plans have changed, press “My bookings”.
remind-line = • { $time } — { $service }, with { $staff }
remind-coming = I’ll be there
remind-thanks = Thank you, see you { $day }, at { $time }!

feedback-ask = How was your visit? { $service }, with { $staff }. Please rate it from 1 to 5.
feedback-key = { $rating }
feedback-thanks = Thank you, that makes us happy! If you like, write a few words and I will pass them on.
feedback-review = We would be grateful for a review here as well: { $url }
feedback-sorry = Thank you for being honest, we are sorry. Please write what was wrong, and I will pass it on to the manager.
feedback-comment-thanks = Thank you, I have passed it on.
feedback-no-comment = All right, thank you for the rating!
feedback-settled = The rating has been counted already and cannot be changed. If anything is wrong, just write.

# A booking's page on the web. Dates and names arrive formatted.

page-when = When
page-where = Where
page-staff = With
page-phone = Phone
page-calendar = Add to calendar
page-status-held = The time is held; the booking is not confirmed yet
page-status-confirmed = You are booked
page-status-completed = The visit has taken place
page-status-cancelled = The booking was cancelled
page-status-no-show = The visit did not take place
page-status-expired = The time is not held any more
page-how-to-cancel = You can cancel or move the visit where you booked it: in the chat with the salon or on the site. Or call us.
page-free-until = { $hours ->
    [one] Cancelling is free until { $hours } hour before the visit.
   *[other] Cancelling is free until { $hours } hours before the visit.
}
page-late = It is too late to cancel free of charge: the visit is near.

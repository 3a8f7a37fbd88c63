# A visit as a file for calendars.

calendar-button = Add to calendar
calendar-file = Your visit for the calendar: { $booking }.

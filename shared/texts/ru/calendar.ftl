# A visit as a file for calendars.

calendar-button = В календарь
calendar-file = Ваш визит для календаря: { $booking }.

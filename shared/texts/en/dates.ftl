# Dates and times. A weekday is 0 for Monday, a month 1 for January.

date-weekday = { $weekday ->
    [0] Monday
    [1] Tuesday
    [2] Wednesday
    [3] Thursday
    [4] Friday
    [5] Saturday
   *[6] Sunday
}
date-weekday-genitive = { date-weekday }
date-on-weekday = on { date-weekday }
date-by-weekday = on { date-weekday }s
date-short-weekday = { $weekday ->
    [0] Mon
    [1] Tue
    [2] Wed
    [3] Thu
    [4] Fri
    [5] Sat
   *[6] Sun
}
date-relative = { $days ->
    [0] today
    [1] tomorrow
   *[2] the day after tomorrow
}
date-date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
date-day = { date-weekday }, { $date }
date-day-genitive = { date-weekday-genitive }, { $date }
date-on-day = { $when }, { $date }
date-short = { $weekday } { $date }
date-every-day = every day
list-and = { $first } and { $last }
list-or = { $first } or { $last }

wish-from-to-day = from { $first } to { $last }
wish-from-day = from { $first }
wish-to-day = until { $last }
wish-at = at { $at }
wish-between = from { $first } to { $last }
wish-after = after { $at }
wish-before = before { $at }
wish-done-by = to be done by { $at }
wish-morning = in the morning
wish-day = during the day
wish-lunch = at lunchtime
wish-afternoon = in the afternoon
wish-evening = in the evening
wish-night = late in the evening

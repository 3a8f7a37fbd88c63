# Dates and times. A weekday is 0 for Monday, a month 1 for January.

date-weekday = { $weekday ->
    [0] понедельник
    [1] вторник
    [2] среда
    [3] четверг
    [4] пятница
    [5] суббота
   *[6] воскресенье
}
date-weekday-genitive = { $weekday ->
    [0] понедельника
    [1] вторника
    [2] среды
    [3] четверга
    [4] пятницы
    [5] субботы
   *[6] воскресенья
}
date-on-weekday = { $weekday ->
    [0] в понедельник
    [1] во вторник
    [2] в среду
    [3] в четверг
    [4] в пятницу
    [5] в субботу
   *[6] в воскресенье
}
date-by-weekday = { $weekday ->
    [0] по понедельникам
    [1] по вторникам
    [2] по средам
    [3] по четвергам
    [4] по пятницам
    [5] по субботам
   *[6] по воскресеньям
}
date-short-weekday = { $weekday ->
    [0] пн
    [1] вт
    [2] ср
    [3] чт
    [4] пт
    [5] сб
   *[6] вс
}
date-relative = { $days ->
    [0] сегодня
    [1] завтра
   *[2] послезавтра
}
date-date = { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
}
date-day = { date-weekday }, { $date }
date-day-genitive = { date-weekday-genitive }, { $date }
date-on-day = { $when }, { $date }
date-short = { $weekday } { $date }
date-every-day = ежедневно
list-and = { $first } и { $last }
list-or = { $first } или { $last }

wish-from-to-day = с { $first } по { $last }
wish-from-day = с { $first }
wish-to-day = до { $last }
wish-at = в { $at }
wish-between = с { $first } до { $last }
wish-after = после { $at }
wish-before = до { $at }
wish-done-by = чтобы закончить к { $at }
wish-morning = утром
wish-day = днём
wish-lunch = в обед
wish-afternoon = во второй половине дня
wish-evening = вечером
wish-night = поздно вечером

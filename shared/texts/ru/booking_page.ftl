# A booking's page on the web. Dates and names arrive formatted.

page-when = Когда
page-where = Где
page-staff = Мастер
page-phone = Телефон салона
page-calendar = Добавить в календарь
page-status-held = Время придержано, запись ещё не подтверждена
page-status-confirmed = Вы записаны
page-status-completed = Визит состоялся
page-status-cancelled = Запись отменена
page-status-no-show = Визит не состоялся
page-status-expired = Время больше не придержано
page-how-to-cancel = Отменить или перенести визит можно там же, где вы записались: в чате с салоном или на сайте. Или позвоните нам.
page-free-until = { $hours ->
    [one] Бесплатно отменить можно не позднее чем за { $hours } час до визита.
    [few] Бесплатно отменить можно не позднее чем за { $hours } часа до визита.
   *[other] Бесплатно отменить можно не позднее чем за { $hours } часов до визита.
}
page-late = Бесплатно отменить уже нельзя: до визита осталось мало времени.

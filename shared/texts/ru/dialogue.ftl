# What the assistant says in a conversation. Dates, prices and names arrive formatted.

greeting = Здравствуйте! Это { $salon }. Я запишу вас к мастеру, перенесу или отменю запись, подскажу цены и адрес. Напишите, например: «Хочу на стрижку к Анне завтра вечером».
greeting-short = Здравствуйте! Чем помочь?
thanks = Всегда пожалуйста!
stop = Поняла. Сама писать не буду, кроме подтверждений и напоминаний о ваших записях. Чтобы отменить запись, напишите «отмени».

menu-book = Записаться
menu-services = Услуги и цены
menu-mine = Мои записи
menu-anybody = К любому мастеру

ask-service = На какую услугу вас записать?
ask-first-service = Записываю на одну услугу за раз. С какой начнём?
ask-which-service = Уточните, пожалуйста, какая услуга?
ask-time-of-day = Уточните, пожалуйста: { $first } или { $second }?
ask-when-free-form = На какой день и время вас записать? Например: «завтра после шести».
didnt-understand = Не совсем поняла. Напишите, на какую услугу и когда вас записать, или выберите:
didnt-understand-again = Снова не поняла, простите. Чтобы не мучить вас, вот телефон салона: { $phone }. Или выберите:

offers-exact = { $service }: вот что свободно { $wish }.
offers-nearest = { $service }: ближайшее свободное время.
offers-other = { $service }: { $wish } свободного времени нет. Ближайшее похожее:
offers-other-staff = { $service }: у мастера { $staff } { $wish } свободного времени нет. Могу предложить:
offers-none = На услугу «{ $service }» в ближайшие дни нет свободного времени. Позвоните нам: { $phone }.
offers-more-of = { $service }: ещё варианты.
offers-pick = Выберите время или напишите другое.
offers-no-more = Других вариантов нет. Напишите другой день или время.
nothing-to-repeat = У вас ещё не было визитов, повторять нечего. На какую услугу вас записать?
offers-more = Ещё варианты
offer-button = { $day }, { $time } · { $staff }
staff-unknown = Мастера с именем { $name } у нас нет. Наши мастера: { $names }.
staff-does-not-do = { $staff } не делает услугу «{ $service }». Эту услугу делают: { $others }.
past-time = Это время сегодня уже прошло.
past-date = Этот день уже прошёл. На какую дату вас записать?
beyond-horizon = Так далеко запись ещё не открыта. Можно записаться до { $until }.

booked = Записала вас! { $service } — { $day }, в { $time }.
    Мастер: { $staff }.
    Адрес: { $place }.
    Цена: { $price }.
    Если планы изменятся, напишите «перенеси» или «отмени».
slot-gone = Этого времени уже нет. Вот что свободно сейчас:
slot-taken = Это время только что заняли. Вот что ещё есть:
already-booked = На это время вы уже записаны.
tap-chosen = Вы выбрали: { $choice }
button-stale = Эта кнопка уже не действует. Напишите, что вам нужно.

rescheduled = Перенесла. { $service } — { $day }, в { $time }.
    Мастер: { $staff }.
    Адрес: { $place }.
    Цена: { $price }.
reschedule-which = Какую запись перенести?
reschedule-when = На когда перенести запись «{ $booking }»? Например: «на час позже» или «на пятницу утром».
reschedule-offers = { $wish } свободного времени нет. Могу перенести так:
reschedule-same = Вы и так записаны на это время.

cancel-which = Какую запись отменить?
kept = Хорошо, запись остаётся: { $booking }.
not-that-booking = Такой записи у вас нет. Вот что есть — выберите, если нужна одна из них:
visit-begun = Этот визит уже начался или прошёл, здесь его не изменить. Позвоните, пожалуйста: { $phone }.
cancelled = Отменила запись: { $booking }. Будем рады видеть вас в другой раз.
restore-button = Вернуть запись
restored = Вернула запись: { $booking }. Ждём вас!
restore-taken = Это время уже заняли. Подберу другое — напишите, когда вам удобно.
booking-not-active = Эта запись уже не действует.
no-bookings = У вас нет предстоящих записей. Записать вас?
my-bookings = Ваши записи:
booking-line = { $service } — { $day }, в { $time }, { $staff }
booking-line-full = { $service } — { $day }, в { $time }, мастер { $staff }, { $place }
button-reschedule = Перенести
button-cancel = Отменить

services-header = Вот что у нас есть:
service-line = • { $name } — { $duration }, { $price }
service-line-no-price = • { $name } — { $duration }
services-footer = Напишите, на что и когда вас записать.
price-of = { $name } — { $price }, { $duration }. Записать вас?
duration-hours = { $minutes ->
    [0] { $hours } ч
   *[other] { $hours } ч { $minutes } мин
}
duration-minutes = { $minutes } мин
price-from = от { $price }
staff-for-service = Услугу «{ $service }» делают: { $names }. К кому записать?
staff-list = Наши мастера: { $names }.
address-line = { $name }: { $address }. Часы работы: { $hours }. Телефон: { $phone }.

to-person = Чтобы вам ответил человек, позвоните, пожалуйста: { $phone }. А я могу записать, перенести или отменить запись.
late = Спасибо, что предупредили. Позвоните, пожалуйста, в салон, чтобы мастер вас дождался: { $phone }.
photo-saved = Спасибо, файл получила. Если хотите записаться, напишите, на какую услугу и когда.
attachment-unsupported = Такие сообщения я пока не понимаю. Напишите, пожалуйста, словами.
media-gone = Файл не удалось получить: мессенджер его уже удалил. Пришлите его, пожалуйста, ещё раз или напишите словами.
media-too-large = Файл слишком большой. Пришлите, пожалуйста, поменьше (до { $limit } МБ) или напишите словами.
contact-saved = Спасибо, номер записала.
contact-foreign = Это чужой номер, я его не записала. Если хотите оставить свой, просто напишите его.
phone-invalid = Не разобрала номер. Напишите его, пожалуйста, цифрами: +7 …
something-broke = Простите, у меня что-то сломалось, и на ваше сообщение я ответить не смогла. Напишите ещё раз или позвоните: { $phone }.
salon-phone-unknown = телефон салона на сайте

remind-day-before = Напоминаем: { $day }, в { $time } вы записаны на услугу «{ $service }», мастер { $staff }, { $place }. Если планы изменились, напишите «перенеси» или «отмени».
remind-soon = Ждём вас сегодня в { $time }: { $service }, мастер { $staff }, { $place }. До встречи!

# One short question where words leave a doubt, and answers to what is often asked beside booking.

clarify-yes = Да
clarify-keep = Оставить как есть
clarify-whether-service = Вы про «{ $service }»?
clarify-other-service = Другая услуга
clarify-which-staff = К кому именно вас записать?
clarify-which-intent = Уточните, пожалуйста, что сделать?
clarify-move-or-cancel = Поняла, не получается: { $booking }. Перенести или отменить?
clarify-which-day = Уточните, пожалуйста, день: { $first } или { $second }?
clarify-one-by-one = Записываю по одному: сначала этот визит, а потом напишите, на что и когда записать второго человека.
clarify-which-of-these = Какое из них?
clarify-later = Вторую просьбу помню, займусь ею следом.
clarify-later-dropped = Хорошо, вторую просьбу не выполняю.
clarify-now-cancel = Теперь отменить запись «{ $booking }»?
clarify-now-move = Теперь перенести запись «{ $booking }»?
clarify-whether-move = Уточню: перенести запись «{ $booking }»?
clarify-move-yes = Да, перенести

clarify-intent-book = Записаться
clarify-intent-reschedule = Перенести запись
clarify-intent-cancel = Отменить запись
clarify-intent-my-bookings = Мои записи
clarify-intent-prices = Узнать цены
clarify-intent-services = Список услуг
clarify-intent-address = Адрес и часы работы
clarify-intent-who = Кто из мастеров
clarify-intent-wait = Встать в лист ожидания
clarify-intent-unwait = Выйти из листа ожидания
clarify-intent-repeat = Как в прошлый раз
clarify-intent-late = Я опаздываю
clarify-intent-person = Позвать администратора
clarify-intent-stop = Не присылать рассылку
clarify-intent-complaint = Пожаловаться

clarify-cancel-terms = { $hours ->
    [0] Отменить или перенести запись можно в любое время до визита: напишите «отмени» или «перенеси».
    [one] Отменить запись без оплаты можно за { $hours } час до визита. Позже — позвоните нам: { $phone }.
    [few] Отменить запись без оплаты можно за { $hours } часа до визита. Позже — позвоните нам: { $phone }.
   *[other] Отменить запись без оплаты можно за { $hours } часов до визита. Позже — позвоните нам: { $phone }.
}
clarify-cancel-terms-fee = { $hours ->
    [one] Без оплаты отменить можно за { $hours } час до визита, позже отмена стоит { $fee } % цены.
    [few] Без оплаты отменить можно за { $hours } часа до визита, позже отмена стоит { $fee } % цены.
   *[other] Без оплаты отменить можно за { $hours } часов до визита, позже отмена стоит { $fee } % цены.
}
clarify-email-saved = Спасибо, адрес записала.
clarify-wifi = Пароль от вайфая вам назовут на стойке, когда придёте.
clarify-discount = Про скидки и акции точнее всего ответит администратор. Позвать? Или позвоните: { $phone }.
clarify-person = Позвать администратора
clarify-no-calls = Поняла, передала в салон: звонить не будем. Всё нужное пишу сюда.
clarify-no-calls-nobody = Поняла: сама я только пишу. Чтобы не звонили и люди, скажите об этом в салоне: { $phone }.

# To the salon's people.
clarify-notice-no-calls = { $client } просит не звонить, только писать.
    Пишет: «{ $words }»

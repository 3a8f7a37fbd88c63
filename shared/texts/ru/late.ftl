# Somebody is late.

late-told = Спасибо, что предупредили: передала в салон, вас ждут. Если нужно перенести, напишите «перенеси». Телефон салона: { $phone }.
# To the salon's people.
notice-late = { $client } опаздывает. Запись: { $booking }.
    Пишет: «{ $words }»

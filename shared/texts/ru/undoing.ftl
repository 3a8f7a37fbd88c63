# Cancelling that was only half said, and taking it back; and a wish that we forget somebody.

cancel-whether = Уточню: отменить запись «{ $booking }»?
restored-already = Запись в силе: { $booking }. Ждём вас!
what-else = Хорошо. Чем помочь?
erasure-noted = Поняла вас. Новостей и предложений больше не пришлю, а вашими данными займётся человек.

# Answers to short words: courtesies, a «нет» to a reminder, a kind word instead of stars, a choice from a list.

answers-fine = Хорошо! Если что-то понадобится, напишите.
answers-fine-booked = Хорошо, ждём вас { $day }, в { $time }!
answers-how-many-stars = Спасибо, очень приятно! А сколько поставите, от 1 до 5?
answers-move-one-by-one = Переношу по одной. С какой начнём?
answers-cancel-one-by-one = Эти записи отменяются платно, поэтому спрошу о каждой. С какой начнём?
remind-whether-off = Отменить запись «{ $booking }»?
answers-no-such-day = Такого дня в календаре нет. На какой день вас записать?
answers-price-of-this = { $what }: { $price }.

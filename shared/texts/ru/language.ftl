# The client's language.

language-now = Хорошо, дальше пишу по-русски. To switch to English, write “English”.
language-same = Мы уже говорим по-русски. Чем помочь?
language-share-phone = Отправить мой номер

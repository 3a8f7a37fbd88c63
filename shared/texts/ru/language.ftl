# The client's language.

language-now = Хорошо, дальше пишу по-русски. For English write “English”.
language-same = Мы уже говорим по-русски. Чем помочь?
# To somebody who writes in Latin letters while we speak Russian.
language-offer = I speak English, too: just write “English”.
language-share-phone = Отправить мой номер

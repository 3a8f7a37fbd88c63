# The client's language.

language-now = All right, in English from now on. The buttons are the quickest way; what you write I understand best in Russian. Чтобы перейти на русский, напишите «по-русски».
language-same = We are speaking English already. How can I help?
language-share-phone = Share my number

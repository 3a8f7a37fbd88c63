# One person in several messengers.

channel-telegram = Telegram
channel-max = MAX
channel-vk = ВКонтакте
channel-whatsapp = WhatsApp
channel-instagram = Instagram

link-ask = С этим номером телефона нам уже писали: { $where }. Это тоже вы? Тогда объединю ваши записи, и вы увидите их в любом мессенджере.
link-ask-desk = С этим номером телефона у нас уже есть записи. Это ваши? Тогда объединю их с этой перепиской.
link-yes = Да, это я
link-no = Нет, не я
link-done = Готово, теперь все ваши записи вместе.
link-declined = Хорошо, ничего не объединяю.
link-over = Этот вопрос уже не действует.
link-impossible = Объединить записи не получилось. Позвоните, пожалуйста: { $phone }.

# The salon's people in the messenger, and a client who wants one of them.

# To the client. $reason: asked, complaint, not_understood, failed, low_rating, voice, media, window_closed, erasure, other.
people-client-now = { $reason ->
    [complaint] Мне очень жаль, что так вышло. Передала ваше сообщение администратору, он ответит здесь, в этом чате.
    [failed] Здесь я не справилась, простите. Передала ваш вопрос администратору, он ответит здесь, в этом чате.
   *[other] Передала ваш вопрос администратору, он ответит здесь, в этом чате.
} Если срочно, позвоните: { $phone }.
people-client-later = { $reason ->
    [complaint] Мне очень жаль, что так вышло. Передала ваше сообщение администратору.
    [failed] Здесь я не справилась, простите. Передала ваш вопрос администратору.
   *[other] Передала ваш вопрос администратору.
} Сейчас салон закрыт, ответим, когда откроемся: { $when }, с { $time }. Телефон салона: { $phone }.
people-client-soon = { $reason ->
    [complaint] Мне очень жаль, что так вышло. Передала ваше сообщение администратору, он ответит здесь, как только сможет.
    [failed] Здесь я не справилась, простите. Передала ваш вопрос администратору, он ответит здесь, как только сможет.
   *[other] Передала ваш вопрос администратору, он ответит здесь, как только сможет.
} Если срочно, позвоните: { $phone }.
people-client-nobody = { $reason ->
    [complaint] Мне очень жаль, что так вышло. Сохранила ваше сообщение, в салоне его увидят.
    [failed] Здесь я не справилась, простите. Сохранила ваш вопрос, в салоне его увидят.
   *[other] Сохранила ваш вопрос, в салоне его увидят.
} Быстрее всего позвонить: { $phone }.
people-client-again = { $told ->
    [no] Ваш вопрос сохранён, в салоне его увидят. Быстрее всего позвонить: { $phone }.
   *[yes] Ваш вопрос уже у администратора, он ответит здесь. Если срочно, позвоните: { $phone }.
} А я пока могу записать, перенести или отменить запись.
people-returned-to-client = Снова на связи помощник салона: могу записать, перенести или отменить запись. Если понадобится человек, так и напишите.
people-still-waiting = Снова на связи помощник салона. Администратор пока не ответил на ваше сообщение{ $told ->
    [yes] , я о нём напомнила.
   *[no] , в салоне его увидят.
} Если срочно, позвоните: { $phone }. А я могу записать, перенести или отменить запись.

# Binding.
people-bind-how = Напишите код после команды, например: /bind ABCD-2345. Код выдаёт владелец или администратор в консоли.
people-bind-refused = { $why ->
    [binding_code_used] Этот код уже использован. Попросите новый: код действует один раз.
    [binding_code_expired] Этот код больше не действует. Попросите новый: код живёт сутки, и с новым прежний перестаёт действовать.
    [binding_in_group] В общем чате привязка не работает: её увидели бы все. Напишите код мне лично.
    [user_inactive] Эта учётная запись отключена. Обратитесь к владельцу салона.
   *[other] Такого кода нет. Проверьте его или попросите новый.
}
people-bind-in-group = Это был код привязки, а в общем чате его увидели все: я его отменила. Попросите новый и напишите его мне лично.
people-bind-tries = Слишком много попыток. Попробуйте через { $minutes ->
    [one] { $minutes } минуту
    [few] { $minutes } минуты
   *[other] { $minutes } минут
}.
people-bound = Готово, { $name }: этот чат теперь ваш рабочий. { $role ->
    [stylist] Команды: /help.
   *[other] Сюда будут приходить обращения клиентов. Что можно делать: /help.
}
people-unbound = Чат отвязан. Теперь вы здесь как клиент.
people-help = Обращения клиентов: /inbox.
    Взять: /take и номер, например /take 12. Без номера возьмёте того, кто ждёт дольше всех.
    Пока обращение у вас, всё, что вы пишете сюда, получает клиент. Перейти к другому своему обращению: /take и его номер.
    Вернуть клиента помощнику: /return.
    Отвязать чат: /unbind.
people-help-short = Этот чат привязан к вашей учётной записи. Отвязать: /unbind.
people-not-allowed = Отвечать клиентам может администратор. Если нужно, попросите владельца изменить вашу роль.

# The inbox.
people-inbox = Обращения:
people-inbox-empty = Никто не ждёт ответа.
people-inbox-line = № { $number } · { $when } · { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] ВКонтакте
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
} · { $reason ->
    [asked] просит человека
    [complaint] жалоба
    [not_understood] помощник не понял
    [failed] сбой
    [low_rating] низкая оценка
    [voice] голосовое
    [media] файл
    [window_closed] не дошло сообщение
    [erasure] просит удалить данные
   *[other] пишет человек
}{ $messages ->
    [0] {""}
    [one] , ещё { $messages } сообщение
    [few] , ещё { $messages } сообщения
   *[other] , ещё { $messages } сообщений
}{ $mine ->
    [current] . Отвечаете вы, сейчас
    [mine] . Отвечаете вы
   *[no] {""}
}
people-button-number = № { $number }
people-button-take = Взять
people-button-show = Показать
people-button-answer = Отвечать здесь
people-button-write = Написать клиенту
people-button-return = Вернуть помощнику
people-no-such = Такого обращения нет. Список: /inbox.
people-nothing-taken = Сейчас у вас нет обращения, на которое вы отвечаете. Список: /inbox.
people-own-conversation = Это ваша собственная переписка с салоном: на неё ответит кто-нибудь другой.
people-closed = Обращение № { $number } уже закрыто: клиенту снова отвечает помощник.
people-taken-by = Обращение № { $number } уже взял другой сотрудник: { $name }.
people-not-yours = На обращение № { $number } отвечаете не вы.
people-taken = № { $number } теперь у вас. Всё, что напишете сюда, получит { $name }. Вернуть помощнику: /return.

    { $excerpt }
people-shown = № { $number } · { $name }

    { $excerpt }
people-returned = Обращение № { $number } вернула себе. Теперь пишу клиенту я.
people-chosen-take = взять № { $number }
people-chosen-return = вернуть № { $number }
people-assistant = Помощник
people-line = { $who }: { $words }
people-media = [файл]

# Notices.
people-notice-handover = № { $number } · { $name }, { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] ВКонтакте
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
}: { $reason ->
    [asked] клиент просит человека.
    [complaint] жалоба.
    [not_understood] помощник не понял клиента.
    [failed] у помощника случился сбой.
    [low_rating] низкая оценка визита.
    [voice] голосовое сообщение, которое не разобрать.
    [media] клиент прислал файл.
    [window_closed] сообщение клиенту не дошло.
    [erasure] клиент просит удалить свои данные.
   *[other] нужен человек.
}
    «{ $words }»
people-notice-waiting = Никто не взял № { $number } · { $name }. Клиент ждёт.
    «{ $words }»
people-notice-reopened = № { $number } · { $name } снова ждёт администратора: на это обращение сейчас никто не отвечает.
    «{ $words }»
people-notice-still-waiting = № { $number } · { $name }: клиент ждёт ответа, а ему никто не пишет. Пока ему отвечает помощник.
    «{ $words }»
people-notice-comment = К оценке { $rating } из 5 ({ $name }, { $service }, { $staff }, { $date } в { $time }) клиент пишет:
    «{ $words }»
people-relayed = № { $number } · { $name }: { $words }
people-relayed-media = № { $number } · { $name } прислал(а) сообщение без слов.
people-notice-stale = В обращении № { $number } ({ $name }) давно никто не писал. Клиенту снова отвечает помощник.
people-notice-undeliverable = Не дошло сообщение: { $name }, { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] ВКонтакте
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
}. { $purpose ->
    [reminder] Это было напоминание о записи.
    [human] Это был ответ сотрудника.
    [notice] Это было сообщение о записи.
   *[reply] Это был ответ помощника.
} { $reason ->
    [window_closed] Клиент давно не писал, и мессенджер больше не пропускает.
    [recipient_gone] Клиент заблокировал салон или удалил переписку.
    [request_rejected] Мессенджер отказался его принять.
   *[other] Мессенджер не отвечает.
} { $phone ->
    [none] Телефона у нас нет.
   *[other] Телефон клиента: { $phone }.
}
people-notice-low-rating = Оценка { $rating } из 5: { $name }. { $service }, { $staff }, { $date } в { $time }.
people-notice-account = Не работает канал: { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] ВКонтакте
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
}{ $account ->
    [none] { "" }
   *[other] { " " }({ $account })
}. { $problem ->
    [token_rejected] Мессенджер больше не принимает ключ доступа: сообщения не уходят. Нужен новый ключ.
    [no_webhook] Сообщения клиентов до меня не доходят: мессенджер их не присылает.
    [policy] Мессенджер ограничил этот аккаунт.
    [wrong_account] Ключ доступа выдан другому аккаунту.
   *[other] Нужно проверить его настройки.
} Подробности в консоли, в разделе каналов.

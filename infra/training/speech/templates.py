"""Sentence templates, in two halves: those trained on, and those that the model is examined with.

Slots: ``service`` in three cases, ``name`` in five, ``when``, ``date``, ``time``, ``phone``, ``minutes``, ``deed``.
"""

TRAINING_TEMPLATES = tuple(
    """
запишите меня на {service_acc} {when}
запишите меня на {service_acc} {when}
запишите меня {when} на {service_acc}
запишите меня к {name_dat} на {service_acc} {when}
запишите меня к {name_dat} {when}
запишите меня пожалуйста на {service_acc}
запиши меня на {service_acc} {when}
запиши меня к {name_dat} {when} на {service_acc}
запишите дочку на {service_acc} {when}
запишите маму к {name_dat} {when}
хочу записаться на {service_acc} {when}
хочу записаться на {service_acc} к {name_dat} {when}
хочу записаться к {name_dat} {when}
хочу записаться {when}
хочу {deed} {when}
хочу {service_acc} {when}
хочу на {service_acc} к {name_dat}
хотела бы записаться на {service_acc} {when}
хотела записаться к {name_dat} на {service_acc}
хотел бы записаться на {service_acc} {when}
можно записаться на {service_acc} {when}
можно записаться к {name_dat} {when}
можно мне к {name_dat} {when}
можно на {service_acc} {when}
можно {when} {deed}
мне нужно записаться на {service_acc} {when}
мне надо {deed} {when}
мне нужна запись на {service_acc} {when}
мне бы {deed} {when}
нужна {service} {when}
есть ли свободное время {when} на {service_acc}
есть ли окошко {when} у {name_gen}
есть окно на {service_acc} {when}
есть свободные места {when}
свободна ли {name} {when}
{name} свободна {when}
{name} работает {date}
у {name_gen} есть время {when}
когда можно записаться на {service_acc}
когда можно прийти к {name_dat} на {service_acc}
когда работает {name}
забронируйте {service_acc} {when}
забронировать время {when} у {name_gen}
на {service_acc} {when} пожалуйста
{service} {when}
{service} у {name_gen} {when}
{when} на {service_acc}
{when} к {name_dat}
{date} меня устроит {time}
перенесите мою запись на {when}
перенесите меня с {time} на {date}
перенесите запись {date} {time}
хочу перенести запись {when}
хочу перенести {service_acc} {when}
можно перенести запись {when}
можно перенести {service_acc} на час позже
перезапишите меня {when}
перезапишите меня к {name_dat}
мне нужно перенести визит к {name_dat} {when}
давайте перенесём {when}
сдвиньте мою запись на час раньше
сдвиньте запись {time}
можно поменять время записи {when}
нет не {date} а {date}
лучше {when}
отмените мою запись
отмените запись {date}
отмените запись на {service_acc} {when}
отмените мою запись к {name_dat}
хочу отменить запись {when}
хочу отменить {service_acc}
нужно отменить запись у {name_gen}
я не смогу прийти {date}
я не приду {date} отмените запись
к сожалению не получится прийти {when}
снимите мою запись {date}
отменить запись
сколько стоит {service}
сколько стоит {service} у {name_gen}
сколько будет стоить {service} и {service}
какая цена на {service_acc}
подскажите цену на {service_acc}
скажите пожалуйста сколько стоит {service}
какие у вас цены
какой у вас адрес
где вы находитесь
как до вас добраться
как к вам проехать от метро
во сколько вы открываетесь
до скольки вы работаете {date}
вы работаете {date}
какие у вас услуги
какие услуги у вас есть
вы делаете {service_acc}
делаете ли вы {service_acc}
у вас есть {service}
кто у вас делает {service_acc}
кто делает {service_acc} {date}
кто из мастеров свободен {when}
какие у вас мастера
к кому можно записаться на {service_acc}
когда у меня запись
когда я записана к {name_dat}
напомните когда у меня {service}
на какое время я записана {date}
во сколько мне приходить {date}
опаздываю на {minutes}
я опоздаю на {minutes}
мы задерживаемся на {minutes} пробки
я немного опаздываю буду через {minutes}
позовите администратора
соедините с администратором
хочу поговорить с человеком
перезвоните мне пожалуйста
мой номер {phone}
мой телефон {phone}
меня зовут {name}
это {name} запишите меня {when}
как в прошлый раз
запишите меня как обычно
повторите прошлую запись {when}
снова к {name_dat} {when}
спасибо большое
спасибо до свидания
да
да подходит
да всё верно
хорошо
нет
нет спасибо
нет не подходит
не надо
давайте {time}
давайте {date}
подтверждаю
мне не понравился {service}
мне испортили {service_acc} хочу пожаловаться
{name_dat} спасибо за {service_acc}
не к {name_dat} а к {name_dat}
только не к {name_dat}
хочу к любому мастеру {when}
всё равно к кому главное {when}
поставьте меня в лист ожидания {date}
сообщите если освободится время {date}
не пишите мне больше
здравствуйте
добрый день
""".strip().splitlines()
)

HELD_OUT_TEMPLATES = tuple(
    """
здравствуйте мне хотелось бы попасть на {service_acc} {when}
добрый день найдётся место на {service_acc} {when}
девушка запишите нас с мамой на {service_acc} {when}
будьте добры запись к мастеру {name_dat} {when} на {service_acc}
я бы хотела попасть к {name_dat} на {service_acc} {date}
скажите а {when} можно к вам на {service_acc}
{service} {date} возможна {time}
планирую {service_acc} {when} у {name_gen}
возьмите меня {when} на {service_acc} к {name_dat}
примете меня {when} на {service_acc}
мне {service_acc} пожалуйста {when}
{date} {time} есть запись к {name_dat}
добрый вечер найдите мне время у {name_gen} {when}
прошу записать меня {when} к {name_dat}
можно подойти {when} на {service_acc}
интересует {service} {when}
а {name} сможет принять меня {when}
ищу окошко {when} к {name_dat} на {service_acc}
передвиньте пожалуйста мой визит {when}
нельзя ли поменять мою запись {when}
у меня не получается давайте переставим {when}
перепишите меня {when} если можно
я хочу сдвинуть {service_acc} {when}
удалите пожалуйста мою запись {date}
мне придётся отказаться от записи {date}
запись к {name_dat} {date} больше не нужна отмените её
уберите мою запись на {service_acc}
почём у вас {service}
напишите стоимость {service_gen}
а какой прайс на {service_acc}
у вас какой график работы {date}
подскажите где находится ваш салон
кто сможет сделать {service_acc} {date}
посоветуйте мастера на {service_acc}
во сколько у меня {service} {date}
какое время у меня записано {date}
попала в пробку приеду через {minutes}
буду позже на {minutes} извините
мне нужен живой человек
благодарю вас всё отлично
""".strip().splitlines()
)

# Consents, what is asked after a visit, campaigns, and the answers to reminders.
# The three texts whose names begin with `consent-` are agreed to: a change of what they mean makes a new edition (clients.domain.WORDINGS).

consent-personal-data = Продолжая переписку, вы соглашаетесь, что мы храним ваше имя, контакты и записи, чтобы вас обслуживать.
consent-personal-data-link = Продолжая переписку, вы соглашаетесь на обработку персональных данных: { $url }
consent-marketing = Можно иногда присылать вам новости и предложения салона? Отписаться можно в любой момент: напишите «стоп».
news-yes = Да, пишите
news-no = Нет
news-thanks = Спасибо! Буду писать нечасто и только по делу.
news-declined = Хорошо, не буду. Подтверждения и напоминания о записях будут приходить как обычно.
news-stopped = Поняла, новостей и предложений больше не пришлю. Подтверждения и напоминания о ваших записях будут приходить. Передумаете — напишите «подпишите обратно». Чтобы отменить запись, напишите «отмени».
news-again = Подписала вас снова. Чтобы не получать новости, напишите «стоп».
marketing-how-to-stop = Чтобы не получать — напишите «стоп».

remind-several = Напоминаем: { $day } вы записаны:
    { $lines }
    Адрес: { $place }. Если планы изменились, напишите «перенеси» или «отмени».
remind-line = • { $time } — { $service }, мастер { $staff }
remind-coming = Приду
remind-thanks = Спасибо, ждём вас { $day }, в { $time }!

feedback-ask = Как вам визит? { $service }, мастер { $staff }. Оцените, пожалуйста, от 1 до 5.
feedback-key = { $rating }
feedback-thanks = Спасибо, очень рады! Если хотите, напишите пару слов — передам мастеру.
feedback-review = Будем благодарны и за отзыв здесь: { $url }
feedback-sorry = Спасибо за честность, нам жаль. Напишите, пожалуйста, что было не так, — передам управляющему.
feedback-comment-thanks = Спасибо, передала.
feedback-no-comment = Хорошо, спасибо за оценку!
feedback-settled = Оценку уже учли, изменить её нельзя. Если что-то не так, просто напишите.

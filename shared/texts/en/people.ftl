# The salon's people in the messenger, and a client who wants one of them.

# To the client. $reason: asked, complaint, not_understood, failed, low_rating, voice, media, window_closed, erasure, other.
people-client-now = { $reason ->
    [complaint] I am very sorry that this happened. I have passed your message to the front desk; they will answer here, in this chat.
    [failed] I am sorry, this was too much for me. I have passed your question to the front desk; they will answer here, in this chat.
   *[other] I have passed your question to the front desk; they will answer here, in this chat.
} If it is urgent, please call: { $phone }.
people-client-later = { $reason ->
    [complaint] I am very sorry that this happened. I have passed your message to the front desk.
    [failed] I am sorry, this was too much for me. I have passed your question to the front desk.
   *[other] I have passed your question to the front desk.
} The salon is closed now; we will answer when we open: { $when }, from { $time }. The salon’s phone: { $phone }.
people-client-soon = { $reason ->
    [complaint] I am very sorry that this happened. I have passed your message to the front desk; they will answer here as soon as they can.
    [failed] I am sorry, this was too much for me. I have passed your question to the front desk; they will answer here as soon as they can.
   *[other] I have passed your question to the front desk; they will answer here as soon as they can.
} If it is urgent, please call: { $phone }.
people-client-nobody = { $reason ->
    [complaint] I am very sorry that this happened. I have kept your message; the salon will see it.
    [failed] I am sorry, this was too much for me. I have kept your question; the salon will see it.
   *[other] I have kept your question; the salon will see it.
} The fastest way is to call: { $phone }.
people-client-again = { $told ->
    [no] Your question has been kept; the salon will see it. The fastest way is to call: { $phone }.
   *[yes] The front desk has your question already and will answer here. If it is urgent, please call: { $phone }.
} Meanwhile I can book, move or cancel a visit.
people-returned-to-client = The salon’s assistant is back: I can book, move or cancel a visit. If you need a person again, just say so.
people-still-waiting = The salon’s assistant is back. The front desk has not answered your message yet{ $told ->
    [yes] ; I have reminded them of it.
   *[no] ; the salon will see it.
} If it is urgent, please call: { $phone }. Meanwhile I can book, move or cancel a visit.

# Binding.
people-bind-how = Write the code after the command, for example: /bind ABCD-2345. The owner or an administrator gives it out in the console.
people-bind-refused = { $why ->
    [binding_code_used] This code has been used. Ask for a new one: a code works once.
    [binding_code_expired] This code does not work any more. Ask for a new one: a code lives for a day, and a new one ends the one before.
    [binding_in_group] A chat cannot be bound in a group: everybody would see it. Write the code to me alone.
    [user_inactive] This account is switched off. Please ask the owner of the salon.
   *[other] There is no such code. Check it, or ask for a new one.
}
people-bind-in-group = This was a binding code, and in a group everybody has seen it: I have cancelled it. Ask for a new one and write it to me alone.
people-bind-tries = Too many tries. Try again in { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}.
people-bound = Done, { $name }: this chat is your working one now. { $role ->
    [stylist] Commands: /help.
   *[other] What clients ask will come here. What you can do: /help.
}
people-unbound = The chat is not bound any more. Here you are a client now.
people-help = Clients who wait for an answer: /inbox.
    To take one: /take and the number, for example /take 12. Without a number you take whoever has waited longest.
    While you have a client, everything that you write here goes to them. To go over to another client of yours: /take and the number.
    To give a client back to the assistant: /return.
    To unbind this chat: /unbind.
people-help-short = This chat is bound to your account. To unbind it: /unbind.
people-not-allowed = Clients are answered by the front desk. If you need to, ask the owner to change your role.

# The inbox.
people-inbox = Waiting for an answer:
people-inbox-empty = Nobody is waiting for an answer.
people-inbox-line = No. { $number } · { $when } · { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] VK
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
} · { $reason ->
    [asked] asks for a person
    [complaint] complaint
    [not_understood] the assistant did not understand
    [failed] failure
    [low_rating] low rating
    [voice] voice message
    [media] file
    [window_closed] a message did not arrive
    [erasure] asks to erase their data
   *[other] a person writes
}{ $messages ->
    [0] {""}
    [one] , { $messages } more message
   *[other] , { $messages } more messages
}{ $mine ->
    [current] . You are answering, now
    [mine] . You are answering
   *[no] {""}
}
people-button-number = No. { $number }
people-button-take = Take
people-button-show = Show
people-button-answer = Answer here
people-button-write = Write to the client
people-button-return = Give back
people-no-such = There is no such number. The list: /inbox.
people-nothing-taken = You are not answering anybody just now. The list: /inbox.
people-own-conversation = This is your own conversation with the salon: somebody else will answer it.
people-closed = No. { $number } is closed already: the assistant answers the client again.
people-taken-by = No. { $number } has been taken by somebody else: { $name }.
people-not-yours = It is not you who answers no. { $number }.
people-taken = No. { $number } is yours now. Everything that you write here goes to { $name }. To give it back to the assistant: /return.

    { $excerpt }
people-shown = No. { $number } · { $name }

    { $excerpt }
people-returned = I have no. { $number } back. Now I answer the client.
people-chosen-take = take no. { $number }
people-chosen-return = give back no. { $number }
people-assistant = Assistant
people-line = { $who }: { $words }
people-media = [file]

# Notices.
people-notice-handover = No. { $number } · { $name }, { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] VK
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
}: { $reason ->
    [asked] the client asks for a person.
    [complaint] a complaint.
    [not_understood] the assistant did not understand the client.
    [failed] the assistant failed.
    [low_rating] a visit was rated low.
    [voice] a voice message that cannot be made out.
    [media] the client has sent a file.
    [window_closed] a message did not reach the client.
    [erasure] the client asks to have their data erased.
   *[other] a person is needed.
}
    “{ $words }”
people-notice-waiting = Nobody has taken no. { $number } · { $name }. The client is waiting.
    “{ $words }”
people-notice-reopened = No. { $number } · { $name } is waiting for the front desk again: nobody answers just now.
    “{ $words }”
people-notice-still-waiting = No. { $number } · { $name }: the client is waiting for an answer, and nobody writes to them. Meanwhile the assistant answers.
    “{ $words }”
people-notice-comment = About the rating { $rating } of 5 ({ $name }, { $service }, { $staff }, { $date } at { $time }) the client writes:
    “{ $words }”
people-relayed = No. { $number } · { $name }: { $words }
people-relayed-media = No. { $number } · { $name } has sent a message without words.
people-notice-stale = Nobody has written in no. { $number } ({ $name }) for long. The assistant answers the client again.
people-notice-undeliverable = A message did not arrive: { $name }, { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] VK
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
}. { $purpose ->
    [reminder] It was a reminder of a booking.
    [human] It was an answer by one of you.
    [notice] It was a message about a booking.
   *[reply] It was an answer by the assistant.
} { $reason ->
    [window_closed] The client has not written for long, and the messenger lets nothing through any more.
    [recipient_gone] The client has blocked the salon or deleted the conversation.
    [request_rejected] The messenger refused to take it.
   *[other] The messenger does not answer.
} { $phone ->
    [none] We have no phone number.
   *[other] The client’s phone: { $phone }.
}
people-notice-low-rating = Rated { $rating } of 5: { $name }. { $service }, { $staff }, { $date } at { $time }.
people-notice-account = A channel does not work: { $channel ->
    [telegram] Telegram
    [max] MAX
    [vk] VK
    [whatsapp] WhatsApp
    [instagram] Instagram
   *[other] { $channel }
}{ $account ->
    [none] { "" }
   *[other] { " " }({ $account })
}. { $problem ->
    [token_rejected] The messenger no longer accepts the access token: no message goes out. It needs a new one.
    [no_webhook] Clients’ messages do not reach me: the messenger does not pass them on.
    [policy] The messenger has restricted this account.
    [wrong_account] The access token belongs to another account.
   *[other] Its settings have to be looked at.
} The console says more, under channels.

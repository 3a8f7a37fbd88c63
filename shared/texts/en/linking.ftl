# One person in several messengers.

channel-telegram = Telegram
channel-max = MAX
channel-vk = VK
channel-whatsapp = WhatsApp
channel-instagram = Instagram

link-ask = Somebody with this phone number has written to us before: { $where }. Is that you as well? Then I will bring your bookings together, and you will see them in either messenger.
link-ask-named = Somebody with this phone number has written to us before: { $where }, by the name of “{ $name }”. Is that you as well? Then I will bring your bookings together, and you will see them in either messenger. If you do not know the name, choose “{ link-no }”: otherwise another person will see your bookings.
link-ask-desk = We already have bookings under this phone number. Are they yours? Then I will bring them together with this chat.
link-yes = Yes, that’s me
link-no = No, not me
link-done = Done: all your bookings are together now.
link-declined = All right, nothing is brought together.
link-over = This question is over.
link-impossible = The bookings could not be brought together. Please call us: { $phone }.

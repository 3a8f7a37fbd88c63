# What a messenger cannot show is said in words.

sending-type-number = Напишите номер варианта.

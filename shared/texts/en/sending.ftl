# What a messenger cannot show is said in words.

sending-type-number = Write the number of your choice.

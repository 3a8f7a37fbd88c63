### What the assistant says to what came without words, or was changed.

receiving-location = Thank you, I see the place on the map. And this is where we are:
receiving-sticker = That made me smile, thank you. How can I help?
receiving-video = I have your video but cannot watch it. Please write what you need.
receiving-edit-too-late = I see that you changed your message, but I have already answered the first one. If you need something else, please write again.
media-elsewhere = The file is not kept in the messenger, so I cannot open it. Please send it here itself, or write in words.
media-unreachable = The file does not open just now: the messenger does not give it to me. Please send it again a little later, or write in words.
intake-received = I have the document, thank you. I will go through it and write what came of it.

# Read by the person of the salon who has taken the conversation.
receiving-relayed-tap = (taps “{ $label }”)
receiving-relayed-edit = (corrects) { $words }
receiving-relayed-thing = { $thing ->
    [location] (sends a place on the map)
    [sticker] (sends a sticker)
    [contact] (sends a contact)
    [video] (sends a video)
   *[other] (sends something that cannot be shown here)
}

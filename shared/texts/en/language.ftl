# The client's language.

language-now = All right, in English from now on. The buttons are the quickest way. For Russian write “/ru”.
language-same = We are speaking English already. How can I help?
# Said in a Russian conversation only.
language-offer = I speak English, too: just write “English”.
language-share-phone = Share my number

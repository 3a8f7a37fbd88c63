# Answers to voice messages.

voice-unclear = Sorry, I could not make that out. Please write it instead.
voice-silent = There is nothing to be heard in your voice message. Please record it again, or write.
voice-too-long = I cannot listen to such a long voice message. Please make it shorter, or write.
# When it was heard without full confidence: the person sees what was misunderstood and puts it right.
voice-heard = I heard: “{ $words }”.

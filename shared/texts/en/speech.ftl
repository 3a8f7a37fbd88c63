# Answers to voice messages.

voice-unclear = Sorry, I could not make that out. Please write it instead.
voice-silent = There is nothing to be heard in your voice message. Please record it again, or write.
voice-too-long = I cannot listen to such a long voice message. Please make it shorter, or write.
# When it was heard without full confidence: the person sees what was misunderstood and puts it right.
voice-heard = I heard: “{ $words }”.
# When it was heard without full confidence and would change something: nothing is done without a yes.
voice-whether-heard = I heard: “{ $words }”. Is that right?
voice-heard-yes = Yes, that is right
voice-misheard = Sorry, I misheard. I am not changing anything. Please write what you need.

# Answers to short words: courtesies, a “no” to a reminder, a kind word instead of stars, a choice from a list.

answers-fine = All right! Just write if you need anything.
answers-fine-booked = All right, see you { $day } at { $time }!
answers-how-many-stars = Thank you, I am so glad! And how many stars would you give, from 1 to 5?
answers-move-one-by-one = I move them one at a time. Which one first?
answers-cancel-one-by-one = Cancelling these costs something, so I shall ask about each. Which one first?
remind-whether-off = Shall I cancel “{ $booking }”?
answers-no-such-day = There is no such day in the calendar. Which day would you like?
answers-price-of-this = { $what }: { $price }.

"""What messaging does: takes in, answers, sends, reminds."""

"""What every module needs and what has no salon words in it."""

"""What clients say about a visit."""

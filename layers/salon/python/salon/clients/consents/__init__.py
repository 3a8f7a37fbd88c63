"""What clients have agreed to, and what they took back."""

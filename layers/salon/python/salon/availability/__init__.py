"""Working time, the slots made from it, and who or what is busy when."""

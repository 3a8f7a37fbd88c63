"""What is sold, where and by whom: locations, staff, services, skills and versioned prices."""

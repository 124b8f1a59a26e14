"""What people ask for, and what is decided about it."""

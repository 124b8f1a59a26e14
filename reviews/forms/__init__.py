"""What is typed about access reviews."""

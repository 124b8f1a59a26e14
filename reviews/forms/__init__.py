"""What is typed into the pages of access reviews."""

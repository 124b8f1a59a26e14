"""Reads: who is active, who decides, what the pages show, what is due."""

"""The history: what happened, told once, never rewritten."""

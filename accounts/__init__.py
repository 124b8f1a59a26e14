"""People and groups, how they sign in, and how surely they are known."""

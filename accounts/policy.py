"""How long a second factor counts."""

from datetime import timedelta

# The window in which a shown second factor counts as fresh, where nothing says otherwise.
PROOF_WINDOW = timedelta(minutes=10)

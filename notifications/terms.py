"""What somebody can choose about the emails to them. Pure."""

from django.db.models import TextChoices


class Pace(TextChoices):
    """When somebody gets what only informs them. What needs them, is theirs or is urgent always comes at once."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "In a daily digest"
    DECISIONS = "decisions", "Not at all: only what needs me or is mine"

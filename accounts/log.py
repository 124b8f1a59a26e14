"""What the history is told about a person."""

from accounts.models import User
from audit.events import About


def about(user: User) -> About:
    """An event about this person alone."""
    return About(person_id=user.pk, person_name=user.name)

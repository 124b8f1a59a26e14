"""The emails about getting in."""

from accounts.act import Act
from accounts.models import OneTimeCode
from notifications.operations.outbox import Letter, post


def invited(act: Act, code: OneTimeCode, *, token: str) -> None:
    """To the person invited: the link that lets them choose a password."""
    letter = Letter(
        template="invitation",
        key=f"invitation:{code.pk}",
        facts={"inviter_name": act.actor_name, "expires_at": code.expires_at},
        path=f"/invitation/{token}/",
        path_is_secret=True,
    )
    post(letter, to=code.user, why="an administrator invited you", at=act.at)

"""The emails about getting in, being away, and what was held back."""

from collections.abc import Sequence

from accounts.act import Act
from accounts.models import Absence, OneTimeCode, User
from notifications.models import Email
from notifications.operations.outbox import Letter, post

MOST_ROWS = 500
"""How many emails one digest lists."""


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


def tested(act: Act) -> None:
    """To the actor: emails arrive."""
    letter = Letter(
        template="test_email", key=f"test:{act.at.isoformat()}", facts={"asked_at": act.at}, path="/emails/"
    )
    post(letter, to=act.person, why="you asked for a test email", at=act.at)


def deputy_named(act: Act, absence: Absence) -> None:
    """To the deputy; and to whoever is away, if somebody else said so."""
    facts = {
        "person_name": absence.user.name,
        "deputy_name": absence.deputy.name,
        "actor_name": act.actor_name,
        "start_at": absence.start_at,
        "end_at": absence.end_at,
    }
    theirs = Letter(template="you_are_deputy", key=f"deputy:{absence.pk}", facts=facts, path="/approvals/")
    post(theirs, to=absence.deputy, why=f"{absence.user.name} is away and you are their deputy", at=act.at)
    if act.actor != absence.user:
        mine = Letter(template="you_have_a_deputy", key=f"absence:{absence.pk}", facts=facts, path="/absence/")
        post(mine, to=absence.user, why="you are away for that time", at=act.at)


def deputy_released(act: Act, absence: Absence) -> None:
    """To the deputy: they need not stand in any longer."""
    facts = {"person_name": absence.user.name, "actor_name": act.actor_name, "end_at": absence.end_at}
    letter = Letter(template="deputy_released", key=f"deputy_released:{absence.pk}", facts=facts, path="/approvals/")
    post(letter, to=absence.deputy, why=f"you were the deputy of {absence.user.name}", at=act.at)


def daily_digest(act: Act, user: User, held: Sequence[Email]) -> None:
    """To the person: everything that was held back, in one."""
    rows = [
        {
            "subject": email.subject.removeprefix("PIM: "),
            "told_at": email.promised_at,
            "path": email.path,
            "because": email.facts.get("because") or email.facts.get("justification") or "",
        }
        for email in held
    ]
    facts = {"count": len(rows), "rows": rows[:MOST_ROWS], "more": max(len(rows) - MOST_ROWS, 0)}
    letter = Letter(template="daily_digest", key=f"daily_digest:{held[0].pk}", facts=facts, path="/notifications/")
    post(letter, to=user, why="you chose to get what only informs you in one email a day", at=act.at)

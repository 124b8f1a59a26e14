"""The emails to administrators, whatever a role's settings say: alarms, and the week's numbers."""

from datetime import datetime

from accounts.act import Act
from accounts.models import EmergencyUse, User
from notifications.operations.outbox import Letter, post
from roles.email.telling import ADMINISTERS, WATCHES
from roles.models import Role
from roles.queries import people
from roles.queries.weekly import Numbers


def break_glass_made(act: Act, user: User) -> None:
    """To all administrators but the account itself, whatever settings say: there is one more for emergencies."""
    facts = {"person_name": user.name, "person_email": user.email}
    letter = Letter(template="break_glass_made", key=f"break_glass_made:{user.pk}", facts=facts, path="/break-glass/")
    _tell_administrators(act, letter, but=user.pk)


def break_glass_used(act: Act, use: EmergencyUse) -> None:
    """To all administrators but the account itself: it signed in, and somebody has to say what that was."""
    facts = {
        "person_name": use.user.name,
        "person_email": use.user.email,
        "signed_in_at": use.signed_in_at,
        "address": use.ip or "an unknown address",
    }
    letter = Letter(template="break_glass_used", key=f"break_glass_used:{use.pk}", facts=facts, path="/break-glass/")
    _tell_administrators(act, letter, but=use.user_id)


def _tell_administrators(act: Act, letter: Letter, *, but: int | None = None) -> None:
    for administrator in people.administrators(act.at):
        if administrator.pk != but:
            post(letter, to=administrator, why=ADMINISTERS, at=act.at)


def break_glass_untested(act: Act, user: User, *, due_at: datetime, round_: int) -> None:
    """To all administrators: nobody has tested this account in time. One email for each round of 90 days."""
    facts = {"person_name": user.name, "person_email": user.email, "due_at": due_at}
    key = f"break_glass_untested:{user.pk}:{due_at:%Y%m%d}:{round_}"
    letter = Letter(template="break_glass_untested", key=key, facts=facts, path="/break-glass/")
    _tell_administrators(act, letter)


def settings_weakened(act: Act, role: Role, version: int, changes: list[dict[str, str]], weaker: list[str]) -> None:
    """To every administrator, whoever made the change and whatever the role's own notification settings say."""
    facts = {
        "role_name": role.name,
        "scope_name": role.resource.name,
        "actor_name": act.actor_name,
        "changed_at": act.at,
        "changes": [{**change, "is_weaker": change["what"] in weaker} for change in changes],
        "count": len(weaker),
    }
    key = f"settings_weakened:{role.pk}:{version}"
    letter = Letter(template="settings_weakened", key=key, facts=facts, path=f"/roles/{role.pk}/")
    for person in people.administrators(act.at) if weaker else ():
        post(letter, to=person, why=ADMINISTERS, at=act.at)


def weekly_digest(act: Act, told: Numbers) -> None:
    """To every administrator and Security Administrator who has not switched it off: the numbers of a week."""
    facts = {
        "week_name": told.week.name,
        "begins_on": f"{told.week.begins_on:%d %b}".lstrip("0"),
        "ends_on": f"{told.week.ends_on:%d %b %Y}".lstrip("0"),
        "activations": told.activations,
        "activated_by": told.activated_by,
        "made_permanent": told.made_permanent,
        "assigned": told.assigned,
        "made_eligible": told.made_eligible,
        "made_active": told.made_active,
        "top": [
            {"role_name": one.role.name, "scope_name": one.role.resource.name, "people": one.people} for one in told.top
        ],
    }
    key = f"weekly_digest:{told.week.name}"
    letter = Letter(template="weekly_digest", key=key, facts=facts, path=f"/digest/?week={told.week.name}")
    for person in people.watchers(act.at):
        if person.wants_weekly_digest:
            post(letter, to=person, why=WATCHES, at=act.at)

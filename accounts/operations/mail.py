"""What somebody gets by email, and when."""

from django.db import transaction

from accounts import email
from accounts.act import Act
from accounts.events import EmailsChosen
from accounts.log import about
from accounts.models import User
from accounts.policy import morning
from audit.log import record
from kernel.refusal import Refusal, Refused
from notifications.operations import digest
from notifications.operations.silence import silence
from notifications.terms import Pace


@transaction.atomic
def choose(act: Act, *, pace: str, wants_weekly_digest: bool) -> None:
    """When the actor gets what only informs them, and whether the week's numbers. Other than daily: what was held back
    is sent now, in one email."""
    if pace not in Pace:
        raise Refused(Refusal("pace", "Choose one of the three.", "pace"))
    user = User.objects.select_for_update(no_key=True).get(pk=act.person.pk)
    old_pace, had_weekly = user.email_pace, user.wants_weekly_digest
    if (old_pace, had_weekly) == (pace, wants_weekly_digest):
        return
    user.email_pace, user.wants_weekly_digest = pace, wants_weekly_digest
    user.save(update_fields=["email_pace", "wants_weekly_digest"])
    event = EmailsChosen(old_pace=old_pace, pace=pace, wants_weekly_digest=wants_weekly_digest)
    record(act, event, about=about(user))
    if pace != Pace.DAILY and (held := digest.take(user.pk, at=act.at)):
        email.daily_digest(act, user, held)


@transaction.atomic
def send_daily_digest(act: Act, user_id: int) -> None:
    """Tell a person what was held back before their last morning, once, however many workers look. Harmless if there
    is nothing."""
    user = User.objects.get(pk=user_id)
    if not user.is_enabled:
        # Promised by somebody who did not know yet.
        silence(user.pk, at=act.at)
    elif held := digest.take(user.pk, at=act.at, before=morning(user.time_zone, act.at)):
        email.daily_digest(act, user, held)

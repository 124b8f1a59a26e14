"""How something that is over came to its end: by its time, by somebody, or with what it stood on."""

from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from accounts.act import Act
from kernel.refusal import Refusal
from roles.models import Assignment, Eligibility, displacing


def ended_at(grant: Eligibility | Assignment, at: datetime) -> datetime:
    """When a grant that is over ended: at its end; a kept one when somebody else had the role for longer."""
    end_at = grant.end_at or at
    if str(grant.role.template_id) not in grant.KEPT_FOR:
        return end_at
    return max(end_at, displacing(grant.role, end_at, at).aggregate(first=Min("start_at"))["first"] or end_at)


def ended_already(act: Act, grant: Eligibility | Assignment) -> Refusal:
    """What became of a grant that is over, by whom and when: somebody, or time, was faster.

    Who ended it is read here: read along with a row one had to wait for, it would be as it was before.
    """
    if grant.removed_at is None:
        sentence = f"{grant.role} ended by itself at {clock_words(ended_at(grant, act.at), act.at)}."
    else:
        ender = "The portal" if grant.removed_by is None else grant.removed_by.name
        who = "You" if grant.removed_by is not None and grant.removed_by == act.actor else ender
        sentence = f"{who} ended this at {clock_words(grant.removed_at, act.at)} already: {grant}."
    return Refusal("over", sentence, is_conflict=True)


def clock_words(moment: datetime, now: datetime) -> str:
    """A moment in a sentence, in the reader's zone: the time, and the day where it is not today's."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localtime(now).date()
    day = "" if is_today else f" on {local.day} {local:%b %Y}"
    return f"{local:%H:%M} {local.tzname()}{day}"

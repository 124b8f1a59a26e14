"""What one line holds is taken away by the operations that administrators use: the guard of the last administrator, the
emails, the history and what was activated are theirs."""

from datetime import datetime

from accounts.act import Act
from accounts.models import Membership, User
from kernel.refusal import Refused
from reviews import email
from reviews.models import Review, ReviewedGrant, ReviewItem
from reviews.terms import Applied, Silence, Verdict
from roles.models import Assignment, Eligibility
from roles.operations import departures, grants
from roles.operations.activation import lock_people, makes_member
from roles.operations.guard import lock_administrators

GONE = {"over"}
"""What is refused so, is not there any more to be taken away."""


def take_all(act: Act, item: ReviewItem) -> Applied:
    """End all that a line holds, or nothing. Raises `Refused`. Needs a transaction in which the line is locked."""
    because = _because(item)
    _keep_still(item)
    taken = [_take(act, item, one, because) for one in item.held.all()]
    return Applied.REMOVED if any(taken) else Applied.GONE


def _keep_still(item: ReviewItem) -> None:
    """Where somebody may leave a group, lock them before anything they hold, in the order in which `departures` does;
    nobody takes them out, or puts them back, before we are done."""
    role = item.review.series.role
    if item.user and (role is None or makes_member(role)):
        lock_administrators()
        lock_people(item.user.pk)


def _take(act: Act, item: ReviewItem, held: ReviewedGrant, because: str) -> bool:
    """End one thing; False where it is over already."""
    if item.review.series.group and item.user and held.member_since:
        return _take_out(act, item.review, item.user, held.member_since, because)
    grant = held.eligibility or held.assignment
    while grant is not None:
        if _remove(act, grant, because):
            return True
        # Made active, or eligible, meanwhile: it is the same access. Asked now, when nobody can do so any more.
        grant = type(grant).objects.select_related("converted_to__role").get(pk=grant.pk).converted_to
    return False


def _remove(act: Act, grant: Eligibility | Assignment, because: str) -> bool:
    try:
        if isinstance(grant, Eligibility):
            grants.remove_eligibility(act, grant, because=because)
        else:
            grants.remove_assignment(act, grant, because=because)
    except Refused as refused:
        if set(refused.codes) != GONE:
            raise
        return False
    return True


def _take_out(act: Act, review: Review, user: User, since: datetime, because: str) -> bool:
    """Take somebody out of the group, unless they were put into it anew since."""
    membership = Membership.objects.filter(group=review.series.group, user=user, added_at=since)
    if not (found := membership.select_related("group").first()):
        return False
    departures.leave_group(act, found.group, user, because=because)
    email.taken_out(act, review, user, because=because)
    return True


def _because(item: ReviewItem) -> str:
    """What the holder reads, and the history keeps."""
    if item.verdict == Verdict.DENY and item.decided_by is not None:
        why = f"denied by {item.decided_by.name}"
        why += f": {item.reason.strip()}" if item.reason.strip() else ""
    elif item.review.if_silent == Silence.RECOMMENDED:
        why = f"nobody answered, and the recommendation was to deny: {item.recommended_because}"
    else:
        why = "nobody answered"
    return f"Access review “{item.review.name}”: {why}"

"""The last administrator stays: `docs/decisions/0009-the-last-administrator.md`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone

from accounts.act import Act
from kernel.refusal import Refusal, Refused
from roles.models import Assignment, Eligibility, Role, RolePolicy
from roles.powers import ADMINISTRATORS
from roles.queries.people import holders, standing_holders

Question = Callable[[Role, datetime], bool]


@contextmanager
def administrators_stay(act: Act, *, of: Role | None = None) -> Iterator[None]:
    """Refuse what is done inside if it would leave a role of administrators without its last holder.

    That is the last who has it without activating it, and the last who has it at all. Name the role, if what is done
    is about one: nothing is asked, and nobody waits, if it is another one. Needs a transaction, which the refusal
    rolls back.
    """
    with _stays(act, of, LAST_STANDING, LAST_ACTIVE):
        yield


@contextmanager
def somebody_stays(act: Act, *, of: Role) -> Iterator[None]:
    """For eligibilities: refuse what would leave nobody who has the role or may activate it, either."""
    with _stays(act, of, LAST_STANDING, LAST_ACTIVE, LAST_OF_ALL):
        yield


@contextmanager
def _stays(act: Act, of: Role | None, *rules: tuple[Question, str]) -> Iterator[None]:
    if of is not None and str(of.template_id) not in ADMINISTRATORS:
        yield
        return
    lock_administrators()
    roles = list(Role.objects.filter(template_id__in=ADMINISTRATORS))
    held = [(role, question, sentence) for role in roles for question, sentence in rules if question(role, act.at)]
    yield
    lost = {role: sentence for role, question, sentence in reversed(held) if not question(role, act.at)}
    if lost:
        raise Refused(*(Refusal("last_administrator", sentence.format(role)) for role, sentence in lost.items()))


def lock_administrators() -> None:
    """One after the other: whoever comes second sees what the first one did. Comes before any other lock."""
    locked = RolePolicy.objects.select_for_update().filter(role__template_id__in=ADMINISTRATORS)
    list(locked.order_by("pk").values_list("pk"))


# What was removed does not count at any moment: two requests may be handled in another order than they came in.


def _stands(role: Role, at: datetime) -> bool:
    assigned = Assignment.objects.in_force(at).unnarrowed().filter(role=role, activated_from=None, removed_at=None)
    return standing_holders(assigned, at).exists()


def _is_active(role: Role, at: datetime) -> bool:
    return holders(Assignment.objects.in_force(at).unnarrowed().filter(role=role, removed_at=None), at).exists()


def _could_be_active(role: Role, at: datetime) -> bool:
    eligible = Eligibility.objects.in_force(at).unnarrowed().filter(role=role, removed_at=None)
    return _is_active(role, at) or holders(eligible, at).exists()


LAST_STANDING = _stands, "{0} would have no active holder left. Make somebody else a permanently active {0} first."
LAST_ACTIVE = _is_active, "Nobody would be active as {0} any more. Make somebody else an active {0} first."
LAST_OF_ALL = _could_be_active, "Nobody would be left who may be {0}. Make somebody else eligible or active first."


def only_active(act: Act, assignment: Assignment) -> list[Refusal]:
    """Why its holder cannot end an activation early: they are the only one active in a role of administrators."""
    role = assignment.role
    if str(role.template_id) not in ADMINISTRATORS or assignment.end_at is None or assignment.start_at > act.at:
        return []
    others = (
        Assignment.objects.in_force(act.at).unnarrowed().filter(role=role, removed_at=None).exclude(pk=assignment.pk)
    )
    if holders(others, act.at).exists():
        return []
    end = timezone.localtime(assignment.end_at)
    sentence = (
        f"You are the only active {role}. It ends by itself at {end:%H:%M} {end.tzname()}; "
        "to end it earlier, somebody else has to be active first."
    )
    return [Refusal("last_administrator", sentence)]

"""Whether somebody may activate at all, and when: what no setting decides."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accounts.act import Act, Proof
from accounts.models import User
from kernel.period import Period, earliest
from kernel.refusal import Refusal
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.policy import needs_fresh_proof
from roles.models import Assignment, Eligibility, Resource
from roles.queries import access, memberships
from roles.terms import ActivationTerms, SecondFactor


def standing(act: Act, eligibility: Eligibility, user: User) -> list[Refusal]:
    """Why this person cannot activate from this eligibility at this moment, whatever they ask for."""
    held = Eligibility.objects.of(user, act.at).in_force(act.at).filter(pk=eligibility.pk, role__retired_at=None)
    # What was removed does not count at any moment: this act may have begun first and come second.
    if not held.filter(removed_at=None).exists():
        sentence = "The eligibility for this role has ended, so it cannot be activated."
        return [Refusal("not_eligible", sentence, is_conflict=True)]
    return []


def why_lapsed(role_request: RoleRequest, at: datetime) -> str:
    """What took the asker's standing from a pending request, in words that end a sentence."""
    user, eligibility = role_request.user, role_request.eligibility
    if not user.is_enabled:
        return f"the account of {user.name} is disabled"
    if role_request.role.retired_at:
        return "the role is no longer in use"
    if role_request.extends and role_request.extends.is_over(at):
        return "the activation has ended meanwhile"
    if eligibility.is_over(at):
        return f"the eligibility of {eligibility.holder.name} was removed or has ended"
    return f"{user.name} is no longer in the group {eligibility.holder.name}"


def stands_until(eligibility: Eligibility, user: User, at: datetime) -> datetime | None:
    """When the eligibility ends for this person: by itself, or with their time in the group. None: it does not."""
    stays_until = memberships.until(user, at).get(eligibility.group_id, at) if eligibility.group_id else None
    return earliest(eligibility.ends_at(at), stays_until)


def out_of_scope(eligibility: Eligibility, scope: Resource) -> list[Refusal]:
    """Whether one asks for more than one may have: elsewhere than at the eligibility's scope or below."""
    if eligibility.scope in access.lineage(scope):
        return []
    return [Refusal("scope", f"Choose {eligibility.scope}, or something below it.", "scope")]


def not_running(act: Act, assignment: Assignment) -> list[Refusal]:
    """Why this activation cannot be made to last longer: it has not begun, or is over, told or not."""
    if assignment.is_over(act.at) or assignment.end_told_at:
        sentence = "The activation has ended meanwhile, so it cannot be extended; ask for a new one."
        return [Refusal("over", sentence, is_conflict=True)]
    if assignment.start_at > act.at:
        return [Refusal("not_begun", "Only a running activation can be extended; this one has not begun.")]
    return []


def period_in_the_way(
    act: Act,
    eligibility: Eligibility,
    user: User,
    period: Period,
    scope: Resource,
    *,
    extending: Assignment | None = None,
) -> list[Refusal]:
    """Whether the eligibility ends before the period wanted, or the same role is active there, or will be, in it;
    what is to last longer is not in its own way."""
    until = stands_until(eligibility, user, act.at)
    if until is not None and period.start >= until:
        sentence = "The eligibility for this role ends before that start. Choose an earlier one."
        return [Refusal("after_eligibility", sentence, "start_at")]
    others = Assignment.objects.filter(role=eligibility.role, scope=scope, user=user, end_at__gt=period.start)
    if extending:
        others = others.exclude(pk=extending.pk)
    activations = others.exclude(activated_from=None).filter(start_at__lt=period.end or until)
    lapsed = Q(start_at__lte=period.start) & ~Q(pk__in=Assignment.objects.in_force(period.start))
    if not activations.not_over(period.start).exclude(lapsed).exists():
        return []
    sentence = f"{eligibility.role} is active, or will be, in that time. Deactivate it first, or choose another start."
    return [Refusal("active_already", sentence, "start_at", is_conflict=True)]


def sent_already(act: Act, eligibility: Eligibility, form_key: UUID | None) -> RoleRequest | None:
    """What came of this form if it was sent before, a moment ago: it still waits, or what it got is not over."""
    if form_key is None:
        return None
    found = RoleRequest.objects.filter(form_key=form_key, user=act.person, eligibility=eligibility).first()
    if found is None:
        return None
    granted = found.granted
    return found if found.status == Status.PENDING or (granted and not granted.is_over(act.at)) else None


def is_spent(proof: Proof, user: User) -> bool:
    """Whether this person has asked for something with that proof already."""
    shown = RoleRequest.objects.filter(user=user, proof_at=proof.at)
    return shown.filter(proof_method=proof.method, proof_device=proof.device).exists()


def lacks_proof(terms: ActivationTerms, act: Act) -> bool:
    """Whether a second factor has to be shown before going on: again for each activation, where the role wants that."""
    if needs_fresh_proof(terms, act):
        return True
    return terms.second_factor is SecondFactor.FRESH and act.proof is not None and is_spent(act.proof, act.person)


def proof_is_spent(terms: ActivationTerms, act: Act) -> list[Refusal]:
    """Why the proof, fresh as it may be, does not count for this activation."""
    if needs_fresh_proof(terms, act) or not lacks_proof(terms, act):
        return []
    sentence = "This role asks for your second factor anew on every activation: show it once more, then send again."
    return [Refusal("second_factor_spent", sentence)]

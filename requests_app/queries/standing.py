"""Whether somebody may activate at all, and when: what no setting decides."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, prefetch_related_objects

from accounts.act import Act, Proof
from accounts.models import User
from kernel.period import Period, earliest
from kernel.refusal import Refusal
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.policy import needs_fresh_proof
from roles.models import Assignment, Eligibility, Resource
from roles.policy import SHORTEST_ASSIGNMENT
from roles.queries import access, memberships
from roles.queries.deciders import Panel, panels_of_many, stranded
from roles.queries.endings import clock_words, ended_already
from roles.terms import ActivationTerms, SecondFactor


def standing(act: Act, eligibility: Eligibility, user: User) -> list[Refusal]:
    """Why this person cannot activate from this eligibility at this moment, whatever they ask for."""
    held = Eligibility.objects.of(user, act.at).in_force(act.at).filter(pk=eligibility.pk, role__retired_at=None)
    # What was removed does not count at any moment: this act may have begun first and come second.
    if not held.filter(removed_at=None).exists():
        sentence = "The eligibility for this role has ended, so it cannot be activated."
        if eligibility.is_over(act.at):
            sentence += f" {ended_already(act, eligibility).sentence}"
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
    found = activations.not_over(period.start).exclude(lapsed).order_by("-end_at").first()
    if found is None or found.end_at is None:
        return []
    starts = f"will be active from {clock_words(found.start_at, act.at)}" if found.start_at > act.at else "is active"
    sentence = f"{eligibility.role} {starts} until {clock_words(found.end_at, act.at)}."
    advice = "Call it off first, or extend for less." if extending else "Deactivate it first, or choose another start."
    return [Refusal("active_already", f"{sentence} {advice}", "start_at", is_conflict=True)]


def pending_already(act: Act, eligibility: Eligibility, scope: Resource) -> list[Refusal]:
    """Whether this person has asked for the same already, and it still waits."""
    pending = RoleRequest.objects.filter(user=act.person, role=eligibility.role, scope=scope)
    found = pending.undecided(act.at).standing(act.at).first()
    if found is None:
        return []
    asked = clock_words(found.asked_at, act.at)
    sentence = f"You asked for this role at {asked} already; request {found.pk} waits for approval."
    return [Refusal("pending", sentence, is_conflict=True)]


def nobody_to_ask(act: Act, eligibility: Eligibility) -> list[Refusal]:
    """Whether too few others could approve, stage by stage; none where nobody has to."""
    return too_few(stages_of([eligibility], act.at)[eligibility.pk], act.person)


def stages_of(eligibilities: Sequence[Eligibility], at: datetime) -> dict[int, tuple[Panel, ...]]:
    """Who decides on activating each of these, by their numbers; no stage where nobody has to. As many queries for
    many as for one."""
    asking = [one for one in eligibilities if one.role.policy.needs_approval]
    prefetch_related_objects(asking, "role__policy__approvers__user", "role__policy__approvers__group")
    found = panels_of_many([one.role.policy.settings().approval for one in asking], at)
    return dict.fromkeys((one.pk for one in eligibilities), ()) | {
        one.pk: stages for one, stages in zip(asking, found, strict=True)
    }


def too_few(stages: tuple[Panel, ...], user: User) -> list[Refusal]:
    """Whether these stages have too few people for somebody who asks."""
    if not stranded(stages, [user]):
        return []
    if not all(panel.for_(user) for panel in stages):
        sentence = "Nobody else can approve this role now. Ask an administrator to name an approver."
    else:
        sentence = "Too few others can approve this role now. Ask an administrator to name more approvers."
    return [Refusal("nobody", sentence)]


def foreseen(act: Act, eligibility: Eligibility, places: Sequence[Resource]) -> list[Refusal]:
    """What would be refused whatever one types: the rules of asking, asked for the least one could ask for.

    Where there are several places, one that is taken leaves the others.
    """
    return standing(act, eligibility, act.person) or nobody_to_ask(act, eligibility) or _taken(act, eligibility, places)


def foreseen_of_each(
    act: Act,
    wanted: Sequence[tuple[Eligibility, Sequence[Resource]]],
    stages: Mapping[int, tuple[Panel, ...]],
) -> dict[int, list[Refusal]]:
    """The same for many, by their numbers, given who decides on each. Three queries find what nothing stands in the
    way of; only what something may stand in the way of is asked about one by one."""
    eligibilities = [eligibility for eligibility, _places in wanted]
    mine = Eligibility.objects.of(act.person, act.at).in_force(act.at).filter(role__retired_at=None, removed_at=None)
    held = set(mine.filter(pk__in=[one.pk for one in eligibilities]).values_list("pk", flat=True))
    busy, found = _busy(act, eligibilities), {}
    for one, places in wanted:
        refusals = too_few(stages[one.pk], act.person) if one.pk in held else standing(act, one, act.person)
        found[one.pk] = refusals or (_taken(act, one, places) if one.role_id in busy else [])
    return found


def _busy(act: Act, eligibilities: Sequence[Eligibility]) -> set[int]:
    """Of the roles of these, those the person has asked for, or activated, somewhere."""
    roles = {one.role_id for one in eligibilities}
    asked = RoleRequest.objects.filter(user=act.person, role__in=roles).undecided(act.at)
    activated = Assignment.objects.filter(user=act.person, role__in=roles, end_at__gt=act.at)
    return {
        *asked.values_list("role", flat=True),
        *activated.exclude(activated_from=None).values_list("role", flat=True),
    }


def _taken(act: Act, eligibility: Eligibility, places: Sequence[Resource]) -> list[Refusal]:
    refusals: list[Refusal] = []
    least = Period(act.at, act.at + SHORTEST_ASSIGNMENT)
    for place in places:
        refusals = pending_already(act, eligibility, place)
        refusals = refusals or period_in_the_way(act, eligibility, act.person, least, place)
        if not refusals:
            return []
    return refusals


def sent_already(act: Act, eligibility: Eligibility, form_key: UUID | None) -> RoleRequest | None:
    """What came of this form if it was sent before, a moment ago: it still waits, or what it got is not over."""
    if form_key is None:
        return None
    found = RoleRequest.objects.filter(form_key=form_key, user=act.person, eligibility=eligibility).first()
    if found is None:
        return None
    granted = found.granted
    return found if found.status == Status.PENDING or (granted and not granted.is_over(act.at)) else None


def is_spent(proof: Proof, user: User, basket: UUID | None = None) -> bool:
    """Whether this person has asked for something with that proof already, other than in the same basket."""
    shown = RoleRequest.objects.filter(user=user, proof_at=proof.at)
    if basket is not None:
        shown = shown.exclude(basket=basket)
    return shown.filter(proof_method=proof.method, proof_device=proof.device).exists()


def lacks_proof(terms: ActivationTerms, act: Act, basket: UUID | None = None) -> bool:
    """Whether a second factor has to be shown before going on: again for each activation, where the role wants that,
    but once for what is asked for together."""
    return lacks_any_proof([terms], act, basket)


def lacks_any_proof(together: Sequence[ActivationTerms], act: Act, basket: UUID | None = None) -> bool:
    """Whether at least one of these wants it; one query at most."""
    if any(needs_fresh_proof(terms, act) for terms in together):
        return True
    wants_fresh = any(terms.second_factor is SecondFactor.FRESH for terms in together)
    return wants_fresh and act.proof is not None and is_spent(act.proof, act.person, basket)


def proof_is_spent(terms: ActivationTerms, act: Act, basket: UUID | None = None) -> list[Refusal]:
    """Why the proof, fresh as it may be, does not count for this activation."""
    if needs_fresh_proof(terms, act) or not lacks_proof(terms, act, basket):
        return []
    sentence = "This role asks for your second factor anew on every activation: show it once more, then send again."
    return [Refusal("second_factor_spent", sentence)]

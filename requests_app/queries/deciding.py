"""Where deciding on a request stands under today's settings: which stage is open, and who may decide in it.

`inbox` answers for one person and many requests with one query, `turn_of` for one request and everybody; a test holds
the two to each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import User
from kernel.powers import Power
from requests_app.models import Decision, RoleRequest, RoleRequestQuerySet
from requests_app.policy import is_complete, open_stage
from roles.models import Approver, Assignment, RolePolicy
from roles.policy import enough
from roles.powers import ADMINISTRATORS
from roles.queries.absences import Seat, away, seats_of
from roles.queries.access import powers_of
from roles.queries.deciders import Panel, deciders, escalation_panel, panels
from roles.queries.people import groups_of
from roles.terms import ApprovalTerms


@dataclass(frozen=True)
class Turn:
    """Whose turn it is."""

    terms: ApprovalTerms
    # The places of those who may decide in each stage, with those asked on escalation once it came to that.
    seats: tuple[tuple[Seat, ...], ...]
    decisions: tuple[Decision, ...]
    is_escalated: bool

    @property
    def panels(self) -> tuple[tuple[User, ...], ...]:
        """Who may decide in each stage, or has; never the asker."""
        return tuple(tuple(deciders(seats)) for seats in self.seats)

    @property
    def quorums(self) -> list[int]:
        """How many have to approve in each stage."""
        return [stage.quorum for stage in self.terms.stages]

    @property
    def approved(self) -> list[int]:
        """The stages of the approvals there are."""
        return [one.stage for one in self.decisions if one.verdict == Decision.Verdict.APPROVE]

    @property
    def stage(self) -> int:
        """The open stage."""
        return open_stage(self.quorums, self.approved)

    @property
    def quorum(self) -> int:
        """How many have to approve in it."""
        return self.quorums[self.stage - 1]

    @property
    def approvals(self) -> int:
        """How many have."""
        return self.approved.count(self.stage)

    @property
    def deciders(self) -> list[User]:
        """Who may decide now and has not."""
        return self._left(self.stage)

    @property
    def progress(self) -> str:
        """How far it is, in words; empty where one approval is all there is to it."""
        if self.quorums == [1]:
            return ""
        counted = f"{self.approvals} of {self.quorum} approvals" if self.quorum > 1 else "1 approval needed"
        return f"Stage {self.stage} of {len(self.quorums)}: {counted}" if len(self.quorums) > 1 else counted

    def is_settled_by_one_more(self) -> bool:
        """Whether the next approval is the last one needed."""
        return is_complete(self.quorums, [*self.approved, self.stage])

    def is_needed_later(self, person: User) -> bool:
        """Whether the stages to come find enough people now, but not if this person approves in the open one."""
        return self._can_be_met() and not self._can_be_met(person)

    def stands_in(self) -> list[Seat]:
        """The places in the open stage where somebody decides for somebody else."""
        return [seat for seat in self._free(self.stage) if seat.decider not in (None, seat.holder)]

    def in_whose_stead(self, person: User) -> User | None:
        """For whom somebody decides in the open stage; None if for themself."""
        theirs = [seat for seat in self._free(self.stage) if seat.decider == person]
        own = any(seat.holder == person for seat in theirs)
        return None if own or not theirs else theirs[0].holder

    def absence_of(self, person: User) -> Seat | None:
        """Their place in any stage, if they are away."""
        all_of_them = (seat for seats in self.seats for seat in seats)
        return next((seat for seat in all_of_them if seat.holder == person and seat.until is not None), None)

    def can_be_met(self) -> bool:
        """Whether the open stage and those to come find enough people."""
        return self._can_be_met()

    def _free(self, stage: int) -> list[Seat]:
        """Places from which nobody has decided. Who has decided once does not again, wherever they sit."""
        acted = {one.approver_id for one in self.decisions}
        used = acted | {one.deputy_for_id for one in self.decisions}
        return [
            seat
            for seat in self.seats[stage - 1]
            if seat.holder.pk not in used and seat.decider is not None and seat.decider.pk not in acted
        ]

    def _left(self, stage: int) -> list[User]:
        return deciders(self._free(stage))

    def _can_be_met(self, approving: User | None = None) -> bool:
        approved = [*self.approved, self.stage] if approving else self.approved
        later = range(self.stage, len(self.quorums) + 1)
        people = [{person.pk for person in self._left(stage) if person != approving} for stage in later]
        return enough(people, [max(0, self.quorums[stage - 1] - approved.count(stage)) for stage in later])


def turn_of(role_request: RoleRequest, at: datetime) -> Turn:
    """Whose turn it is to decide on a request, under the settings as they are now."""
    terms, absent = approval_terms(role_request.role_id), away(at)
    stages, as_well = panels(terms, at, absent), escalation_panel(terms, at, absent)
    decisions = role_request.decisions.select_related("approver", "deputy_for")
    return turn_under(terms, stages, as_well, role_request, at, list(decisions))


def turn_under(
    terms: ApprovalTerms,
    stages: Sequence[Panel],
    as_well: Panel,
    role_request: RoleRequest,
    at: datetime,
    decisions: Sequence[Decision],
) -> Turn:
    """The same, where the role's terms and panels, and the decisions, were read for many requests."""
    is_escalated = terms.escalation_after is not None and role_request.asked_at + terms.escalation_after <= at
    asked_as_well = as_well.seats(role_request.user) if is_escalated else []
    return Turn(
        terms=terms,
        seats=tuple(_joined(panel.seats(role_request.user), asked_as_well) for panel in stages),
        decisions=tuple(decisions),
        is_escalated=is_escalated,
    )


def _joined(seats: Sequence[Seat], asked_as_well: Sequence[Seat]) -> tuple[Seat, ...]:
    holders = {seat.holder for seat in seats}
    return (*seats, *(seat for seat in asked_as_well if seat.holder not in holders))


def approval_terms(role_id: int) -> ApprovalTerms:
    """How activations of a role are decided, as it stands in the database."""
    policies = RolePolicy.objects.prefetch_related("approvers__user", "approvers__group")
    return policies.get(role=role_id).settings().approval


def inbox(user: User, *, at: datetime) -> RoleRequestQuerySet:
    """What waits for this person's decision, oldest first: a place in the open stage is theirs, or that of somebody
    whose deputy they are, and nobody has decided from it."""
    if user.is_break_glass or not user.is_enabled:
        return RoleRequest.objects.none()
    mine = Q(pk__in=[])
    for holder in seats_of(user, at):
        mine |= _waits_for(holder, at)
    undecided = RoleRequest.objects.undecided(at).standing(at).exclude(user=user)
    undecided = _with_open_stage(undecided).with_escalation().exclude(decisions__approver=user)
    return undecided.filter(mine).with_names().order_by("asked_at", "pk")


def _waits_for(holder: User, at: datetime) -> Q:
    """Of requests: whether they wait for a decision from this person's place."""
    in_stage = Approver.objects.filter(policy__role=OuterRef("role"), step=OuterRef("open_stage"))
    on_escalation = Approver.objects.filter(policy__role=OuterRef("role"), step=Approver.Step.ESCALATION)
    waits = _names(in_stage, holder, at) | (Q(escalates_at__lte=at) & _names(on_escalation, holder, at))
    if is_administrator(holder, at=at):
        waits |= Q(~Exists(in_stage))
    decided = Decision.objects.filter(Q(approver=holder) | Q(deputy_for=holder), role_request=OuterRef("pk"))
    return waits & ~Q(user=holder) & ~Q(Exists(decided))


def _names(approvers: "QuerySet[Approver]", user: User, at: datetime) -> Q:
    """Of requests: whether these approvers name the person, directly, through a group, or as the asker's manager."""
    directly = approvers.filter(Q(user=user) | Q(group__in=groups_of(user, at).values("pk")))
    return Q(Exists(directly)) | (Q(user__manager=user) & Q(Exists(approvers.filter(is_manager=True))))


def _with_open_stage(requests: RoleRequestQuerySet) -> RoleRequestQuerySet:
    """`policy.open_stage` as the database counts it."""
    policy = "role__policy__"
    return requests.annotate(approved_first=_approvals(1)).annotate(
        open_stage=Case(
            When(approved_first__lt=F(f"{policy}first_quorum"), then=Value(1)),
            When(**{f"{policy}second_quorum__gt": 0}, then=Value(2)),
            default=Value(1),
            output_field=IntegerField(),
        )
    )


def _approvals(stage: int) -> Coalesce:
    given = Decision.objects.filter(role_request=OuterRef("pk"), verdict=Decision.Verdict.APPROVE, stage=stage)
    counted = given.order_by().values("role_request").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), Value(0))


def is_administrator(user: User, *, at: datetime) -> bool:
    """Whether the person is active as Global or Privileged Role Administrator."""
    active = Assignment.objects.held_by(user, at).unnarrowed()
    return active.filter(role__template_id__in=ADMINISTRATORS).exists()


def visible(user: User, request_id: int, *, at: datetime) -> RoleRequest | None:
    """The request, if it is the person's own, theirs to decide in any stage or asked of them, or theirs to oversee."""
    role_request = RoleRequest.objects.with_names().filter(pk=request_id).first()
    if role_request is None:
        return None
    mine = role_request.user_id == user.pk
    asked = role_request.asked_approvers.filter(pk=user.pk).exists()
    if mine or asked or powers_of(user, at=at) & {Power.ROLES_READ, Power.AUDIT_READ}:
        return role_request
    turn = turn_of(role_request, at)
    decides = any(user in (seat.holder, seat.decider) for seats in turn.seats for seat in seats)
    decided = any(one.approver_id == user.pk for one in turn.decisions)
    return role_request if decides or decided else None

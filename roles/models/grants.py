"""Who may have a role, and who has it: eligibilities and assignments."""

from datetime import datetime
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from accounts.models import Group, Membership, User
from roles.models.resources import Resource, Role
from roles.models.selections import groups_of, kept
from roles.policy import Kind
from roles.powers import ADMINISTRATORS, GLOBAL_ADMINISTRATOR


def exactly_one_principal(name: str) -> models.CheckConstraint:
    """A user or a group, never both, never neither."""
    return models.CheckConstraint(
        name=name, condition=Q(user=None, group__isnull=False) | Q(user__isnull=False, group=None)
    )


def ends_no_earlier_than_it_starts(name: str) -> models.CheckConstraint:
    """A period that was taken back before it began is empty: its end is its start."""
    return models.CheckConstraint(name=name, condition=Q(end_at=None) | Q(end_at__gte=F("start_at")))


G = TypeVar("G", bound="Grant")


class GrantQuerySet(models.QuerySet[G]):
    """What eligibilities and assignments have in common: a holder and a period."""

    def of(self, user: User, at: datetime) -> Self:
        """Held by this person while enabled, directly or through a group they are in at that moment."""
        return self.filter(Q(user=user, user__is_enabled=True) | Q(group__in=groups_of(user, at)))

    def covering(self, at: datetime) -> Self:
        """Begun and not over."""
        return self.filter(Q(end_at=None) | Q(end_at__gt=at), start_at__lte=at)

    def unnarrowed(self) -> Self:
        """On all of the role's resource: what is held only below gives no power over the portal, and no membership."""
        return self.filter(scope=F("role__resource"))

    def begun(self, at: datetime) -> Self:
        """Covering that moment, or kept beyond their end."""
        return self._not_ended(at).filter(start_at__lte=at)

    def not_over(self, at: datetime) -> Self:
        """In force or still ahead."""
        return self._not_ended(at).exclude(end_at=F("start_at"))

    def to_be_ended(self, at: datetime) -> Self:
        """In force or still ahead, and nobody has ended them: an act that began later may have been faster."""
        return self.not_over(at).filter(removed_at=None)

    def over(self, at: datetime) -> Self:
        """Past their end, and not kept."""
        return self.filter(Q(end_at__lte=at) | Q(end_at=F("start_at"))).exclude(pk__in=self._kept(at))

    def kept(self, at: datetime) -> Self:
        """Past their end and still in force, because a role of administrators would be left without anybody.

        Once somebody else is assigned that role for longer, they are over, and stay so.
        """
        return self.filter(pk__in=self._kept(at))

    def with_kept(self, at: datetime) -> Self:
        """With `is_kept` on each, for pages that say so."""
        return self.annotate(is_kept=Case(When(pk__in=self._kept(at), then=Value(True)), default=Value(False)))

    def _not_ended(self, at: datetime) -> Self:
        """Not at its end, or kept beyond it."""
        return self.filter(Q(end_at=None) | Q(end_at__gt=at) | Q(pk__in=self._kept(at)))

    def _kept(self, at: datetime) -> RawSQL:
        return kept(self.model._meta.db_table, self.model.KEPT_FOR, at, only=self.model.KEPT_IF)


class EligibilityQuerySet(GrantQuerySet["Eligibility"]):
    """Who may activate what."""

    def in_force(self, at: datetime) -> Self:
        """Those from which one can activate at that moment."""
        return self.begun(at)

    def still_of(self, holder: str, at: datetime) -> Self:
        """Those held at that moment by whom the query outside of this one calls so, directly or through a group."""
        of_groups = OuterRef(OuterRef(holder))  # two queries out, as seen from the groups
        through = Q(group__in=_groups(of_groups)) | Q(group__in=_joined_groups(of_groups, at))
        return self.filter(Q(user=OuterRef(holder)) | through)


class AssignmentQuerySet(GrantQuerySet["Assignment"]):
    """Who has what."""

    def in_force(self, at: datetime) -> Self:
        """The only place that decides who is active: covered by its period, and, where it was activated, by an
        eligibility that still stands and is still the holder's."""
        return self.begun(at).standing(at)

    def standing(self, at: datetime) -> Self:
        """Those whose holder is enabled, and, where activated, still eligible at that moment; begun or not."""
        enabled = Q(user=None) | Q(user__is_enabled=True)
        return self.filter(enabled)._activated_from(Eligibility.objects.still_of("user", at), at)

    def held_by(self, user: User, at: datetime) -> Self:
        """What is in force and of this person: `of(user, at).in_force(at)`, asked more quickly."""
        groups = groups_of(user, at)
        mine = self.begun(at).filter(Q(user=user, user__is_enabled=True) | Q(group__in=groups))
        return mine._activated_from(Eligibility.objects.filter(Q(user=user) | Q(group__in=groups)), at)

    def with_warning(self) -> Self:
        """Activations, with the moment from which their holder is told that the end comes nearer; where they last
        longer than that."""
        before = F("end_at") - F("role__policy__warning_duration")
        warned = self.annotate(warns_at=ExpressionWrapper(before, output_field=models.DateTimeField()))
        return warned.exclude(activated_from=None).filter(removed_at=None, warns_at__gt=F("start_at"))

    def ending_soon(self, at: datetime) -> Self:
        """Activations within the time in which their holder is told, and still in force."""
        return self.with_warning().filter(warns_at__lte=at, end_at__gt=at).standing(at)

    def unwarned(self) -> Self:
        """Of those `with_warning`: whose holder was not told of this end yet."""
        return self.filter(Q(warned_at=None) | Q(warned_at__lt=F("warns_at")))

    def _activated_from(self, theirs: EligibilityQuerySet, at: datetime) -> Self:
        """Assigned, or activated from one of the holder's eligibilities that stands at that moment."""
        stands = Q(end_at=None) | Q(end_at__gt=at) | ACTIVATED_WHILE_KEPT
        source = theirs.filter(stands, start_at__lte=at, pk=OuterRef("activated_from"))
        return self.filter(Q(activated_from=None) | Exists(source))


# Of an eligibility, as seen from its activation: what was activated when only being kept made that possible, runs to
# its own end.
ACTIVATED_WHILE_KEPT = Q(
    end_at__lte=OuterRef("made_at"), removed_at=None, role__template_id__in=(GLOBAL_ADMINISTRATOR,)
)


def displacing(role: Role, end_at: datetime, at: datetime) -> "AssignmentQuerySet":
    """Assigned, to somebody enabled, begun, and longer than a grant with this end: that one is not the last.

    Activations do not count, nor do members of a group who are so for a time: what they displaced would come back.
    `selections.KEPT` says the same of all grants at once.
    """
    longer = Q(end_at=None) | Q(end_at__gt=end_at) & Q(end_at__gt=F("start_at"))
    enabled = Q(user__is_enabled=True) | Q(group__memberships__user__is_enabled=True)
    assigned = Assignment.objects.unnarrowed().filter(role=role, activated_from=None, start_at__lte=at)
    return assigned.filter(longer, enabled)


def joined(at: datetime) -> "AssignmentQuerySet":
    """Memberships that come from a role: who is active as Member of a group that is a resource.

    An activated one counts while its eligibility does. That the eligibility is still the person's is not asked again
    here; whatever takes it from them ends the activation, too.
    """
    standing = Q(activated_from=None) | Exists(Eligibility.objects.covering(at).filter(pk=OuterRef("activated_from")))
    members = Assignment.objects.covering(at).filter(role__membership=Role.Membership.MEMBER, user__is_enabled=True)
    return members.filter(standing).unnarrowed()


def _groups(user: "User | OuterRef") -> "QuerySet[Membership, int]":
    return Membership.objects.filter(user=user, user__is_enabled=True).values_list("group", flat=True)


def _joined_groups(user: "User | OuterRef", at: datetime) -> "QuerySet[Assignment, int | None]":
    return joined(at).filter(user=user).values_list("role__resource__group", flat=True)


class Grant(models.Model):
    """A role for a user or a group, at a scope, from a start up to, not including, an end."""

    # Which roles keep the last one beyond its end, and which grants can be such a last one.
    KEPT_FOR: ClassVar[tuple[str, ...]] = ADMINISTRATORS
    KEPT_IF: ClassVar[str] = ""

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="%(class)s_set")
    scope = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    # Who assigned it; null where the portal did, and for activations, which tell it themselves.
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    justification = models.TextField(blank=True)
    # When somebody moved the end to that moment; null where it ends by its time.
    removed_at = models.DateTimeField(null=True)
    # Who did; null where the portal did, or nobody.
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Bookkeeping of the worker: was the end written into the history? Read by nobody else.
    end_told_at = models.DateTimeField(null=True)
    # Bookkeeping of the worker: when was the holder last told that the end comes nearer? Read by nobody else.
    warned_at = models.DateTimeField(null=True)

    # Eligible or active.
    kind: ClassVar[Kind]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.role} for {self.holder}"

    def is_over(self, at: datetime) -> bool:
        """Past its end, or taken away. Asks the database only where it could be kept.

        What was taken away is over at any moment: of two acts, the one that comes second may have begun first.
        """
        if self.removed_at is not None:
            return True
        ended = self.end_at is not None and (self.end_at <= at or self.end_at == self.start_at)
        return ended and not (self._could_be_kept and self._kept_at(at))

    def ends_at(self, at: datetime) -> datetime | None:
        """When it ends, as far as can be told at that moment; None for permanent, and while it is kept."""
        beyond = self.end_at is not None and self.end_at <= at
        return None if beyond and not self.is_over(at) else self.end_at

    @property
    def _could_be_kept(self) -> bool:
        return self.removed_at is None and str(self.role.template_id) in self.KEPT_FOR

    def _kept_at(self, at: datetime) -> bool:
        return GrantQuerySet(type(self)).filter(pk=self.pk).kept(at).exists()

    @property
    def holder(self) -> User | Group:
        """The user or the group."""
        holder = self.user or self.group
        assert holder is not None  # noqa: S101 - the database checks it
        return holder


class Eligibility(Grant):
    """Somebody may activate the role."""

    # What it was made into when an administrator made it active: the same access goes on as that.
    converted_to = models.OneToOneField("Assignment", null=True, on_delete=models.PROTECT, related_name="+")

    kind = Kind.ELIGIBLE
    KEPT_FOR = (GLOBAL_ADMINISTRATOR,)

    objects = EligibilityQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            exactly_one_principal("eligibility_is_for_user_or_group"),
            ends_no_earlier_than_it_starts("eligibility_ends_after_start"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["end_at"], name="eligibility_untold", condition=Q(end_told_at=None)),
        ]


class Assignment(Grant):
    """Somebody has the role: assigned by an administrator, or activated from an eligibility."""

    KEPT_IF = "AND kept.activated_from_id IS NULL"

    activated_from = models.ForeignKey(Eligibility, null=True, on_delete=models.PROTECT, related_name="activations")
    # The request it was granted for, as a plain number: requests live on the floor above.
    request_number = models.BigIntegerField(null=True)
    # What it was made into when an administrator made it eligible.
    converted_to = models.OneToOneField(Eligibility, null=True, on_delete=models.PROTECT, related_name="+")
    # Bookkeeping of the worker for activations with a later start.
    start_told_at = models.DateTimeField(null=True)

    kind = Kind.ACTIVE

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            exactly_one_principal("assignment_is_for_user_or_group"),
            ends_no_earlier_than_it_starts("assignment_ends_after_start"),
            models.CheckConstraint(
                name="activation_has_an_end_and_a_person",
                condition=Q(activated_from=None) | Q(end_at__isnull=False, user__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "role", "end_at"], name="assignment_decision"),
            models.Index(fields=["end_at"], name="assignment_untold", condition=Q(end_told_at=None)),
            models.Index(fields=["start_at"], name="assignment_unstarted", condition=Q(start_told_at=None)),
            models.Index(fields=["start_at"], name="activation_started", condition=Q(activated_from__isnull=False)),
        ]

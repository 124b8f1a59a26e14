"""Resources, roles, their settings, and who may have or has them."""

from datetime import datetime, timedelta
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Group, User
from roles.policy import ActivationTerms, GrantTerms, Settings


class Resource(models.Model):
    """Something one can have a role on. Resources form a tree; a grant above holds below."""

    class Kind(models.TextChoices):
        """What sort of thing it is."""

        DIRECTORY = "directory", "Directory"
        APPLICATION = "application", "Application"
        GROUP = "group", "Group"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """What one can be on a resource. `powers` are what the role gives in this portal itself."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    template_id = models.UUIDField(null=True, unique=True)
    is_privileged = models.BooleanField(default=False)
    powers = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["resource", "name"], name="one_role_per_name_and_resource")
        ]

    def __str__(self) -> str:
        return self.name


class RolePolicy(models.Model):
    """The settings of one role. `version` counts saved changes, so that two editors do not overwrite each other."""

    role = models.OneToOneField(Role, on_delete=models.CASCADE, related_name="policy")
    activation_max_duration = models.DurationField()
    needs_second_factor = models.BooleanField()
    needs_justification = models.BooleanField()
    needs_ticket = models.BooleanField()
    needs_approval = models.BooleanField()
    decision_window_duration = models.DurationField()
    permanent_eligible_allowed = models.BooleanField()
    eligible_max_duration = models.DurationField()
    permanent_active_allowed = models.BooleanField()
    active_max_duration = models.DurationField()
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="activation_from_half_an_hour_to_a_day",
                condition=Q(
                    activation_max_duration__gte=timedelta(minutes=30),
                    activation_max_duration__lte=timedelta(hours=24),
                ),
            )
        ]

    def __str__(self) -> str:
        return f"settings of {self.role}"

    def settings(self) -> Settings:
        """The row as a value."""
        return Settings(
            activation=ActivationTerms(
                max_duration=self.activation_max_duration,
                needs_second_factor=self.needs_second_factor,
                needs_justification=self.needs_justification,
                needs_ticket=self.needs_ticket,
                needs_approval=self.needs_approval,
                decision_window=self.decision_window_duration,
            ),
            eligible=GrantTerms(self.permanent_eligible_allowed, self.eligible_max_duration),
            active=GrantTerms(self.permanent_active_allowed, self.active_max_duration),
        )

    def take(self, wanted: Settings) -> None:
        """Fill the row from a value; saving is the caller's."""
        activation = wanted.activation
        self.activation_max_duration = activation.max_duration
        self.needs_second_factor = activation.needs_second_factor
        self.needs_justification = activation.needs_justification
        self.needs_ticket = activation.needs_ticket
        self.needs_approval = activation.needs_approval
        self.decision_window_duration = activation.decision_window
        self.permanent_eligible_allowed = wanted.eligible.permanent_allowed
        self.eligible_max_duration = wanted.eligible.max_duration
        self.permanent_active_allowed = wanted.active.permanent_allowed
        self.active_max_duration = wanted.active.max_duration


def exactly_one_principal(name: str) -> models.CheckConstraint:
    """A user or a group, never both, never neither."""
    return models.CheckConstraint(
        name=name, condition=Q(user=None, group__isnull=False) | Q(user__isnull=False, group=None)
    )


def ends_no_earlier_than_it_starts(name: str) -> models.CheckConstraint:
    """A period that was taken back before it began is empty: its end is its start."""
    return models.CheckConstraint(name=name, condition=Q(end_at=None) | Q(end_at__gte=F("start_at")))


class Approver(models.Model):
    """Somebody who may decide on activations of a role."""

    policy = models.ForeignKey(RolePolicy, on_delete=models.CASCADE, related_name="approvers")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            exactly_one_principal("approver_is_user_or_group"),
            models.UniqueConstraint(fields=["policy", "user"], name="approver_user_once"),
            models.UniqueConstraint(fields=["policy", "group"], name="approver_group_once"),
        ]

    def __str__(self) -> str:
        return str(self.user or self.group)


G = TypeVar("G", bound="Grant")


class GrantQuerySet(models.QuerySet[G]):
    """What eligibilities and assignments have in common: a holder and a period."""

    def of(self, user: User) -> Self:
        """Held by this person while enabled, directly or through a group."""
        direct = Q(user=user, user__is_enabled=True)
        in_group = Q(group__memberships__user=user, group__memberships__user__is_enabled=True)
        return self.filter(direct | in_group)

    def covering(self, at: datetime) -> Self:
        """Begun and not over."""
        return self.filter(Q(end_at=None) | Q(end_at__gt=at), start_at__lte=at)

    def not_over(self, at: datetime) -> Self:
        """In force or still ahead."""
        return self.filter(Q(end_at=None) | Q(end_at__gt=at)).exclude(end_at=F("start_at"))

    def over(self, at: datetime) -> Self:
        """Past their end."""
        return self.filter(Q(end_at__lte=at) | Q(end_at=F("start_at")))


class EligibilityQuerySet(GrantQuerySet["Eligibility"]):
    """Who may activate what."""

    def in_force(self, at: datetime) -> Self:
        """Those from which one can activate at that moment."""
        return self.covering(at)


class AssignmentQuerySet(GrantQuerySet["Assignment"]):
    """Who has what."""

    def in_force(self, at: datetime) -> Self:
        """The only place that decides who is active: covered by its period, and, where it was activated, by an
        eligibility that still stands and is still the holder's."""
        eligibility = Eligibility.objects.in_force(at).filter(
            Q(user=OuterRef("user")) | Q(group__memberships__user=OuterRef("user")),
            pk=OuterRef("activated_from"),
        )
        enabled = Q(user=None) | Q(user__is_enabled=True)
        return self.covering(at).filter(Q(activated_from=None) | Exists(eligibility), enabled)


class Grant(models.Model):
    """A role for a user or a group, at a scope, from a start up to, not including, an end."""

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="%(class)s_set")
    scope = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.PROTECT, related_name="+")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    justification = models.TextField(blank=True)
    # Bookkeeping of the worker: was the end written into the history? Read by nobody else.
    end_told_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.role} for {self.holder}"

    def is_over(self, at: datetime) -> bool:
        """Past its end, or taken back before it began."""
        return self.end_at is not None and (self.end_at <= at or self.end_at == self.start_at)

    @property
    def holder(self) -> User | Group:
        """The user or the group."""
        holder = self.user or self.group
        assert holder is not None  # noqa: S101 - the database checks it
        return holder


class Eligibility(Grant):
    """Somebody may activate the role."""

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

    activated_from = models.ForeignKey(Eligibility, null=True, on_delete=models.PROTECT, related_name="activations")
    # The request it was granted for, as a plain number: requests live on the floor above.
    request_number = models.BigIntegerField(null=True)
    # Bookkeeping of the worker for activations with a later start.
    start_told_at = models.DateTimeField(null=True)

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
        ]

"""The settings of a role, who decides, every version of them, and templates of settings."""

from datetime import timedelta
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.models import Group, User
from roles.documents import settings_from, settings_to
from roles.models.resources import Role
from roles.terms import (
    MANAGER,
    ActivationTerms,
    ApprovalTerms,
    ApproverKind,
    GrantTerms,
    Named,
    Notice,
    Notices,
    SecondFactor,
    Settings,
    Stage,
)


class RolePolicy(models.Model):
    """The settings of one role. `version` counts saved changes, so that two editors do not overwrite each other."""

    role = models.OneToOneField(Role, on_delete=models.CASCADE, related_name="policy")
    activation_max_duration = models.DurationField()
    second_factor = models.CharField(max_length=10, choices=[(one.value, one.value) for one in SecondFactor])
    needs_justification = models.BooleanField()
    justification_min_length = models.PositiveSmallIntegerField()
    needs_ticket = models.BooleanField()
    ticket_pattern = models.CharField(max_length=200, blank=True)
    needs_approval = models.BooleanField()
    decision_window_duration = models.DurationField()
    # How long before its end whoever activated is told; zero: not at all.
    warning_duration = models.DurationField(default=timedelta(minutes=15))
    # How many have to approve; no second stage where the second number is 0.
    first_quorum = models.PositiveSmallIntegerField()
    second_quorum = models.PositiveSmallIntegerField()
    reminds_at_half_time = models.BooleanField()
    escalation_after_duration = models.DurationField(null=True)
    approver_needs_reason = models.BooleanField()
    approver_needs_second_factor = models.BooleanField()
    permanent_eligible_allowed = models.BooleanField()
    eligible_max_duration = models.DurationField()
    permanent_active_allowed = models.BooleanField()
    active_max_duration = models.DurationField()
    assigner_needs_second_factor = models.BooleanField()
    assigner_needs_justification = models.BooleanField()
    # Nine cells: see `roles.terms.Notices`.
    notices = models.JSONField(default=list)
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
            ),
            models.CheckConstraint(name="somebody_has_to_approve", condition=Q(first_quorum__gte=1)),
            models.CheckConstraint(
                name="second_factor_is_known", condition=Q(second_factor__in=[one.value for one in SecondFactor])
            ),
        ]

    def __str__(self) -> str:
        return f"settings of {self.role}"

    def settings(self) -> Settings:
        """The row and its approvers as a value. Prefetch `approvers__user` and `approvers__group` for many."""
        return Settings(
            activation=self.activation_terms(),
            approval=self._approval_terms(),
            eligible=self.eligible_terms(),
            active=self.active_terms(),
            notices=self.notice_terms(),
        )

    def activation_terms(self) -> ActivationTerms:
        """What it takes to activate. Reads nothing but the row."""
        return ActivationTerms(
            max_duration=self.activation_max_duration,
            second_factor=SecondFactor(self.second_factor),
            needs_justification=self.needs_justification,
            justification_min_length=self.justification_min_length,
            needs_ticket=self.needs_ticket,
            ticket_pattern=self.ticket_pattern,
            needs_approval=self.needs_approval,
            decision_window=self.decision_window_duration,
            warning=self.warning_duration,
        )

    def eligible_terms(self) -> GrantTerms:
        """What it takes to be made eligible."""
        return GrantTerms(self.permanent_eligible_allowed, self.eligible_max_duration)

    def active_terms(self) -> GrantTerms:
        """What it takes to be assigned."""
        return GrantTerms(
            self.permanent_active_allowed,
            self.active_max_duration,
            needs_second_factor=self.assigner_needs_second_factor,
            needs_justification=self.assigner_needs_justification,
        )

    def notice_terms(self) -> Notices:
        """Who is written to."""
        if not self.notices:
            return Notices()
        return Notices(
            tuple(Notice(cell["by_default"], tuple(cell["addresses"]), cell["only_critical"]) for cell in self.notices)
        )

    def quorums(self) -> tuple[int, ...]:
        """How many have to approve in each stage."""
        return (self.first_quorum, self.second_quorum) if self.second_quorum else (self.first_quorum,)

    def _approval_terms(self) -> ApprovalTerms:
        named: dict[int, list[Named]] = {step: [] for step in Approver.Step.values}
        for approver in self.approvers.all():
            named[approver.step].append(approver.named())
        return ApprovalTerms(
            stages=tuple(
                Stage(tuple(sorted(named[step])), quorum) for step, quorum in enumerate(self.quorums(), start=1)
            ),
            reminds_at_half_time=self.reminds_at_half_time,
            escalation_after=self.escalation_after_duration,
            escalation=tuple(sorted(named[Approver.Step.ESCALATION])),
            needs_reason=self.approver_needs_reason,
            needs_second_factor=self.approver_needs_second_factor,
        )

    def take(self, wanted: Settings) -> None:
        """Fill the row from a value; its approvers, and saving, are the caller's."""
        activation, approval = wanted.activation, wanted.approval
        self.activation_max_duration = activation.max_duration
        self.second_factor = activation.second_factor.value
        self.needs_justification = activation.needs_justification
        self.justification_min_length = activation.justification_min_length
        self.needs_ticket = activation.needs_ticket
        self.ticket_pattern = activation.ticket_pattern
        self.needs_approval = activation.needs_approval
        self.decision_window_duration = activation.decision_window
        self.warning_duration = activation.warning
        self.first_quorum = approval.stages[0].quorum
        self.second_quorum = approval.stages[1].quorum if len(approval.stages) > 1 else 0
        self.reminds_at_half_time = approval.reminds_at_half_time
        self.escalation_after_duration = approval.escalation_after
        self.approver_needs_reason = approval.needs_reason
        self.approver_needs_second_factor = approval.needs_second_factor
        self.permanent_eligible_allowed = wanted.eligible.permanent_allowed
        self.eligible_max_duration = wanted.eligible.max_duration
        self.permanent_active_allowed = wanted.active.permanent_allowed
        self.active_max_duration = wanted.active.max_duration
        self.assigner_needs_second_factor = wanted.active.needs_second_factor
        self.assigner_needs_justification = wanted.active.needs_justification
        self.notices = settings_to(wanted)["notices"]


class Approver(models.Model):
    """Somebody who may decide on activations of a role: a person, a group, or the manager of whoever asks."""

    class Step(models.IntegerChoices):
        """When they are asked."""

        FIRST = 1, "First stage"
        SECOND = 2, "Second stage"
        ESCALATION = 3, "Escalation"

    policy = models.ForeignKey(RolePolicy, on_delete=models.CASCADE, related_name="approvers")
    step = models.PositiveSmallIntegerField(choices=Step.choices, default=Step.FIRST)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")
    is_manager = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="approver_is_user_group_or_manager",
                condition=Q(user=None, group__isnull=False, is_manager=False)
                | Q(user__isnull=False, group=None, is_manager=False)
                | Q(user=None, group=None, is_manager=True),
            ),
            models.UniqueConstraint(fields=["policy", "step", "user"], name="approver_user_once"),
            models.UniqueConstraint(fields=["policy", "step", "group"], name="approver_group_once"),
            models.UniqueConstraint(
                fields=["policy", "step"], name="approver_manager_once", condition=Q(is_manager=True)
            ),
        ]

    def __str__(self) -> str:
        return "manager of whoever asks" if self.is_manager else str(self.user or self.group)

    def named(self) -> Named:
        """The row as a value."""
        if self.user:
            return Named(ApproverKind.USER, self.user.email)
        return Named(ApproverKind.GROUP, self.group.name) if self.group else MANAGER


class SettingsVersion(models.Model):
    """The settings of a role as they once were, to be looked at and gone back to."""

    policy = models.ForeignKey(RolePolicy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document: "models.JSONField[dict[str, Any]]" = models.JSONField(encoder=DjangoJSONEncoder)
    made_at = models.DateTimeField(null=True)
    made_by_name = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["policy", "number"], name="one_document_per_version")
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.policy}"

    def settings(self) -> Settings:
        """The document as a value."""
        return settings_from(self.document)


class SettingsTemplate(models.Model):
    """Settings under a name, to be applied to many roles."""

    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300, blank=True)
    document: "models.JSONField[dict[str, Any]]" = models.JSONField(encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def settings(self) -> Settings:
        """The document as a value."""
        return settings_from(self.document)

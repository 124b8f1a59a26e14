"""Requests to activate a role, and the decisions on them."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q

from accounts.models import User
from requests_app.lifecycle import Status
from roles.models import Assignment, Eligibility, Resource, Role


class RoleRequestQuerySet(models.QuerySet["RoleRequest"]):
    """Requests, by what they wait for."""

    def undecided(self, at: datetime) -> Self:
        """Those that can still be decided."""
        return self.filter(status=Status.PENDING, decide_until__gt=at)

    def overdue(self, at: datetime) -> Self:
        """Those nobody decided in time, and that do not know it yet."""
        return self.filter(status=Status.PENDING, decide_until__lte=at)

    def standing(self, at: datetime) -> Self:
        """Those whose asker could still activate, or extend: enabled, still eligible, and the role in use."""
        eligibility = Eligibility.objects.in_force(at).still_of("user", at).filter(pk=OuterRef("eligibility"))
        # What was asked to last longer has to last still.
        running = Q(extends=None) | Q(extends__end_at__gt=at, extends__removed_at=None)
        return self.filter(running, Exists(eligibility), user__is_enabled=True, role__retired_at=None)

    def lapsed(self, at: datetime) -> Self:
        """Undecided ones whose asker could no longer activate. They are over at once, told or not."""
        undecided = self.undecided(at)
        return undecided.exclude(pk__in=undecided.standing(at).values("pk"))

    def reminding(self, at: datetime) -> Self:
        """Undecided ones at half time, about which nobody was reminded yet."""
        return self.undecided(at).filter(remind_at__lte=at, reminded_at=None)

    def with_escalation(self) -> Self:
        """With the moment from which others may decide as well, under today's settings; null where there is none."""
        after = F("asked_at") + F("role__policy__escalation_after_duration")
        return self.annotate(escalates_at=ExpressionWrapper(after, output_field=models.DateTimeField()))

    def with_names(self) -> Self:
        """With all that pages and emails show of them."""
        return self.select_related(
            "user__manager", "role__policy", "role__resource", "scope", "eligibility__group", "assignment", "extends"
        )


class RoleRequest(models.Model):
    """Somebody asks to activate a role. What was asked for never changes; only the status moves."""

    eligibility = models.ForeignKey(Eligibility, on_delete=models.PROTECT, related_name="role_requests")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_requests")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="role_requests")
    scope = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    # Made with the form, so that a form sent twice is one request.
    form_key = models.UUIDField(unique=True)
    # What was asked for together, with one proof, has one basket.
    basket = models.UUIDField(null=True)
    # The running activation that is to last longer; null where a new one is asked for.
    extends = models.ForeignKey(Assignment, null=True, on_delete=models.PROTECT, related_name="extensions")

    asked_at = models.DateTimeField()
    start_at = models.DateTimeField(null=True)
    duration = models.DurationField()
    justification = models.TextField(blank=True)
    ticket_number = models.CharField(max_length=100, blank=True)
    ticket_system = models.CharField(max_length=100, blank=True)
    ip = models.GenericIPAddressField(null=True)
    proof_method = models.CharField(max_length=20, blank=True)
    proof_device = models.CharField(max_length=100, blank=True)
    proof_at = models.DateTimeField(null=True)

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    decide_until = models.DateTimeField()
    # Half time between asking and `decide_until`; null where nobody has to decide.
    remind_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Bookkeeping of the worker: was this told? Read by nobody else.
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    # When the administrators were told that nobody can decide it.
    stranded_told_at = models.DateTimeField(null=True)
    # When a scheduled activation was last held against the settings of its role.
    checked_at = models.DateTimeField(null=True)
    # When the asker last had the approvers written to again.
    resent_at = models.DateTimeField(null=True)
    asked_approvers = models.ManyToManyField(User, related_name="+")
    assignment = models.OneToOneField(Assignment, null=True, on_delete=models.PROTECT, related_name="role_request")

    objects = RoleRequestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "role", "scope"],
                name="one_pending_request_per_person_role_and_scope",
                condition=Q(status=Status.PENDING),
            ),
            models.CheckConstraint(
                name="granted_means_assigned",
                condition=Q(status=Status.GRANTED, extends=None, assignment__isnull=False)
                | Q(status=Status.GRANTED, extends__isnull=False, assignment=None)
                | (~Q(status=Status.GRANTED) & Q(assignment=None)),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decide_until"], name="request_undecided", condition=Q(status=Status.PENDING)),
            models.Index(fields=["user", "-asked_at"], name="request_mine"),
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.user}"

    @property
    def granted(self) -> Assignment | None:
        """What came of it: the activation it began, or made last longer."""
        if self.status != Status.GRANTED:
            return None
        return self.extends or self.assignment


class Decision(models.Model):
    """What one approver decided. Nobody decides twice on one request, in whatever stage."""

    class Verdict(models.TextChoices):
        """Yes or no."""

        APPROVE = "approve", "Approved"
        DENY = "deny", "Denied"

    role_request = models.ForeignKey(RoleRequest, on_delete=models.PROTECT, related_name="decisions")
    stage = models.PositiveSmallIntegerField(default=1)
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    justification = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    # In whose stead, during their absence: then they do not decide any more.
    deputy_for = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # What was allowed of what was asked for; null: all of it.
    allowed_duration = models.DurationField(null=True)
    allowed_start_at = models.DateTimeField(null=True)
    allowed_scope = models.ForeignKey(Resource, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["decided_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["role_request", "approver"], name="one_decision_per_request_and_approver"),
            models.UniqueConstraint(fields=["role_request", "deputy_for"], name="one_deputy_decides_for_an_approver"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.approver}"


class Question(models.Model):
    """What somebody who may decide wants to know first, and what the asker answers. Part of the request for ever."""

    role_request = models.ForeignKey(RoleRequest, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    text = models.TextField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="an_answer_has_its_moment",
                condition=Q(answered_at=None, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_by} asks about {self.role_request}"

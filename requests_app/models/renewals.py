"""Requests of holders to keep what was assigned to them: extend it before its end, renew it afterwards."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from requests_app.lifecycle import Status
from roles.models import Assignment, Eligibility, G, GrantQuerySet
from roles.policy import Kind


class RenewalRequestQuerySet(models.QuerySet["RenewalRequest"]):
    """Requests to extend or renew, by what they wait for."""

    def undecided(self, at: datetime) -> Self:
        """Those that can still be decided."""
        return self.filter(status=Status.PENDING, decide_until__gt=at)

    def overdue(self, at: datetime) -> Self:
        """Those nobody decided in time, and that do not know it yet."""
        return self.filter(status=Status.PENDING, decide_until__lte=at)

    def possible(self) -> Self:
        """Those about something that is as it was when they asked, of somebody who may still hold it."""
        untouched = Q(eligibility__removed_at=None, assignment__removed_at=None) & (
            Q(eligibility__end_at=F("held_until")) | Q(assignment__end_at=F("held_until"))
        )
        in_use = Q(eligibility__role__retired_at=None, assignment__role__retired_at=None)
        return self.filter(untouched, in_use, user__is_enabled=True).exclude(
            _held_again(Eligibility.objects.all()) | _held_again(Assignment.objects.filter(activated_from=None))
        )

    def with_names(self) -> Self:
        """With all that pages and emails show of them."""
        held = (f"{kind}__{what}" for kind in ("eligibility", "assignment") for what in ("role__policy", "scope"))
        return self.select_related("user", "decided_by", *held, "eligibility__user", "assignment__user")


def _held_again(grants: GrantQuerySet[G]) -> Q:
    """Somebody assigned the same since."""
    since = grants.filter(user=OuterRef("user"), made_at__gt=OuterRef("asked_at"))
    eligible = Q(role=OuterRef("eligibility__role"), scope=OuterRef("eligibility__scope"))
    active = Q(role=OuterRef("assignment__role"), scope=OuterRef("assignment__scope"))
    return Q(Exists(since.filter(eligible | active)))


class RenewalRequest(models.Model):
    """Somebody asks to keep an eligibility or an active assignment of theirs. What was asked for never changes."""

    class Action(models.TextChoices):
        """Before its end, or afterwards."""

        EXTEND = "extend", "Extension"
        RENEW = "renew", "Renewal"

    action = models.CharField(max_length=10, choices=Action.choices)
    eligibility = models.ForeignKey(Eligibility, null=True, on_delete=models.PROTECT, related_name="renewal_requests")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.PROTECT, related_name="renewal_requests")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="renewal_requests")
    # Made with the form, so that a form sent twice is one request.
    form_key = models.UUIDField(unique=True)
    asked_at = models.DateTimeField()
    # The end that is wanted; null: permanent.
    end_at = models.DateTimeField(null=True)
    # The end it had; another one since means that an administrator has changed it.
    held_until = models.DateTimeField()
    justification = models.TextField()
    ip = models.GenericIPAddressField(null=True)

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    decide_until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decision_reason = models.TextField(blank=True)
    # What was given: of which kind, from when, until when.
    given_kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Kind], blank=True)
    given_start_at = models.DateTimeField(null=True)
    given_end_at = models.DateTimeField(null=True)

    objects = RenewalRequestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="renewal_is_about_one_grant",
                condition=Q(eligibility=None, assignment__isnull=False) | Q(eligibility__isnull=False, assignment=None),
            ),
            models.UniqueConstraint(
                fields=["eligibility"],
                name="one_pending_renewal_per_eligibility",
                condition=Q(status=Status.PENDING),
            ),
            models.UniqueConstraint(
                fields=["assignment"],
                name="one_pending_renewal_per_assignment",
                condition=Q(status=Status.PENDING),
            ),
            models.CheckConstraint(name="nobody_renews_for_themself", condition=~Q(decided_by=F("user"))),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decide_until"], name="renewal_undecided", condition=Q(status=Status.PENDING)),
            models.Index(fields=["user", "-asked_at"], name="renewal_mine"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} of {self.grant}"

    @property
    def grant(self) -> Eligibility | Assignment:
        """What is to be kept."""
        grant = self.eligibility or self.assignment
        assert grant is not None  # noqa: S101 - the database checks it
        return grant

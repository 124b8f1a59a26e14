"""People, groups, and the one-time codes that let a person in for the first time."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from notifications.terms import Pace


class UserQuerySet(models.QuerySet["User"]):
    """People, by the questions we ask."""

    def enabled(self) -> Self:
        """Those who may sign in and be written to."""
        return self.filter(is_enabled=True)

    def named(self, text: str) -> Self:
        """Those whose name, email or job title contains the text."""
        return self.filter(
            models.Q(display_name__icontains=text)
            | models.Q(email__icontains=text)
            | models.Q(job_title__icontains=text)
        )


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Finds people by their email, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person with this email. Raises `User.DoesNotExist`."""
        found: User = self.get(email=(username or "").strip().lower())
        return found


class User(AbstractBaseUser):
    """A person who can sign in. There are no superusers: power comes from assignments alone."""

    email = models.EmailField()
    display_name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports")
    time_zone = models.CharField(max_length=60, default="UTC")
    is_enabled = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    # For emergencies: permanently active, never an approver, and everybody hears when it signs in.
    is_break_glass = models.BooleanField(default=False, editable=False)
    # When they get what only informs them, and whether the week's numbers, if they are among those who do.
    email_pace = models.CharField(max_length=20, choices=Pace.choices, default=Pace.AT_ONCE)
    wants_weekly_digest = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    # Counts how often all sessions of this person were ended; part of what each session is checked against.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        ordering: ClassVar[list[str]] = ["display_name", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_email"),
            models.CheckConstraint(name="a_pace_that_is_known", condition=models.Q(email_pace__in=Pace.values)),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def name(self) -> str:
        """The name to show."""
        return self.display_name

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """What Django calls enabled."""
        return self.is_enabled

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "accounts.User.session", f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether an assignment in force at this moment gives this power."""
        return perm in self.get_all_permissions()

    def has_perms(self, perms: list[str], obj: Any = None) -> bool:
        """Whether assignments in force at this moment give all these powers."""
        return self.get_all_permissions().issuperset(perms)

    def get_all_permissions(self) -> set[str]:
        """Every power that assignments in force at this moment give."""
        answering = [backend for backend in get_backends() if hasattr(backend, "get_user_permissions")]
        return {power for backend in answering for power in backend.get_user_permissions(self)}


class Group(models.Model):
    """People who are treated as one. What a group holds, each member holds."""

    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=300, blank=True)
    members = models.ManyToManyField(User, through="Membership", related_name="portal_groups")
    owners = models.ManyToManyField(User, through="Ownership", related_name="owned_groups")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in one group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["group", "user"], name="once_in_a_group")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"


class Ownership(models.Model):
    """One person who looks after who is in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="ownerships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ownerships")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["group", "user"], name="owns_a_group_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} owns {self.group}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences, by when they are."""

    def covering(self, at: datetime) -> Self:
        """Those that are on at that moment."""
        return self.filter(start_at__lte=at, end_at__gt=at)

    def not_over(self, at: datetime) -> Self:
        """On or still ahead."""
        return self.filter(end_at__gt=at).exclude(end_at=models.F("start_at"))

    def to_hand_over(self, at: datetime) -> Self:
        """Those that have begun, and whose deputy was not written to yet."""
        return self.covering(at).filter(handed_over_at=None)


class Absence(models.Model):
    """Somebody is away, and a deputy decides in their stead; ended early, its end is moved to that moment."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deputyships")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # Bookkeeping of the worker: was the deputy written to about what waits already? Read by nobody else.
    handed_over_at = models.DateTimeField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-start_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="absence_ends_no_earlier_than_it_starts", condition=models.Q(end_at__gte=models.F("start_at"))
            ),
            models.CheckConstraint(name="nobody_is_their_own_deputy", condition=~models.Q(user=models.F("deputy"))),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["end_at", "start_at"], name="absence_now"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.user}"


class EmergencyUse(models.Model):
    """A break-glass account signed in. Who looked into it says afterwards what it was."""

    class Purpose(models.TextChoices):
        """What it was."""

        DRILL = "drill", "Drill"
        EMERGENCY = "emergency", "Emergency"
        MISUSE = "misuse", "Misuse"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergency_uses")
    signed_in_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    # Bookkeeping of the worker: were the administrators told?
    alarmed_at = models.DateTimeField(null=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices, blank=True)
    note = models.TextField(blank=True)
    noted_at = models.DateTimeField(null=True)
    noted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-signed_in_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_note_says_what_it_was",
                condition=models.Q(noted_at=None, purpose="")
                | (models.Q(noted_at__isnull=False) & ~models.Q(purpose="")),
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["signed_in_at"], name="emergency_untold", condition=models.Q(alarmed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.signed_in_at}"


class OneTimeCodeQuerySet(models.QuerySet["OneTimeCode"]):
    """Codes, by whether they still open anything."""

    def usable(self, at: datetime) -> Self:
        """Neither used, nor out of time, nor guessed at too often."""
        return self.filter(used_at=None, expires_at__gt=at, tries__lt=OneTimeCode.MOST_TRIES)


class OneTimeCode(models.Model):
    """A secret somebody was given to get in for the first time. Only its digest is kept."""

    MOST_TRIES = 5

    class Purpose(models.TextChoices):
        """What the code opens."""

        INVITATION = "invitation", "Invitation"
        ENROLMENT = "enrolment", "Enrolment code"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="issued_codes"
    )
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = OneTimeCodeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} for {self.user}"

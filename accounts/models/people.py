"""People: who can sign in, and what every page and email knows of them."""

from typing import Any, ClassVar, Self

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

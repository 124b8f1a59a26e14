"""Sign-in by email and password."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User


class PasswordBackend(BaseBackend):
    """Knows people by email and password. Powers are another backend's business."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        """The enabled person with this password; takes equally long for an email nobody has."""
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            User().set_password(password)
            return None
        right = user.check_password(password or "")
        return user if right and user.is_enabled and may_sign_in_here(user) else None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session; None once disabled, which ends the session."""
        user: User | None = User.objects.enabled().filter(pk=user_id).first()
        return user if user and may_sign_in_here(user) else None


def may_sign_in_here(user: User) -> bool:
    """Demo people have a public password: they exist for the demo alone, also in a database that was one."""
    return settings.DEMO or not user.is_demo

"""Answers Django's question "has this person that permission?" from the assignments in force."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.utils import timezone

from accounts.models import User
from roles.queries import access


class AssignmentBackend(BaseBackend):
    """Powers over the portal. Asked once for each request: the answer is kept on the person's object."""

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Every power the person's active roles give right now."""
        if not isinstance(user_obj, User) or not user_obj.is_enabled:
            return set()
        known = user_obj.__dict__.get("_powers")
        if known is None:
            known = user_obj.__dict__["_powers"] = access.powers_of(user_obj, at=timezone.now())
        powers: set[str] = known
        return powers

"""What somebody likes to activate: favourites, and sets of roles under a name."""

from typing import ClassVar

from django.db import models

from accounts.models import User
from roles.models import Resource, Role


class Favourite(models.Model):
    """A role somebody activates often, there: it is offered first."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="favourites")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    scope = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "role", "scope"], name="favourite_once")
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.scope}"


class RoleSet(models.Model):
    """Roles somebody activates together, under a name of theirs, such as Monday patching."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_sets")
    name = models.CharField(max_length=80)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "name"], name="one_set_per_person_and_name")
        ]

    def __str__(self) -> str:
        return self.name


class RoleSetLine(models.Model):
    """One role of a set, and where."""

    role_set = models.ForeignKey(RoleSet, on_delete=models.CASCADE, related_name="lines")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    scope = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["role_set", "role", "scope"], name="once_in_a_set")
        ]

    def __str__(self) -> str:
        return f"{self.role} on {self.scope}"

"""Groups: who is in them, and who looks after that."""

from typing import ClassVar

from django.db import models

from accounts.models.people import User


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

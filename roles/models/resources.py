"""Resources, and the roles one can have on them."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models import Group


class Resource(models.Model):
    """Something one can have a role on. Resources form a tree; a grant above holds below."""

    class Kind(models.TextChoices):
        """What sort of thing it is."""

        DIRECTORY = "directory", "Directory"
        APPLICATION = "application", "Application"
        GROUP = "group", "Group"
        OTHER = "other", "Other"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    # A group whose membership is itself something to be eligible for.
    group = models.OneToOneField(Group, null=True, on_delete=models.PROTECT, related_name="resource")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="resource_of_kind_group_has_its_group",
                condition=Q(kind="group", group__isnull=False) | (~Q(kind="group") & Q(group=None)),
            ),
            models.CheckConstraint(
                name="resource_is_not_below_itself", condition=Q(parent=None) | ~Q(parent=models.F("id"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleQuerySet(models.QuerySet["Role"]):
    """Roles, by whether they can still be given."""

    def in_use(self) -> Self:
        """Those that were not retired."""
        return self.filter(retired_at=None)


class Role(models.Model):
    """What one can be on a resource. `powers` are what the role gives in this portal itself."""

    class Membership(models.TextChoices):
        """What a role on a group makes of its holder."""

        MEMBER = "member", "Member"
        OWNER = "owner", "Owner"

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    # The number of a built-in role; roles of one's own have none.
    template_id = models.UUIDField(null=True, unique=True)
    is_privileged = models.BooleanField(default=False)
    powers = models.JSONField(default=list, blank=True)
    membership = models.CharField(max_length=10, choices=Membership.choices, blank=True)
    retired_at = models.DateTimeField(null=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["resource", "name"], name="one_role_per_name_and_resource"),
            models.UniqueConstraint(
                fields=["resource", "membership"], name="one_member_and_one_owner_role", condition=~Q(membership="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ones_own(self) -> bool:
        """Neither built in, nor the membership of a group: can be renamed and retired."""
        return not self.template_id and not self.membership

"""What happened, and the names in it."""

from datetime import datetime
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from audit.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


def concerning(person_id: int) -> list[models.Q]:
    """What this person did; and what others did to them."""
    did = models.Q(actor_id=person_id)
    return [did, models.Q(person_id=person_id) & ~did]


class EntryQuerySet(AppendOnlyQuerySet["Entry"]):
    """Entries, newest first."""

    def concerning(self, person_id: int) -> Self:
        """What this person did, and what was done to them."""
        did, had_done = concerning(person_id)
        return self.filter(did | had_done)

    def before(self, at: datetime, entry_id: int) -> Self:
        """The page below an entry. The redundant bound lets the index do the work."""
        older = models.Q(at__lt=at) | models.Q(pk__lt=entry_id)
        return self.filter(older, at__lte=at)

    def after(self, at: datetime, entry_id: int) -> Self:
        """The pages above an entry."""
        newer = models.Q(at__gt=at) | models.Q(pk__gt=entry_id)
        return self.filter(newer, at__gte=at)


class Entry(AppendOnlyModel):
    """One thing that happened. No foreign keys: names are copied, and ids are only for filtering."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=60)

    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    ip = models.GenericIPAddressField(null=True)
    proof_method = models.CharField(max_length=20, blank=True)
    proof_device = models.CharField(max_length=100, blank=True)
    proof_at = models.DateTimeField(null=True)

    person_id = models.BigIntegerField(null=True)
    person_name = models.CharField(max_length=200, blank=True)
    role_id = models.BigIntegerField(null=True)
    role_name = models.CharField(max_length=200, blank=True)
    scope_name = models.CharField(max_length=200, blank=True)
    request_id = models.BigIntegerField(null=True)

    because = models.TextField(blank=True)
    approver_name = models.CharField(max_length=200, blank=True)
    ticket_number = models.CharField(max_length=100, blank=True)
    ticket_system = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-at", "-id"], name="entry_newest"),
            models.Index(fields=["actor_id", "-at"], name="entry_actor"),
            models.Index(fields=["person_id", "-at"], name="entry_person"),
            models.Index(fields=["role_id", "-at"], name="entry_role"),
            models.Index(fields=["kind", "-at"], name="entry_kind"),
            models.Index(fields=["request_id", "at"], name="entry_request"),
            models.Index(fields=["outcome", "-at", "-id"], name="entry_outcome"),
            # Of a role many kinds of event are never told, and all of its entries would be read to know it.
            models.Index(
                fields=["role_id", "kind", "-at", "-id"],
                name="entry_role_kind",
                condition=models.Q(role_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"


class Name(models.Model):
    """A name that entries have in one of their columns, and whose it is. A trigger writes it, with the first of them;
    where two write a new one at once, it stands twice, and nobody waits.

    So a part of a name is looked for among thousands of names, and not among millions of entries.
    """

    NOBODY = 0
    """The number of whoever has none: the portal, and those who could not sign in."""

    column = models.CharField(max_length=20)
    number = models.BigIntegerField()
    name = models.CharField(max_length=200)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["column", "number", "name"], name="audit_name_known"),
        ]

    def __str__(self) -> str:
        return self.name

"""The one table of the history. Rows are added and read, nothing else."""

from datetime import datetime
from typing import Any, ClassVar, NoReturn, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class AppendOnly(RuntimeError):
    """Somebody tried to change or remove history."""


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries, newest first. What would rewrite them is refused here, and by triggers in the database."""

    def concerning(self, person_id: int) -> Self:
        """What this person did, and what was done to them."""
        return self.filter(models.Q(actor_id=person_id) | models.Q(person_id=person_id))

    def before(self, at: datetime, entry_id: int) -> Self:
        """The page below an entry. The redundant bound lets the index do the work."""
        older = models.Q(at__lt=at) | models.Q(pk__lt=entry_id)
        return self.filter(older, at__lte=at)

    def after(self, at: datetime, entry_id: int) -> Self:
        """The pages above an entry."""
        newer = models.Q(at__gt=at) | models.Q(pk__gt=entry_id)
        return self.filter(newer, at__gte=at)

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("History is never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("History is never removed.")


class Entry(models.Model):
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
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("History is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("History is never removed.")

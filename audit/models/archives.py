"""Where the tables begin, because what was before left them for a file; and why nothing can leave."""

from typing import ClassVar

from django.db import models

from audit import chain
from audit.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class Archive(AppendOnlyModel):
    """Entries and seals that have left for a file. The newest of these is where the tables now begin."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    seal = models.BigIntegerField()
    seal_hash = models.CharField(max_length=64)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.IntegerField()
    # How many are in archives so far, and when the newest of them happened.
    entries = models.BigIntegerField()
    newest_at = models.DateTimeField()
    file = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    # The entry that tells of it.
    told_in = models.BigIntegerField()

    objects = AppendOnlyQuerySet["Archive"].as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(number__gte=1, count__gte=1, last_id__gte=models.F("first_id")),
                name="archive_holds_something",
            ),
        ]

    def __str__(self) -> str:
        return f"archive {self.number}, {self.file}"

    @property
    def end(self) -> chain.Link:
        """Where the chain goes on after it."""
        return chain.Link(self.seal, self.seal_hash, self.last_id, self.entries)


class Hindrance(models.Model):
    """Why nothing can be archived, since when; one row, or none while all is well."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField()
    error = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(number=1), name="one_hindrance_at_most"),
        ]

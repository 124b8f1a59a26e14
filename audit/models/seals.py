"""Seals over entries, and checkpoints of seals."""

from typing import ClassVar

from django.db import models

from audit import chain
from audit.models.append_only import AppendOnlyModel, AppendOnlyQuerySet


class Seal(AppendOnlyModel):
    """Everything committed with a number from `first_id` to `last_id`, under one hash that names the seal before."""

    number = models.BigIntegerField(primary_key=True)
    previous = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
    first_id = models.BigIntegerField(unique=True)
    last_id = models.BigIntegerField()
    count = models.IntegerField()
    root = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    # The root proves; this list only tells which entry it was that somebody touched.
    places = models.BinaryField()

    objects = AppendOnlyQuerySet["Seal"].as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="seal_numbered_from_one"),
            models.CheckConstraint(
                condition=models.Q(count__gte=1, last_id__gte=models.F("first_id") + models.F("count") - 1),
                name="seal_holds_what_it_has_room_for",
            ),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"

    def line(self) -> str:
        """What its hash is the hash of."""
        return chain.seal_line(
            number=self.number, previous=self.previous, at=self.at, first_id=self.first_id, last_id=self.last_id,
            count=self.count, root=self.root,
        )  # fmt: skip


class Checkpoint(AppendOnlyModel):
    """How far the history had come: the newest seal at that time, signed if there was a key."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    seal = models.BigIntegerField()
    seal_hash = models.CharField(max_length=64)
    entries = models.BigIntegerField()
    public_key = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)

    objects = AppendOnlyQuerySet["Checkpoint"].as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="checkpoint_numbered_from_one"),
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.number}"

    def line(self) -> str:
        """What its signature is over."""
        return chain.checkpoint_line(
            number=self.number, at=self.at, seal=self.seal, seal_hash=self.seal_hash, entries=self.entries
        )

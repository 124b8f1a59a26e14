"""The tables of the history: entries, seals over them, checkpoints, archives. Rows are added and read, nothing else.

Entries and seals leave for an archive only. How far each stream has come, and what keeps archives from being written,
are rows that change; they tell nothing of the history.
"""

from datetime import datetime
from typing import Any, ClassVar, NoReturn, Self, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from audit import chain

Row = TypeVar("Row", bound=models.Model, covariant=True)


class AppendOnly(RuntimeError):
    """Somebody tried to change or remove history."""


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """What would rewrite rows is refused here, and by triggers in the database."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("History is never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("History is never removed.")


class AppendOnlyModel(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("History is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("History is never removed.")


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
    """A name that entries have in one of their columns, and whose it is. A trigger writes it, with the first of them.

    So a part of a name is looked for among thousands of names, and not among millions of entries.
    """

    NOBODY = 0
    """The number of whoever has none: the portal, and those who could not sign in."""

    pk = models.CompositePrimaryKey("column", "number", "name")
    column = models.CharField(max_length=20)
    number = models.BigIntegerField()
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


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


class StreamCursor(models.Model):
    """How far a stream has come: everything up to `entry` was delivered, and nothing above `in_hand` was ever sent."""

    name = models.CharField(max_length=20, primary_key=True)
    entry = models.BigIntegerField()
    # Until where the batch goes that is being sent. It stays when that fails, so that the same batch is sent again.
    in_hand = models.BigIntegerField()
    claimed_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=500, blank=True)
    failing_since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(entry__gte=0, in_hand__gte=models.F("entry")), name="stream_in_hand_is_not_delivered"
            ),
        ]

    def __str__(self) -> str:
        return f"stream to {self.name}, at {self.entry}"

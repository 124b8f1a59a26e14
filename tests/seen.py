"""What tests look at in the end: what the history says, who is written to, what the worker shall do."""

from datetime import datetime
from typing import Any

from django_q.models import OrmQ

from audit.models import Entry
from notifications.models import Email
from tests.make import NINE


def events(*, at: datetime = NINE) -> list[str]:
    """The kinds of what happened at this moment, in order."""
    return [entry.kind for entry in entries(at=at)]


def entries(*, at: datetime = NINE) -> list[Entry]:
    """What happened at this moment, in order."""
    return list(Entry.objects.filter(at=at).order_by("pk"))


def entry(kind: str) -> Entry:
    """The one event of this kind. Raises if there is none, or more than one."""
    return Entry.objects.get(kind=kind)


def emails(*, at: datetime = NINE) -> list[tuple[str, str]]:
    """Which email is promised to whom at this moment: template and address, sorted."""
    return sorted(Email.objects.filter(promised_at=at).values_list("template", "to_address"))


def queued(task: str) -> list[Any]:
    """What this task was enqueued for, in order: the first argument of each."""
    found = [row.task for row in OrmQ.objects.order_by("pk")]
    return [one["args"][0] for one in found if one["func"] == task]

"""Checkpoints: once an hour the newest seal is signed, to be kept where nobody who is here can reach it."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Sum

from audit import signature
from audit.models import Checkpoint, Seal

EVERY = timedelta(hours=1)


def is_due(at: datetime) -> bool:
    """Whether the last one was written an hour ago, or there is none."""
    return not Checkpoint.objects.filter(at__gt=at - EVERY).exists()


def write(at: datetime) -> Checkpoint | None:
    """Sign the newest seal; the last checkpoint again if it is of that seal and key. None if nothing is sealed yet."""
    newest, last = Seal.objects.order_by("-number").first(), Checkpoint.objects.order_by("-number").first()
    if newest is None:
        return None
    by = signature.public_key()
    if last and (last.seal_hash, last.public_key) == (newest.hash, by):
        return last
    made = Checkpoint(
        number=last.number + 1 if last else 1, at=at, seal=newest.number, seal_hash=newest.hash,
        entries=_sealed_up_to(newest, last), public_key=by,
    )  # fmt: skip
    made.signature = signature.sign(made.line())
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        # Another worker was faster; what it wrote does as well.
        return Checkpoint.objects.order_by("-number").first()
    return made


def _sealed_up_to(newest: Seal, last: Checkpoint | None) -> int:
    since = Seal.objects.filter(number__gt=last.seal if last else 0, number__lte=newest.number)
    return (last.entries if last else 0) + (since.aggregate(entries=Sum("count"))["entries"] or 0)

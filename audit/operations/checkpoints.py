"""Checkpoints: once an hour the newest seal is signed, to be kept where nobody who is here can reach it."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Sum

from audit import signature
from audit.models import Checkpoint, Seal
from audit.queries.archives import begin

EVERY = timedelta(hours=1)


def is_due(at: datetime) -> bool:
    """Whether none was written in the last hour. Those of archives look back, and do not count; nor do those dated
    ahead, by a clock that was put right since."""
    return not Checkpoint.objects.filter(at__gt=at - EVERY, at__lte=at, seal__gt=begin().seal).exists()


def write(at: datetime) -> Checkpoint | None:
    """Sign the newest seal; the last checkpoint again if it is of that seal and key. None if nothing is sealed yet."""
    number = _next_number()
    newest, last = Seal.objects.order_by("-number").first(), _furthest()
    if newest is None:
        return None
    if last and (last.seal_hash, last.public_key) == (newest.hash, signature.public_key()):
        return last
    # Where another worker was faster, what it wrote does as well.
    return _sign(number, newest, _sealed_up_to(newest, last), at) or _furthest()


def of(seal: Seal, entries: int, at: datetime) -> Checkpoint | None:
    """One of a seal after so many entries, for an archive that ends with it. None if another worker was faster."""
    number = _next_number()
    there = Checkpoint.objects.filter(seal=seal.number, seal_hash=seal.hash, public_key=signature.public_key())
    return there.first() or _sign(number, seal, entries, at)


def _furthest() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-seal", "-number").first()


def _next_number() -> int:
    """Taken before looking what is there already: whoever signs the same seal meanwhile takes the number from us."""
    last = Checkpoint.objects.order_by("-number").first()
    return last.number + 1 if last else 1


def _sign(number: int, seal: Seal, entries: int, at: datetime) -> Checkpoint | None:
    made = Checkpoint(
        number=number, at=at, seal=seal.number, seal_hash=seal.hash, entries=entries,
        public_key=signature.public_key(),
    )  # fmt: skip
    made.signature = signature.sign(made.line())
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return None
    return made


def _sealed_up_to(newest: Seal, last: Checkpoint | None) -> int:
    since = Seal.objects.filter(number__gt=last.seal if last else 0, number__lte=newest.number)
    return (last.entries if last else 0) + (since.aggregate(entries=Sum("count"))["entries"] or 0)

"""An export that anybody can verify without the portal: see `audit/verify_export.py`. An archive is one, too."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from audit import chain
from audit.models import Checkpoint, Entry, Seal
from audit.operations import witnesses
from audit.operations.sealing import COLUMNS

FORMAT = 1
PAGE = 200


def lines(after: chain.Link, checkpoint: Checkpoint, at: datetime) -> Iterator[str]:
    """Everything from a link of the chain up to a checkpoint: what it is, and where it goes on if that is not the very
    beginning; each seal after its entries as they were hashed; the checkpoint."""
    head = {"format": f"pimportal history {FORMAT}", "exported_at": chain.moment(at)}
    yield json.dumps(head if after == chain.START else {**head, "after": asdict(after)})
    number = after.seal
    while seals := list(Seal.objects.filter(number__gt=number, number__lte=checkpoint.seal).order_by("number")[:PAGE]):
        for seal in seals:
            yield from _entries(seal)
            yield seal.line()
        number = seals[-1].number
    yield witnesses.exported(checkpoint)


def _entries(seal: Seal) -> Iterator[str]:
    rows = Entry.objects.filter(pk__gte=seal.first_id, pk__lte=seal.last_id).order_by("pk").values(*COLUMNS)
    for row in rows:
        yield chain.entry_line(row["id"], row["digest"], chain.content(row))

"""Bringing in the built-in roles."""

import csv
from pathlib import Path

from django.db import transaction

from accounts.act import Act
from audit.log import record
from roles.events import CatalogueLoaded
from roles.models import Resource, Role, RolePolicy
from roles.powers import POWERS_BY_TEMPLATE
from roles.terms import DEFAULTS

BUILT_IN = Path(__file__).parent.parent / "data" / "entra_roles.csv"
DIRECTORY = "Directory"


@transaction.atomic
def load(act: Act) -> int:
    """Add the built-in roles that are not there yet, with default settings. Returns how many were added."""
    directory = _directory()
    known = {str(template) for template in Role.objects.exclude(template_id=None).values_list("template_id", flat=True)}
    with BUILT_IN.open(encoding="utf-8", newline="") as file:
        missing = [row for row in csv.DictReader(file) if row["template_id"] not in known]
    for row in missing:
        _add(directory, row)
    if missing:
        record(act, CatalogueLoaded(count=len(missing)))
    return len(missing)


def _directory() -> Resource:
    """Where the built-in roles are, whatever it is called by now; a new one where there are none."""
    known = Resource.objects.filter(roles__template_id__isnull=False).first()
    if known:
        return known
    made, _is_new = Resource.objects.get_or_create(name=DIRECTORY, kind=Resource.Kind.DIRECTORY)
    return made


def _add(directory: Resource, row: dict[str, str]) -> None:
    role = Role.objects.create(
        resource=directory,
        name=row["name"],
        description=row["description"],
        template_id=row["template_id"],
        is_privileged=row["privileged"] == "true",
        powers=sorted(POWERS_BY_TEMPLATE.get(row["template_id"], ())),
    )
    policy = RolePolicy(role=role)
    policy.take(DEFAULTS)
    policy.save()

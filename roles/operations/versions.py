"""Going back to earlier settings."""

from dataclasses import replace

from django.db import transaction

from accounts.act import Act
from kernel.refusal import Refusal, Refused
from roles.models import Role, SettingsVersion
from roles.operations import settings


@transaction.atomic
def revert(act: Act, role: Role, number: int, *, version: int) -> list[dict[str, str]]:
    """Set the role as it was in an earlier version, by somebody who looked at this version of its settings.

    Returns what changed, old and new in words; an empty list if the settings were so already.
    """
    earlier = SettingsVersion.objects.filter(policy__role=role, number=number).first()
    if earlier is None:
        raise Refused(Refusal("no_version", f"There is no version {number} of these settings. Choose a listed one."))
    try:
        return settings.change(act, role, earlier.settings(), version=version, because=f"Back to version {number}")
    except Refused as refused:
        raise Refused(*(_of_version(number, refusal) for refusal in refused.refusals)) from refused


def _of_version(number: int, refusal: Refusal) -> Refusal:
    """What is wrong with the old settings themselves is said of them; nothing can be typed here."""
    if refusal.field is None:
        return refusal
    return replace(
        refusal, sentence=f"Version {number} cannot come back as it was. {refusal.sentence} Edit the settings instead."
    )

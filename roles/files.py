"""Settings as a file, to be kept elsewhere and brought in again. Pure."""

import json
from dataclasses import dataclass, replace
from typing import Any

from kernel.document import Misread, Place
from kernel.period import MINUTE
from kernel.refusal import Refusal, Refused
from roles.documents import settings_from, settings_to
from roles.policy import EXPIRY_CHOICES, LONGEST_TEMPLATE_DESCRIPTION, LONGEST_TEMPLATE_NAME
from roles.terms import CELLS, Settings

FORMAT = "pim-role-settings/1"
LONGEST_FILE = 100_000
"""In bytes."""
HOW = "Paste what was exported by a portal like this one."


@dataclass(frozen=True)
class SettingsFile:
    """Settings under a name."""

    name: str
    description: str
    settings: Settings


def written(file: SettingsFile) -> str:
    """The file as JSON, the same settings always in the same words."""
    document = {
        "format": FORMAT,
        "name": file.name,
        "description": file.description,
        "settings": settings_to(file.settings),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(text: str) -> SettingsFile:
    """What a file holds. Raises `Misread` with a sentence that names the place if it is not such a file."""
    try:
        return _read(_parsed(text))
    except RecursionError as error:
        raise Misread(f"This is nested too deeply to be settings. {HOW}") from error


def _parsed(text: str) -> Any:
    try:
        # The mark some editors put before a text is no part of it.
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_each_key_once)
    except json.JSONDecodeError as error:
        sentence = f"This is not JSON: it cannot be read from line {error.lineno}, column {error.colno} on."
        raise Misread(f"{sentence} {HOW}") from error
    except Misread:
        raise
    except ValueError as error:
        raise Misread(f"This holds a number with too many digits. {HOW}") from error


def _read(document: Any) -> SettingsFile:
    if not isinstance(document, dict) or "format" not in document:
        raise Misread(f'This is not a file of settings: "format": "{FORMAT}" is missing. {HOW}')
    if document["format"] != FORMAT:
        raise Misread(f"The format has to be {FORMAT}. Export the settings again from a portal of this version.")
    file = Place(document, "file")
    name, description = (
        file["name"].text(LONGEST_TEMPLATE_NAME),
        file["description"].text(LONGEST_TEMPLATE_DESCRIPTION),
    )
    settings = settings_from(file["settings"].value)
    if unknown := sorted(document.keys() - {"format", "name", "description", "settings"}):
        raise Misread(f"file.{unknown[0]} is not known here. Take it out.")
    return SettingsFile(name.strip(), description.strip(), settings)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Misread(f"{twice} is there twice in one object. Keep one of them.")
    return found


# --- where in a file stands what a rule complains of, by the field of the settings page

PLACES = {
    "activation_max_duration": "settings.activation.max_minutes",
    "decision_window_duration": "settings.activation.decision_minutes",
    "warning_duration": "settings.activation.warning_minutes",
    "eligible_max_duration": "settings.eligible.max_minutes",
    "active_max_duration": "settings.active.max_minutes",
    "justification_min_length": "settings.activation.justification_min_length",
    "ticket_pattern": "settings.activation.ticket_pattern",
    "first_quorum": "settings.approval.stages[0].quorum",
    "second_quorum": "settings.approval.stages",
    "escalation_after_duration": "settings.approval.escalation_minutes",
    "escalation": "settings.approval.escalation",
    **{
        f"{occasion}_{audience}_addresses": f"settings.notices, {occasion} for {audience}"
        for occasion, audience in CELLS
    },
}
EXPIRIES = ", ".join(str(choice // MINUTE) for choice in EXPIRY_CHOICES)
HINTS = {"expiry": f" In minutes: {EXPIRIES}."}


def placed(refused: Refused) -> Refused:
    """The same refusals, each naming the place in the file instead of a field."""
    return Refused(*map(_placed, refused.refusals))


def _placed(refusal: Refusal) -> Refusal:
    place = PLACES.get(refusal.field or "")
    if place is None:
        return refusal
    return replace(refusal, field=None, sentence=f"{place}: {refusal.sentence}{HINTS.get(refusal.code, '')}")

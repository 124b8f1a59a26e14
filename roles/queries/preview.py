"""What settings would mean today: who would be asked to approve, and who would be written to."""

from datetime import datetime
from typing import Any

from kernel.period import in_words
from roles.documents import AUDIENCE_WORDS, OCCASION_WORDS
from roles.models import Role
from roles.queries.deciders import Panel, eligible_people, escalation_panel, panels, stranded
from roles.queries.people import administrators, some_of, watchers
from roles.terms import CELLS, ApprovalTerms, Audience, Notice, Occasion, Settings

MOST_SHOWN = 10
MANAGER = "the manager of whoever asks"


def approval(role: Role, settings: Settings, at: datetime) -> dict[str, Any]:
    """Who would be asked to approve, and for whom of those eligible that would be too few."""
    stages = panels(settings.approval, at)
    left = stranded(stages, eligible_people(role, at)) if settings.activation.needs_approval else []
    return {"asked": _rounds(settings.approval, stages, at), "left": some_of(left, MOST_SHOWN)}


def asked(settings: Settings, at: datetime) -> dict[str, str]:
    """Who would be asked to approve, stage by stage, by name and number."""
    return _rounds(settings.approval, panels(settings.approval, at), at)


def _rounds(approval: ApprovalTerms, found: tuple[Panel, ...], at: datetime) -> dict[str, str]:
    titles = ["Approvers"] if len(found) == 1 else ["First stage", "Second stage"]
    rounds = {
        title: _round(panel, is_default=not stage.approvers)
        for title, panel, stage in zip(titles, found, approval.stages, strict=True)
    }
    if approval.escalation_after:
        title = f"After {in_words(approval.escalation_after)}, as well"
        rounds[title] = f"{_who(escalation_panel(approval, at, found[0].away))}."
    return rounds


def _round(panel: Panel, *, is_default: bool) -> str:
    needed = "1 approval is needed" if panel.quorum == 1 else f"{panel.quorum} approvals are needed"
    named = "Nobody is named, so the active Global and Privileged Role Administrators: " if is_default else ""
    return f"{named}{_who(panel)}. {needed}."


def _who(panel: Panel) -> str:
    words = [MANAGER] if panel.has_manager else []
    if panel.present:
        count = len(panel.present)
        words.insert(0, f"{count} {'person' if count == 1 else 'people'}: {some_of(panel.present, MOST_SHOWN)}")
    return "; and ".join(words) or "nobody"


def recipients(settings: Settings, at: datetime) -> dict[str, dict[str, str]]:
    """Who would get the emails of each occasion, audience by audience."""
    managing = some_of(administrators(at), MOST_SHOWN) or "nobody"
    watching = some_of(watchers(at), MOST_SHOWN) or "nobody"
    approving = (
        _approving(settings.approval, at) if settings.activation.needs_approval else "nobody: no approval is needed"
    )
    holding = {Occasion.ELIGIBLE: "whoever is eligible", Occasion.ACTIVE: "whoever is active"}
    usual = {
        Audience.ADMINISTRATORS: {**dict.fromkeys(Occasion, managing), Occasion.ACTIVATION: watching},
        Audience.HOLDER: {**holding, Occasion.ACTIVATION: "whoever activates"},
        # Staying longer is decided by administrators, activations by those the settings name.
        Audience.APPROVERS: {**dict.fromkeys(Occasion, managing), Occasion.ACTIVATION: approving},
    }
    found: dict[str, dict[str, str]] = {occasion.value: {} for occasion in Occasion}
    for occasion, audience in CELLS:
        notice = settings.notices.of(occasion, audience)
        found[occasion][audience.value] = _written_to(notice, usual[audience][occasion])
    return found


def notified(settings: Settings, at: datetime) -> dict[str, dict[str, str]]:
    """The same in words, for a page that only shows it."""
    return {
        OCCASION_WORDS[Occasion(occasion)]: {
            f"emails to {AUDIENCE_WORDS[Audience(audience)]}": words for audience, words in cells.items()
        }
        for occasion, cells in recipients(settings, at).items()
    }


def _approving(approval: ApprovalTerms, at: datetime) -> str:
    found = panels(approval, at)
    people = {person.pk: person for panel in found for person in panel.present}
    managers = [MANAGER] if any(panel.has_manager for panel in found) else []
    names = [some_of(list(people.values()), MOST_SHOWN)] if people else []
    return "; and ".join([*names, *managers]) or "nobody"


def _written_to(notice: Notice, usual: str) -> str:
    words = [*([usual] if notice.by_default else []), *notice.addresses]
    if not words:
        return "nobody"
    return "; ".join(words) + (" – only critical emails" if notice.only_critical else "")

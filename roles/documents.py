"""Settings as a document (JSON, for versions, templates, export and import) and in words (for pages, history, emails).

Pure. People stand in a document by their email and groups by their name, so that it can be read elsewhere.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kernel.document import Misread, Place
from kernel.period import MINUTE, in_words
from roles.terms import (
    CELLS,
    ActivationTerms,
    ApprovalTerms,
    ApproverKind,
    Audience,
    GrantTerms,
    Named,
    Notice,
    Notices,
    Occasion,
    SecondFactor,
    Settings,
    Stage,
)

Document = dict[str, Any]
Word = Callable[[Settings], str]
# Further than any rule goes: what is possible, the rules say.
MOST = 10_000_000
LONGEST_TEXT = 320


def settings_to(settings: Settings) -> Document:
    """The settings as JSON can hold them; durations in whole minutes."""
    activation, approval = settings.activation, settings.approval
    return {
        "activation": {
            "max_minutes": activation.max_duration // MINUTE,
            "second_factor": activation.second_factor.value,
            "needs_justification": activation.needs_justification,
            "justification_min_length": activation.justification_min_length,
            "needs_ticket": activation.needs_ticket,
            "ticket_pattern": activation.ticket_pattern,
            "needs_approval": activation.needs_approval,
            "decision_minutes": activation.decision_window // MINUTE,
            "warning_minutes": activation.warning // MINUTE,
        },
        "approval": {
            "stages": [
                {"approvers": [_named_to(one) for one in stage.approvers], "quorum": stage.quorum}
                for stage in approval.stages
            ],
            "reminds_at_half_time": approval.reminds_at_half_time,
            "escalation_minutes": approval.escalation_after // MINUTE if approval.escalation_after else None,
            "escalation": [_named_to(one) for one in approval.escalation],
            "needs_reason": approval.needs_reason,
            "needs_second_factor": approval.needs_second_factor,
        },
        "eligible": _grant_to(settings.eligible),
        "active": {
            **_grant_to(settings.active),
            "needs_second_factor": settings.active.needs_second_factor,
            "needs_justification": settings.active.needs_justification,
        },
        "notices": [
            {
                "occasion": occasion.value,
                "audience": audience.value,
                "by_default": notice.by_default,
                "addresses": list(notice.addresses),
                "only_critical": notice.only_critical,
            }
            for (occasion, audience), notice in zip(CELLS, settings.notices.cells, strict=True)
        ],
    }


def settings_from(document: Document) -> Settings:
    """The settings a document holds. Raises `Misread`, which names the place, if it is not such a document."""
    place = Place(document, "settings")
    read = Settings(
        activation=_activation_from(place["activation"]),
        approval=_approval_from(place["approval"]),
        eligible=GrantTerms(
            place["eligible"]["permanent_allowed"].yes_or_no(), _minutes(place["eligible"]["max_minutes"])
        ),
        active=GrantTerms(
            place["active"]["permanent_allowed"].yes_or_no(),
            _minutes(place["active"]["max_minutes"]),
            needs_second_factor=place["active"]["needs_second_factor"].yes_or_no(),
            needs_justification=place["active"]["needs_justification"].yes_or_no(),
        ),
        notices=_notices_from(place["notices"]),
    )
    place.refuse_the_rest()
    return read


def _activation_from(place: Place) -> ActivationTerms:
    return ActivationTerms(
        max_duration=_minutes(place["max_minutes"]),
        second_factor=place["second_factor"].one_of(SecondFactor),
        needs_justification=place["needs_justification"].yes_or_no(),
        justification_min_length=place["justification_min_length"].count(MOST),
        needs_ticket=place["needs_ticket"].yes_or_no(),
        ticket_pattern=place["ticket_pattern"].text(LONGEST_TEXT),
        needs_approval=place["needs_approval"].yes_or_no(),
        decision_window=_minutes(place["decision_minutes"]),
        # Documents of earlier releases do not say it.
        warning=_minutes(place.get("warning_minutes", ActivationTerms().warning // MINUTE)),
    )


def _approval_from(place: Place) -> ApprovalTerms:
    escalation = place["escalation_minutes"]
    return ApprovalTerms(
        stages=tuple(
            Stage(_all_named(stage["approvers"]), stage["quorum"].count(MOST)) for stage in place["stages"].items()
        ),
        reminds_at_half_time=place["reminds_at_half_time"].yes_or_no(),
        escalation_after=None if escalation.value is None else _minutes(escalation),
        escalation=_all_named(place["escalation"]),
        needs_reason=place["needs_reason"].yes_or_no(),
        needs_second_factor=place["needs_second_factor"].yes_or_no(),
    )


def _notices_from(place: Place) -> Notices:
    found: dict[tuple[Occasion, Audience], Notice] = {}
    for cell in place.items():
        key = (cell["occasion"].one_of(Occasion), cell["audience"].one_of(Audience))
        if key in found:
            raise Misread(f"{cell.path} is there twice: occasion {key[0]} for audience {key[1]}.")
        found[key] = Notice(
            cell["by_default"].yes_or_no(),
            tuple(address.text(LONGEST_TEXT) for address in cell["addresses"].items()),
            cell["only_critical"].yes_or_no(),
        )
    for occasion, audience in CELLS:
        if (occasion, audience) not in found:
            raise Misread(f"{place.path} lacks occasion {occasion} for audience {audience}.")
    return Notices(tuple(found[cell] for cell in CELLS))


def _named_to(named: Named) -> Document:
    return {"kind": named.kind.value, "name": named.name}


def _all_named(place: Place) -> tuple[Named, ...]:
    return tuple(sorted({_named_from(one) for one in place.items()}))


def _named_from(place: Place) -> Named:
    kind, name = place["kind"].one_of(ApproverKind), place["name"].text(LONGEST_TEXT)
    if bool(name) == (kind is ApproverKind.MANAGER):
        what = "empty, for a manager" if name else "the email of a person or the name of a group"
        raise Misread(f"{place.path}.name has to be {what}.")
    # Emails are kept in small letters.
    return Named(kind, name.lower() if kind is ApproverKind.USER else name)


def _grant_to(terms: GrantTerms) -> Document:
    return {"permanent_allowed": terms.permanent_allowed, "max_minutes": terms.max_duration // MINUTE}


def _minutes(place: Place) -> timedelta:
    return place.count(MOST) * MINUTE


# --- in words: one line for each setting, in the order of the pages


def yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


SECOND_FACTOR_WORDS = {
    SecondFactor.NONE: "nothing",
    SecondFactor.SHOWN: "a second factor",
    SecondFactor.FRESH: "a fresh second factor on every activation",
}
OCCASION_WORDS = {
    Occasion.ELIGIBLE: "Members assigned eligible",
    Occasion.ACTIVE: "Members assigned active",
    Occasion.ACTIVATION: "Eligible members activate",
}
AUDIENCE_WORDS = {
    Audience.ADMINISTRATORS: "administrators",
    Audience.HOLDER: "the person it is about",
    Audience.APPROVERS: "approvers",
}


def named_words(approvers: tuple[Named, ...]) -> str:
    """Who is named, people by email; the administrators where nobody is."""
    words = {
        ApproverKind.USER: "{}".format,
        ApproverKind.GROUP: "{} (group)".format,
        ApproverKind.MANAGER: lambda _name: "manager of whoever asks",
    }
    return ", ".join(words[one.kind](one.name) for one in approvers) or "Global and Privileged Role Administrators"


def _second_stage(settings: Settings, word: Callable[[Stage], str]) -> str:
    stages = settings.approval.stages
    return word(stages[1]) if len(stages) > 1 else "no second stage"


def _notice_words(notice: Notice) -> str:
    words = ["on" if notice.by_default else "off", *notice.addresses]
    return ", ".join([*words, "only critical"] if notice.only_critical else words)


def _notice_line(occasion: Occasion, audience: Audience) -> Word:
    return lambda one: _notice_words(one.notices.of(occasion, audience))


ACTIVATION: dict[str, Word] = {
    "Activation maximum duration": lambda one: in_words(one.activation.max_duration),
    "On activation, require": lambda one: SECOND_FACTOR_WORDS[one.activation.second_factor],
    "Require a justification on activation": lambda one: yes_or_no(one.activation.needs_justification),
    "Shortest justification": lambda one: f"{one.activation.justification_min_length} characters",
    "Require a ticket on activation": lambda one: yes_or_no(one.activation.needs_ticket),
    "Pattern of ticket numbers": lambda one: one.activation.ticket_pattern or "any",
    "Warn before the end": lambda one: in_words(one.activation.warning) if one.activation.warning else "not at all",
}
APPROVAL: dict[str, Word] = {
    "Require approval to activate": lambda one: yes_or_no(one.activation.needs_approval),
    "Approvers": lambda one: named_words(one.approval.stages[0].approvers),
    "Approvals needed": lambda one: str(one.approval.stages[0].quorum),
    "Approvers of the second stage": lambda one: _second_stage(one, lambda stage: named_words(stage.approvers)),
    "Approvals needed in the second stage": lambda one: _second_stage(one, lambda stage: str(stage.quorum)),
    "Time to decide": lambda one: in_words(one.activation.decision_window),
    "Remind approvers at half time": lambda one: yes_or_no(one.approval.reminds_at_half_time),
    "Escalate after": lambda one: in_words(one.approval.escalation_after) if one.approval.escalation_after else "never",
    "Escalate to": lambda one: named_words(one.approval.escalation) if one.approval.escalation else "nobody",
    "Approvers have to give a reason": lambda one: yes_or_no(one.approval.needs_reason),
    "Approvers have to show a second factor": lambda one: yes_or_no(one.approval.needs_second_factor),
}
ELIGIBLE: dict[str, Word] = {
    "Allow permanent eligible assignment": lambda one: yes_or_no(one.eligible.permanent_allowed),
    "Expire eligible assignments after": lambda one: in_words(one.eligible.max_duration),
}
ACTIVE: dict[str, Word] = {
    "Allow permanent active assignment": lambda one: yes_or_no(one.active.permanent_allowed),
    "Expire active assignments after": lambda one: in_words(one.active.max_duration),
    "Require a second factor of whoever assigns active": lambda one: yes_or_no(one.active.needs_second_factor),
    "Require a justification of whoever assigns active": lambda one: yes_or_no(one.active.needs_justification),
}
NOTIFICATION: dict[Occasion, dict[str, Word]] = {
    occasion: {
        f"{OCCASION_WORDS[occasion]}: emails to {AUDIENCE_WORDS[audience]}": _notice_line(occasion, audience)
        for audience in Audience
    }
    for occasion in Occasion
}
TABS: dict[str, dict[str, dict[str, Word]]] = {
    "activation": {"Activation": ACTIVATION, "Approval": APPROVAL},
    "assignment": {"Eligible assignments": ELIGIBLE, "Active assignments": ACTIVE},
    "notification": {OCCASION_WORDS[occasion]: words for occasion, words in NOTIFICATION.items()},
}
LINES: dict[str, Word] = {
    what: word for parts in TABS.values() for words in parts.values() for what, word in words.items()
}


def lines(settings: Settings) -> dict[str, str]:
    """Every setting in words, by what it sets."""
    return {what: word(settings) for what, word in LINES.items()}


def parts(settings: Settings, tab: str) -> dict[str, dict[str, str]]:
    """The settings of one tab in words, by the headings of the tab."""
    return {
        heading: {what.removeprefix(f"{heading}: "): word(settings) for what, word in words.items()}
        for heading, words in TABS[tab].items()
    }


def changes(before: Settings, after: Settings) -> list[dict[str, str]]:
    """What differs, old and new in words."""
    old, new = lines(before), lines(after)
    return [{"what": what, "old": old[what], "new": new[what]} for what in LINES if old[what] != new[what]]

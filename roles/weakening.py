"""Which changes of its settings make a role easier to get, longer to keep, or less watched. Pure.

Each rule has the name its setting has in words: see `roles.documents.LINES`.
"""

from collections.abc import Callable
from datetime import timedelta

from roles.terms import Audience, Occasion, SecondFactor, Settings, Stage

STRENGTH = (SecondFactor.NONE, SecondFactor.SHOWN, SecondFactor.FRESH)
NO_STAGE = Stage(quorum=0)

Rule = Callable[[Settings, Settings], bool]


def _dropped(is_asked_for: Callable[[Settings], bool]) -> Rule:
    return lambda before, after: is_asked_for(before) and not is_asked_for(after)


def _less(size: Callable[[Settings], int]) -> Rule:
    return lambda before, after: size(after) < size(before)


def _longer(duration: Callable[[Settings], timedelta]) -> Rule:
    return lambda before, after: duration(after) > duration(before)


def _if_approval_stays(rule: Rule) -> Rule:
    """Who approves, and how, matters where approval is needed before and after."""

    def both(before: Settings, after: Settings) -> bool:
        return before.activation.needs_approval and after.activation.needs_approval and rule(before, after)

    return both


def _stage(settings: Settings, number: int) -> Stage:
    stages = settings.approval.stages
    return stages[number] if number < len(stages) else NO_STAGE


def _other_approvers(number: int) -> Rule:
    """Whoever is taken away is missed, and whoever joins may be the easier one to ask; a stage more is neither."""

    def rule(before: Settings, after: Settings) -> bool:
        was = _stage(before, number)
        return was != NO_STAGE and was.approvers != _stage(after, number).approvers

    return rule


def _sooner_to_others(before: Settings, after: Settings) -> bool:
    was, is_now = before.approval.escalation_after, after.approval.escalation_after
    return is_now is not None and (was is None or is_now < was)


def _to_more_people(before: Settings, after: Settings) -> bool:
    return not set(after.approval.escalation) <= set(before.approval.escalation)


def _another_pattern(before: Settings, after: Settings) -> bool:
    """Which of two patterns is looser cannot be told: whatever comes instead of one counts."""
    return before.activation.ticket_pattern not in ("", after.activation.ticket_pattern)


def _quieter(occasion: Occasion) -> Rule:
    def rule(before: Settings, after: Settings) -> bool:
        was, is_now = (settings.notices.of(occasion, Audience.ADMINISTRATORS) for settings in (before, after))
        return (was.by_default and not is_now.by_default) or (is_now.only_critical and not was.only_critical)

    return rule


RULES: dict[str, Rule] = {
    "Activation maximum duration": _longer(lambda one: one.activation.max_duration),
    "On activation, require": _less(lambda one: STRENGTH.index(one.activation.second_factor)),
    "Require a justification on activation": _dropped(lambda one: one.activation.needs_justification),
    "Shortest justification": _less(lambda one: one.activation.justification_min_length),
    "Require a ticket on activation": _dropped(lambda one: one.activation.needs_ticket),
    "Pattern of ticket numbers": _another_pattern,
    "Require approval to activate": _dropped(lambda one: one.activation.needs_approval),
    "Approvers": _if_approval_stays(_other_approvers(0)),
    "Approvals needed": _if_approval_stays(_less(lambda one: _stage(one, 0).quorum)),
    "Approvers of the second stage": _if_approval_stays(_other_approvers(1)),
    "Approvals needed in the second stage": _if_approval_stays(_less(lambda one: _stage(one, 1).quorum)),
    "Escalate after": _if_approval_stays(_sooner_to_others),
    "Escalate to": _if_approval_stays(_to_more_people),
    "Approvers have to give a reason": _if_approval_stays(_dropped(lambda one: one.approval.needs_reason)),
    "Approvers have to show a second factor": _if_approval_stays(
        _dropped(lambda one: one.approval.needs_second_factor)
    ),
    "Allow permanent eligible assignment": _dropped(lambda one: not one.eligible.permanent_allowed),
    "Expire eligible assignments after": _longer(lambda one: one.eligible.max_duration),
    "Allow permanent active assignment": _dropped(lambda one: not one.active.permanent_allowed),
    "Expire active assignments after": _longer(lambda one: one.active.max_duration),
    "Require a second factor of whoever assigns active": _dropped(lambda one: one.active.needs_second_factor),
    "Require a justification of whoever assigns active": _dropped(lambda one: one.active.needs_justification),
    "Members assigned eligible: emails to administrators": _quieter(Occasion.ELIGIBLE),
    "Members assigned active: emails to administrators": _quieter(Occasion.ACTIVE),
    "Eligible members activate: emails to administrators": _quieter(Occasion.ACTIVATION),
}


def weaker(before: Settings, after: Settings) -> list[str]:
    """The names of the settings that this change loosens, in the order of the pages."""
    return [name for name, rule in RULES.items() if rule(before, after)]

"""A plan in words: what was set, and what a change made of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from kernel.period import in_words
from reviews.terms import Answered, Plan, Recurrence, Reviewers, StagePlan
from roles.documents import yes_or_no
from roles.terms import ApproverKind, Named

WHO = {
    Reviewers.SELF: "the holders themselves",
    Reviewers.MANAGERS: "the manager of each holder",
    Reviewers.OWNERS: "the owners of the group",
}


def lines(plan: Plan) -> dict[str, str]:
    """Everything that is set, by what it sets."""
    return {
        "Name": plan.name,
        "Description": plan.description or "none",
        "Assignments": plan.holding.label.lower(),
        "People": f"those who did not sign in for {plan.inactive_days} days" if plan.inactive_days else "everybody",
        **{what: said for number, _ in enumerate(plan.stages, 1) for what, said in _stage(plan, number).items()},
        "Start of the next review": moment(plan.start_at, plan.time_zone) if plan.start_at else "none",
        "How often": plan.recurrence.label.lower(),
        "Until": until(plan),
        "If nobody answers": plan.if_silent.label.lower(),
        "Apply the results by itself": yes_or_no(plan.applies_itself),
        "Ask for a reason": yes_or_no(plan.needs_reason),
        "Emails": yes_or_no(plan.writes_emails),
        "Reminder at half time": yes_or_no(plan.reminds),
        "Text in the emails to reviewers": plan.extra_text or "none",
        "Also told at the end": ", ".join(plan.told_addresses) or "nobody",
    }


def _stage(plan: Plan, number: int) -> dict[str, str]:
    stage = plan.stages[number - 1]
    which = f"Stage {number}: " if len(plan.stages) > 1 else ""
    said = {
        "reviewers": reviewers(stage),
        "fallback reviewers": named(stage.fallback),
        "time": in_words(stage.duration),
        "what moves on": moves_on(stage) if number < len(plan.stages) else "",
        "shows earlier answers": yes_or_no(stage.shows_earlier) if number > 1 else "",
    }
    return {(f"{which}{what}" if which else what.capitalize()): words for what, words in said.items() if words}


def reviewers(stage: StagePlan) -> str:
    """Who reviews in this stage."""
    return named(stage.chosen) if stage.reviewers == Reviewers.CHOSEN else WHO[stage.reviewers]


def named(those: tuple[Named, ...]) -> str:
    """People by email, groups by name."""
    words = (f"{one.name} (group)" if one.kind is ApproverKind.GROUP else one.name for one in those)
    return ", ".join(words) or "nobody"


def moves_on(stage: StagePlan) -> str:
    """Which lines go on to the next stage."""
    if stage.moves_on == frozenset(Answered):
        return "all lines"
    return ", ".join(one.label.lower() for one in Answered if one in stage.moves_on) or "nothing"


def until(plan: Plan) -> str:
    """When it comes no more."""
    if plan.recurrence == Recurrence.ONCE:
        return "once only"
    if plan.last_day:
        return f"{plan.last_day.day} {plan.last_day:%b %Y}"
    return f"{plan.occurrences} times in all" if plan.occurrences else "no end"


def moment(at: datetime, zone: str) -> str:
    """A moment in the zone of the plan, with the zone named."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"


def changes(before: Plan, after: Plan) -> list[dict[str, str]]:
    """What differs, old and new in words."""
    old, new = lines(before), lines(after)
    return [
        {"what": what, "old": old.get(what, "–"), "new": new.get(what, "–")}
        for what in {**old, **new}
        if old.get(what) != new.get(what)
    ]

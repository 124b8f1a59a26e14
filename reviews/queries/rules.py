"""The rules of a review, or of a series, in words: what is set, how often it comes, what goes on to the next stage."""

from zoneinfo import ZoneInfo

from reviews.models import Rules
from reviews.terms import Answered, Holding, Recurrence, Rhythm, Silence

WHAT_NOW = {True: "By itself, at the end", False: "When an administrator applies it"}
YES = {True: "Yes", False: "No"}


def parts(of: Rules) -> dict[str, dict[str, str]]:
    """Headings, and under each what is set."""
    return {
        "What is reviewed": {
            "assignments": Holding(of.holding).label,
            "people": f"Those who did not sign in for {of.inactive_days} days" if of.inactive_days else "All",
            "description": of.description or "–",
        },
        "At the end": {
            "if nobody answers": Silence(of.if_silent).label,
            "results are applied": WHAT_NOW[of.applies_itself],
            "told besides the administrators": ", ".join(of.told_addresses) or "Nobody",
        },
        "Reviewers": {
            "have to give a reason": YES[of.needs_reason],
            "get emails": YES[of.writes_emails],
            "are reminded at half time": YES[of.reminds],
            "read in the emails": of.extra_text or "Nothing besides",
        },
    }


def rhythm(of: Rhythm) -> str:
    """How often a review comes: 'Every month, 12 times'."""
    label = Recurrence(of.recurrence).label
    if of.recurrence == Recurrence.ONCE:
        return label
    if of.occurrences is not None:
        return f"{label}, {'once' if of.occurrences == 1 else f'{of.occurrences} times'}"
    if of.last_day is not None:
        return f"{label}, until {of.last_day.day} {of.last_day:%b %Y}"
    return f"{label}, without an end"


def hour(of: Rhythm) -> str:
    """At which hour it comes, in its own zone: '09:00 Europe/Berlin'."""
    return f"{of.first_at.astimezone(ZoneInfo(of.time_zone)):%H:%M} {of.time_zone}"


def moves_on(answers: frozenset[Answered]) -> str:
    """Which lines go on to the next stage."""
    if answers >= frozenset(Answered):
        return "every line"
    return ", ".join(one.label.lower() for one in Answered if one in answers) or "none"

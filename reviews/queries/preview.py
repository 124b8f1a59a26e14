"""What a review would be like if it began now: how many lines, who reviews whom, and what silence would take away.

The same number of queries for any number of lines; who is in which group, and who reviews, is read once for all roles.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Group, User
from reviews.policy import takes_from_all
from reviews.queries.evidence import groups
from reviews.queries.naming import Naming
from reviews.queries.panels import Panel, panel
from reviews.queries.snapshot import Line, lines
from reviews.terms import Answered, Plan, Reviewers, Silence, Verdict
from roles.models import Role
from roles.powers import ADMINISTRATORS

MOST_SHARES = 12
"""How many reviewers, or sets of them, a stage shows; the rest is counted."""
MOST_NAMED = 3


@dataclass(frozen=True)
class Share:
    """The same people review these lines."""

    who: str
    are_several: bool
    is_fallback: bool
    count: int
    whom: str


@dataclass(frozen=True)
class Round:
    """One stage: who would review which lines, and which nobody can."""

    number: int
    shares: Sequence[Share]
    # Sets of reviewers that are not shown.
    more: int
    # Lines that are reviewed by the holder.
    own: int
    nobody: int
    nobody_names: str


@dataclass(frozen=True)
class Preview:
    """A role, or a group, as its review would begin now."""

    subject: Role | Group
    count: int
    # Of the lines, groups; and how many people are in these.
    groups: int
    people_in_groups: int
    rounds: Sequence[Round]
    # What happens if nobody answers; empty where everybody keeps what they hold.
    silence: str
    keeps_last: bool


def of(plan: Plan, subjects: Iterable[Role | Group], at: datetime) -> list[Preview]:
    """For each role, or the group, what its review would be like."""
    who, naming, wanted = groups(at), Naming(plan), list(subjects)
    if not wanted:
        return []
    # Who reviews differs between subjects only for owners; and a group is planned alone.
    panels = [panel(stage.reviewers, naming.reviewers(stage), wanted[0], at, who) for stage in plan.stages]
    found = {
        subject: lines(subject, holding=plan.holding, inactive_days=plan.inactive_days, at=at, who=who)
        for subject in wanted
    }
    names = _Names({user for one in panels for user in _people(one, found.values())})
    return [_preview(plan, subject, found[subject], panels, names) for subject in wanted]


def _people(one: Panel, found: Iterable[list[Line]]) -> set[int]:
    managers = {line.manager_id for those in found for line in those if line.manager_id}
    return set(one.first | one.fallback | (managers if one.reviewers == Reviewers.MANAGERS else set()))


def _preview(plan: Plan, subject: Role | Group, found: list[Line], panels: list[Panel], names: "_Names") -> Preview:
    of_groups = [line.size for line in found if line.group]
    return Preview(
        subject=subject,
        count=len(found),
        groups=len(of_groups),
        people_in_groups=sum(of_groups),
        rounds=[_round(number, one, found, names) for number, one in enumerate(panels, 1)],
        silence=_silence(plan, subject, found, panels[_silent_until(plan)]),
        keeps_last=isinstance(subject, Role) and str(subject.template_id) in ADMINISTRATORS,
    )


# --- who reviews whom


class _Names:
    """People by number."""

    def __init__(self, numbers: set[int]) -> None:
        self.known = {user.pk: user.name for user in User.objects.filter(pk__in=numbers)}

    def of(self, people: Iterable[int]) -> str:
        return _listed(sorted(self.known[one] for one in people))


def _round(number: int, one: Panel, found: list[Line], names: _Names) -> Round:
    shared: dict[tuple[frozenset[int], bool], list[str]] = defaultdict(list)
    own, nobody = 0, []
    for line in found:
        reviewers = one.of(line)
        if one.misses(line)[1]:
            nobody.append(line.holder.name)
        elif reviewers <= {line.user_id}:
            own += 1
        else:
            shared[reviewers, not one.primaries(line)].append(line.holder.name)
    largest = sorted(shared.items(), key=lambda each: (each[0][1], -len(each[1]), each[1]))
    shares = [
        Share(names.of(who), len(who) > 1, is_fallback, len(whom), _listed(whom))
        for (who, is_fallback), whom in largest[:MOST_SHARES]
    ]
    return Round(number, shares, max(len(largest) - MOST_SHARES, 0), own, len(nobody), _listed(nobody))


def _listed(names: Sequence[str]) -> str:
    """'Anna, Bert, Cleo and 10 more'."""
    if len(names) <= MOST_NAMED + 1:
        *others, last = names or [""]
        return f"{', '.join(others)} and {last}" if others else last
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"


# --- if nobody answers


def _silent_until(plan: Plan) -> int:
    """Up to which stage, from 0, a line goes on that nobody answers."""
    stays = (number for number, stage in enumerate(plan.stages) if Answered.NOTHING not in stage.moves_on)
    return min(next(stays, len(plan.stages)), len(plan.stages) - 1)


def _silence(plan: Plan, subject: Role | Group, found: list[Line], who: Panel) -> str:
    """What silence takes away; where nobody can answer, it takes nothing."""
    if not found or not takes_from_all(plan.if_silent):
        return ""
    silent = [line.recommendation.verdict for line in found if not who.misses(line)[1]]
    losing = len(silent) if plan.if_silent == Silence.REMOVE else silent.count(Verdict.DENY)
    if losing == 0:
        why = "because nobody could" if plan.if_silent == Silence.REMOVE else "as the recommendations stand"
        return f"If nobody answers, nobody loses {_what(subject)}, {why}."
    if len(found) == 1:
        whoever, loses = found[0].holder.name, "loses"
    elif losing == len(found):
        whoever, loses = f"all {losing}", "lose"
    else:
        whoever, loses = f"{losing} of {len(found)}", "loses" if losing == 1 else "lose"
    return f"If nobody answers, {whoever} {loses} {_what(subject)}."


def _what(subject: Role | Group) -> str:
    return subject.name if isinstance(subject, Role) else f"their place in {subject.name}"

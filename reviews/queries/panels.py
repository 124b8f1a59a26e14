"""Who may answer a line: worked out for many lines at once, for the page that plans and when a stage opens.

`answerable.by` asks the database the same question for one person; a test holds the two together.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from accounts.models import Group, User
from reviews.models import ReviewStage
from reviews.queries.evidence import Groups, groups
from reviews.terms import Reviewers
from roles.models import Role


class OneLine(Protocol):
    """What of a line decides who may answer it."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def group_id(self) -> int | None: ...
    @property
    def manager_id(self) -> int | None: ...


class Named(Protocol):
    """A person or a group that was named."""

    @property
    def user_id(self) -> int | None: ...
    @property
    def group_id(self) -> int | None: ...
    @property
    def is_fallback(self) -> bool: ...


@dataclass(frozen=True)
class Panel:
    """The enabled people of a stage, by what makes them reviewers. Nobody answers their own line, nor that of a group
    that is theirs; only where holders review themselves, they do."""

    reviewers: Reviewers
    enabled: frozenset[int]
    first: frozenset[int]
    fallback: frozenset[int]
    who: Groups

    def primaries(self, line: OneLine) -> frozenset[int]:
        """Who reviews this line, before anybody falls back."""
        if self.reviewers == Reviewers.SELF:
            return frozenset({line.user_id} & self.enabled) if line.user_id else frozenset()
        if self.reviewers == Reviewers.MANAGERS:
            return frozenset({line.manager_id} & self.enabled) - self._own(line) if line.manager_id else frozenset()
        return self._others(self.first, line)

    def of(self, line: OneLine) -> frozenset[int]:
        """Who reviews this line; empty where nobody can."""
        return self.primaries(line) or self._others(self.fallback, line)

    def misses(self, line: OneLine) -> tuple[bool, bool]:
        """Whether nobody reviews this line before somebody falls back, and whether nobody does then either.

        Who was to review themselves and is disabled is not missed: leaving is silence, and silence counts.
        """
        is_for_fallback = not self.primaries(line)
        is_own = self.reviewers == Reviewers.SELF and line.user_id is not None
        return is_for_fallback, is_for_fallback and not is_own and not self._others(self.fallback, line)

    def _others(self, people: frozenset[int], line: OneLine) -> frozenset[int]:
        # One value for all lines it is the same for: ten thousand lines may have a thousand reviewers.
        own = self._own(line)
        return people if people.isdisjoint(own) else people - own

    def _own(self, line: OneLine) -> frozenset[int]:
        if line.user_id:
            return frozenset({line.user_id})
        return self.who.whose_own(line.group_id or 0)


def panel(
    reviewers: Reviewers, named: Iterable[Named], subject: Role | Group, at: datetime, who: Groups | None = None
) -> Panel:
    """The people of a stage at that moment; break-glass accounts never review. `who`: as in `snapshot.lines`."""
    who, listed = who or groups(at), list(named)
    enabled = frozenset(User.objects.enabled().filter(is_break_glass=False).values_list("pk", flat=True))
    chosen = _people([one for one in listed if not one.is_fallback], who)
    is_by_owners = reviewers == Reviewers.OWNERS and isinstance(subject, Group)
    first = frozenset(who.owners.get(subject.pk, ())) if is_by_owners else chosen
    fallback = _people([one for one in listed if one.is_fallback], who)
    return Panel(reviewers, enabled, first & enabled, fallback & enabled, who)


def panel_of(stage: ReviewStage, at: datetime) -> Panel:
    """Who reviews in this stage, as things stand."""
    return panel(Reviewers(stage.reviewers), stage.named.all(), stage.review.series.subject, at)


def open_lines(stage: ReviewStage, at: datetime) -> Counter[int]:
    """How many lines each reviewer of a stage can still answer in it, by person; whoever has none is left out."""
    who = panel_of(stage, at)
    lines = stage.items.unanswered().only("stage_id", "user_id", "group_id", "manager_id")
    open_to: Counter[int] = Counter()
    for panel, number in Counter(who.of(line) for line in lines).items():
        open_to.update(dict.fromkeys(panel, number))
    return open_to


def _people(named: list[Named], who: Groups) -> frozenset[int]:
    direct = {one.user_id for one in named if one.user_id}
    through = {member for one in named if one.group_id for member in who.members.get(one.group_id, ())}
    return frozenset(direct | through)

"""What the history is told about reviews and their lines."""

from collections.abc import Iterable

from accounts.models import Group
from audit.chain import sha256
from audit.events import About
from reviews.models import ReviewItem, Series
from roles.log import about_role
from roles.models import Role

MOST_NAMES = 100
"""How many holders the history names at the start of a review; the digest is of all."""


def about(series: Series) -> About:
    """An event about a review as a whole: of which role, or of which group."""
    return about_subject(series.subject)


def about_subject(subject: Role | Group) -> About:
    """An event about what is reviewed."""
    return about_role(subject) if isinstance(subject, Role) else About(scope_name=subject.name)


def about_item(item: ReviewItem) -> About:
    """An event about one line: about whose holding, by the name the line has."""
    whole = about(item.review.series)
    return About(
        person_id=item.user_id,
        person_name=item.name,
        role_id=whole.role_id,
        role_name=whole.role_name,
        scope_name=whole.scope_name,
    )


def digest(lines: Iterable[tuple[int | None, int | None, str]]) -> str:
    """The SHA-256 of the lines of a review, each with the number of the person or else of the group, and a verdict.

    `docs/history.md` says how to make it anew from the results that anybody can download, so its form never changes.
    """
    told = (f"user {user} {verdict}\n" if user else f"group {group} {verdict}\n" for user, group, verdict in lines)
    return sha256("".join(sorted(told)))

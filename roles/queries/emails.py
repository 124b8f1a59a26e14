"""The outbox as administrators look at it: filtered, and page by page by key."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from notifications.models import Email, EmailQuerySet

PAGE_LENGTH = 50
MOST_PEOPLE = 50
"""How many people a name may mean."""
COLUMNS = (
    "pk", "template", "to_name", "to_address", "subject", "promised_at", "next_try_at", "tries", "last_error",
    "sent_at", "gave_up_at", "held_at", "told_at",
)  # fmt: skip
"""What the list shows: not what an email told, and not where its link leads."""


@dataclass(frozen=True)
class Filters:
    """Which emails are wanted."""

    state: str = ""
    person: str = ""
    template: str = ""


@dataclass(frozen=True)
class EmailsPage:
    """Some emails, newest first, and the number below which the next page begins, if there is one."""

    emails: Sequence[Email]
    next_key: int | None


def page(filters: Filters, before: str) -> EmailsPage:
    """The emails below this number that fit; the newest for a number that makes no sense."""
    emails = _filtered(filters).order_by("-pk").only(*COLUMNS)
    if before.isdecimal() and len(before) < 19:
        emails = emails.filter(pk__lt=int(before))
    found = list(emails[: PAGE_LENGTH + 1])
    shown = found[:PAGE_LENGTH]
    return EmailsPage(shown, shown[-1].pk if len(found) > PAGE_LENGTH else None)


def _filtered(filters: Filters) -> EmailQuerySet:
    emails = Email.objects.all()
    if filters.state:
        by_state = {
            Email.State.WAITING: emails.waiting,
            Email.State.SENT: emails.sent,
            Email.State.FAILED: emails.failed,
            Email.State.HELD: emails.held,
            Email.State.TOLD: emails.told,
        }
        emails = by_state[Email.State(filters.state)]()
    if filters.template:
        emails = emails.filter(template=filters.template)
    return emails.filter(to_address__in=_addresses(filters.person)) if filters.person else emails


def _addresses(text: str) -> list[str]:
    """The address itself, and those of the people whose name or address has this in it."""
    known = User.objects.filter(Q(display_name__icontains=text) | Q(email__icontains=text)).order_by("pk")
    return [text, text.lower(), *known.values_list("email", flat=True)[:MOST_PEOPLE]]

"""A page of what waits for somebody's decision, with what helps them to decide."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from requests_app.models import RoleRequest
from requests_app.queries.deciding import inbox
from roles.models import Assignment

ON_A_PAGE = 50
MOST_ACTIVATIONS = 5
ORDERS: dict[str, tuple[str, ...]] = {
    "": ("asked_at", "pk"),
    "time": ("decide_until", "pk"),
    "role": ("role__name", "asked_at", "pk"),
    "person": ("user__display_name", "user__email", "asked_at", "pk"),
}


@dataclass(frozen=True)
class Waiting:
    """One line of the inbox."""

    role_request: RoleRequest
    # The last times the person activated this role, newest first.
    before: list[Assignment]


def page_of(user: User, *, said: str, sort: str, number: str | None, at: datetime) -> Page[RoleRequest]:
    """What waits for this person, narrowed to a person or role, in this order."""
    found = inbox(user, at=at).order_by(*ORDERS.get(sort, ORDERS[""]))
    for word in said.split():
        person = Q(user__display_name__icontains=word) | Q(user__email__icontains=word)
        found = found.filter(person | Q(role__name__icontains=word))
    return Paginator(found, ON_A_PAGE).get_page(number)


def with_history(page: Page[RoleRequest]) -> list[Waiting]:
    """Each request with the person's last activations of that role; one query for all."""
    shown = list(page)
    held = Assignment.objects.exclude(activated_from=None).filter(
        user__in={one.user_id for one in shown}, role__in={one.role_id for one in shown}
    )
    order = Window(RowNumber(), partition_by=[F("user"), F("role")], order_by=[F("start_at").desc(), F("pk").desc()])
    before: dict[tuple[int | None, int], list[Assignment]] = {}
    for one in held.annotate(place=order).filter(place__lte=MOST_ACTIVATIONS).order_by("place"):
        before.setdefault((one.user_id, one.role_id), []).append(one)
    return [Waiting(one, before.get((one.user_id, one.role_id), [])) for one in shown]

"""The numbers of a week, drawn."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.act import PortalRequest
from audit.queries import archives
from kernel import plot
from kernel.powers import Power
from roles.queries.weekly import PLOTTED, Numbers, Week, numbers, zone

NO_SUCH_WEEK = "There is no such week, or it has not begun. Write it like 2026-W47. Here is the last one."


@require_safe
@permission_required(Power.AUDIT_READ, raise_exception=True)
def digest(request: PortalRequest) -> HttpResponse:
    """A week, chosen in the address; the last one that is over, if none is."""
    at, typed = request.act.at, request.GET.get("week", "")
    this = Week.of(at)
    chosen = Week.named(typed) if typed else this.after(-1)
    week = chosen if chosen and chosen <= this else this.after(-1)
    told = numbers(week, at)
    page = {
        "told": told,
        "error": "" if week == chosen else NO_SUCH_WEEK,
        "typed": typed or week.name,
        "zone_name": zone().key,
        "is_running": week == this,
        "archived": archives.since(week.start),
        "later": week.after() if week < this else None,
        "earlier": week.after(-1),
        "plots": _plots(told),
        "top": list(zip(told.top, plot.shares([one.people for one in told.top]), strict=True)),
    }
    return render(request, "roles/digest.html", page, status=200 if week == chosen else 400)


def _plots(told: Numbers) -> list[tuple[str, str, list[plot.Bar]]]:
    each_day = [(f"{day:%a} {day.day}", number) for day, number in told.by_day]
    each_week = [(week.name[-3:], number) for week, number in told.by_week]
    return [
        ("Activations on each day", _said(each_day), plot.bars(each_day)),
        (f"Activations in {PLOTTED} weeks", _said(each_week), plot.bars(each_week, marked=told.week.name[-3:])),
    ]


def _said(values: list[tuple[str, int]]) -> str:
    """A plot for whoever does not see it."""
    return ", ".join(f"{label}: {value}" for label, value in values)

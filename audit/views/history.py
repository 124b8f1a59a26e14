"""The history: all of it for those who may, one's own for everybody."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.events import label_of
from audit.forms import HistoryFilterForm
from audit.models import Entry, EntryQuerySet, concerning
from audit.queries import archives, pages
from audit.queries.filters import parts
from kernel.powers import Power

reads_history = permission_required(Power.AUDIT_READ, raise_exception=True)


@require_safe
@reads_history
def history(request: HttpRequest) -> HttpResponse:
    """Everything that happened."""
    return _page(request, [Entry.objects.all()], title="Audit history", export="history_export")


@require_safe
def my_history(request: HttpRequest) -> HttpResponse:
    """What I did, and what was done to me."""
    mine = [Entry.objects.filter(part) for part in concerning(request.user.pk or 0)]
    return _page(request, mine, title="My audit history", export="my_history_export")


def _page(request: HttpRequest, entries: list[EntryQuerySet], *, title: str, export: str) -> HttpResponse:
    """The entries that fit; none if the filters make no sense, so that nobody takes everything for what they asked."""
    form, asked = HistoryFilterForm(request.GET), request.GET
    at = request.act.at  # type: ignore[attr-defined]
    is_valid = form.is_valid()
    filters = form.filters(at) if is_valid else None
    found = parts(entries, filters) if filters else [Entry.objects.none()]
    page = pages.page(found, before=asked.get("before", ""), after=asked.get("after", ""), oldest="oldest" in asked)
    link = form.link() if is_valid else ""
    context = {
        "form": form,
        "page": page,
        "rows": [(entry, label_of(entry.kind), entry.facts.get("changes", [])) for entry in page.entries],
        "counted": pages.counted(found, in_order=bool(filters and filters.texts)),
        "link": link,
        "permalink": f"{settings.PUBLIC_URL}{request.path}{'?' if link else ''}{link}",
        "title": title,
        "export": export if is_valid else "",
        "only": _only(page.entries, form.cleaned_data),
        "keep_days": settings.HISTORY_KEEP_DAYS,
        "archived": archives.since(filters.start) if filters else None,
    }
    return render(request, "audit/history.html", context, status=200 if is_valid else 400)


def _only(shown: list[Entry], chosen: dict[str, int | None]) -> list[str]:
    """What the filters that no field shows let through, in words: as the newest entry calls it."""
    sentences = []
    if number := chosen.get("person_id"):
        names = [entry.person_name if entry.person_id == number else entry.actor_name for entry in shown[:1]]
        sentences.append(f"Only what {(names or [f'person {number}'])[0]} did, and what was done to them.")
    if number := chosen.get("role_id"):
        names = [entry.role_name for entry in shown[:1]]
        sentences.append(f"Only what is about the role {(names or [f'{number}'])[0]}.")
    if number := chosen.get("request_id"):
        sentences.append(f"Only what is about request {number}.")
    return sentences

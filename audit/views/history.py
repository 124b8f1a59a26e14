"""The history: all of it for those who may, one's own for everybody."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import queries
from audit.events import label_of
from audit.forms import HistoryFilterForm
from audit.models import Entry, EntryQuerySet
from kernel.csv import lines
from kernel.powers import Power

reads_history = permission_required(Power.AUDIT_READ, raise_exception=True)


def _found(request: HttpRequest, entries: EntryQuerySet, form: HistoryFilterForm) -> EntryQuerySet:
    """What fits the filters; nothing if they make no sense, so that nobody takes everything for what they asked for."""
    if not form.is_valid():
        return entries.none()
    return queries.filtered(entries, form.filters(), at=request.act.at)  # type: ignore[attr-defined]


def _page(request: HttpRequest, entries: EntryQuerySet, *, title: str, export: str) -> HttpResponse:
    form = HistoryFilterForm(request.GET)
    found = _found(request, entries, form)
    page = queries.page(found, request.GET.get("before", ""))
    rows = [(entry, label_of(entry.kind), entry.facts.get("changes", [])) for entry in page.entries]
    context = {"form": form, "rows": rows, "next_key": page.next_key, "title": title, "export": export}
    return render(request, "audit/history.html", context, status=400 if form.errors else 200)


def _csv(request: HttpRequest, entries: EntryQuerySet, name: str) -> StreamingHttpResponse:
    form = HistoryFilterForm(request.GET)
    found = _found(request, entries, form)
    if form.errors:
        raise BadRequest("the filters make no sense")
    response = StreamingHttpResponse(lines(queries.rows(found)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@require_safe
@reads_history
def history(request: HttpRequest) -> HttpResponse:
    """Everything that happened."""
    return _page(request, Entry.objects.all(), title="Audit history", export="history_export")


@require_safe
@reads_history
def history_export(request: HttpRequest) -> StreamingHttpResponse:
    """The same, filtered the same way, as CSV."""
    return _csv(request, Entry.objects.all(), "audit-history")


@require_safe
def my_history(request: HttpRequest) -> HttpResponse:
    """What I did, and what was done to me."""
    mine = Entry.objects.concerning(request.user.pk or 0)
    return _page(request, mine, title="My audit history", export="my_history_export")


@require_safe
def my_history_export(request: HttpRequest) -> StreamingHttpResponse:
    """The same, filtered the same way, as CSV."""
    return _csv(request, Entry.objects.concerning(request.user.pk or 0), "my-audit-history")

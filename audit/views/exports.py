"""The history as a file, filtered as on its page. Sent by POST, because that somebody took it away is told, too."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_POST

from audit.forms import HistoryFilterForm
from audit.models import Entry, EntryQuerySet
from audit.operations import exports
from audit.queries import archives
from audit.queries.export import FILES
from audit.queries.filters import filtered
from audit.views.history import reads_history


@require_POST
@reads_history
def history_export(request: HttpRequest) -> StreamingHttpResponse:
    """Everything that happened, or what fits the filters."""
    return _file(request, Entry.objects.all(), name="audit-history", is_ones_own=False)


@require_POST
def my_history_export(request: HttpRequest) -> StreamingHttpResponse:
    """What I did, and what was done to me."""
    mine = Entry.objects.concerning(request.user.pk or 0)
    return _file(request, mine, name="my-audit-history", is_ones_own=True)


def _file(request: HttpRequest, entries: EntryQuerySet, *, name: str, is_ones_own: bool) -> StreamingHttpResponse:
    form, ending = HistoryFilterForm(request.GET), request.POST.get("file", "csv")
    if not form.is_valid() or ending not in FILES:
        raise BadRequest("the filters make no sense")
    act = request.act  # type: ignore[attr-defined]
    told = exports.export(act, file=ending, filters=form.link(), is_ones_own=is_ones_own)
    content_type, write = FILES[ending]
    filters = form.filters(act.at)
    found, archived = filtered(entries.filter(pk__lt=told.pk), filters), archives.since(filters.start)
    response = StreamingHttpResponse(write(found, archived.until if archived else None), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response

"""Settings beside each other: two of them, or those of all roles."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kernel.powers import Power
from roles.forms.templates import CompareForm
from roles.queries import settings
from roles.queries.matrix import matrix

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
ROWS_AT_ONCE = 200


@require_safe
@reads_roles
def compare_settings(request: HttpRequest) -> HttpResponse:
    """Every setting of two roles, templates, versions or the defaults, differences marked."""
    is_chosen = "left" in request.GET and "right" in request.GET
    form = CompareForm(request.GET if is_chosen else None, initial=request.GET.dict())
    page: dict[str, object] = {"form": form}
    if form.is_valid():
        left, right = form.cleaned_data["left"], form.cleaned_data["right"]
        rows = settings.compared(left.settings, right.settings)
        shown = [row for row in rows if row.differs or not form.cleaned_data["only"]]
        page |= {"left": left, "right": right, "rows": shown, "differing": sum(row.differs for row in rows)}
    return render(request, "roles/compare_settings.html", page, status=400 if form.errors else 200)


@require_safe
@reads_roles
def settings_matrix(request: HttpRequest) -> HttpResponse:
    """All roles and the settings that matter, what deviates from the defaults marked."""
    text = request.GET.get("q", "").replace("\x00", "").strip()
    only_deviating = request.GET.get("deviating") == "yes"
    found = matrix(settings.roles_in_use(text), only_deviating=only_deviating)
    page = {
        "columns": found.columns,
        "page": Paginator(found.rows, ROWS_AT_ONCE).get_page(request.GET.get("page")),
        "deviating": sum(bool(row.deviations) for row in found.rows),
        "q": text,
        "only_deviating": only_deviating,
    }
    return render(request, "roles/settings_matrix.html", page)

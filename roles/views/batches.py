"""Assigning much at once: chosen, looked over, done."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from kernel.refusal import Refusal, Refused
from roles.forms.batches import AssignManyForm, ColleagueForm
from roles.forms.grants import default_end
from roles.forms.tables import EXAMPLE, ImportForm
from roles.operations import batches
from roles.queries import giving
from roles.queries.giving import Wish
from roles.terms import DEFAULTS
from roles.views.assignments import manages_roles

READS = ["GET", "HEAD", "POST"]
STEERING = ("csrfmiddlewaretoken", "step", "pairs", "find")
"""What a form sends beside what was typed."""


@require_http_methods(READS)
@manages_roles
def assign_many(request: PortalRequest) -> HttpResponse:
    """Many people and groups, many roles."""
    find = request.POST.get("find", "").replace("\x00", "").strip()
    if _looks_over(request):
        form = AssignManyForm(request.POST, at=request.act.at)
        if form.is_valid():
            return _looked_over(request, form.wishes())
    else:
        form = AssignManyForm(initial=_begun(request), at=request.act.at)
        form.show_only(find, request.POST.getlist("roles"))
    page = {"form": form, "find": find}
    return render(request, "roles/assign_many.html", page, status=400 if form.is_bound else 200)


@require_http_methods(READS)
@manages_roles
def same_as_colleague(request: PortalRequest) -> HttpResponse:
    """What a colleague may activate, for others."""
    if _looks_over(request):
        form = ColleagueForm(request.POST, at=request.act.at)
        if form.is_valid():
            return _looked_over(request, form.wishes())
    else:
        form = ColleagueForm(initial=_begun(request), at=request.act.at)
    return render(request, "roles/same_as_colleague.html", {"form": form}, status=400 if form.is_bound else 200)


@require_http_methods(READS)
@manages_roles
def import_assignments(request: PortalRequest) -> HttpResponse:
    """A table of assignments: all of it, or nothing."""
    if _looks_over(request):
        form = ImportForm(request.POST, request.FILES, act=request.act)
        if form.is_valid():
            typed = [("text", form.cleaned_data["text"])]
            numbers = [numbered.number for numbered in form.numbered]
            return _looked_over(request, form.wishes(), typed=typed, numbers=numbers)
    else:
        form = ImportForm(initial={"text": request.POST.get("text", "")}, act=request.act)
    page = {"form": form, "example": EXAMPLE}
    return render(request, "roles/import_assignments.html", page, status=400 if form.is_bound else 200)


def _looks_over(request: PortalRequest) -> bool:
    """Whether what was typed is to be taken as it is; going back to it, and finding roles, is not."""
    return request.method == "POST" and request.POST.get("step") not in ("edit", "find")


def _begun(request: PortalRequest) -> dict[str, Any]:
    """The form as it was left, or as it begins."""
    if request.method == "POST":
        several = ("roles",)
        return {name: request.POST.getlist(name) if name in several else request.POST[name] for name in request.POST}
    return {"end_at": default_end(request.act.at, DEFAULTS.eligible.max_duration)}


def _looked_over(
    request: PortalRequest,
    wishes: Sequence[Wish],
    *,
    typed: list[tuple[str, str]] | None = None,
    numbers: Sequence[int] = (),
) -> HttpResponse:
    """Show what would happen; once that was looked over, do what was allowed then."""
    meanwhile: list[Refusal] = []
    if request.POST.get("step") == "confirm":
        chosen = set(request.POST.get("pairs", "").split())
        try:
            made = batches.give(request.act, _chosen(wishes, chosen))
        except Refused as refused:
            meanwhile = list(refused.refusals)
        else:
            what = "1 assignment is made." if len(made) == 1 else f"{len(made)} assignments are made."
            messages.success(request, f"{what} The members and the administrators get an email.")
            return redirect(f"{reverse('assignments')}?tab={wishes[0].kind}")
    page = _preview(request, wishes, numbers)
    page |= {"typed": typed or _typed(request.POST), "meanwhile": meanwhile}
    return render(request, "roles/preview.html", page, status=409 if meanwhile else 200)


def _chosen(wishes: Sequence[Wish], keys: set[str]) -> list[Wish]:
    """Those that were allowed when they were looked over. Raises `Refused` if one of them is no longer wished for."""
    if missing := len(keys - {wish.key for wish in wishes}):
        sentence = f"{missing} of what you looked over is no longer there."
        raise Refused(Refusal("gone", sentence))
    return [wish for wish in wishes if wish.key in keys]


def _preview(request: PortalRequest, wishes: Sequence[Wish], numbers: Sequence[int]) -> dict[str, Any]:
    refusals = giving.refusals(request.act, wishes)
    numbered = numbers or range(1, len(wishes) + 1)
    rows = list(zip(numbered, wishes, refusals, strict=True))
    allowed = [wish.key for _number, wish, refused in rows if not refused]
    return {
        "rows": rows,
        "pairs": " ".join(allowed),
        "allowed": len(allowed),
        "refused": len(rows) - len(allowed),
        "has_lines": bool(numbers),
    }


def _typed(sent: QueryDict) -> list[tuple[str, str]]:
    return [(name, str(value)) for name in sent if name not in STEERING for value in sent.getlist(name)]

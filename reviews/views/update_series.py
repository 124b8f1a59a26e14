"""The settings of a series: they count from the next review on."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.middleware import forget_typed, keeps_typed
from kernel.refusal import Refused, refuse_if_any, show_on
from reviews.documents import changes
from reviews.forms.plan import UpdateSeriesForm
from reviews.models import Series
from reviews.operations import series
from reviews.queries import plans
from reviews.terms import Plan
from reviews.views import planning


@require_http_methods(["GET", "HEAD", "POST"])
@planning.manages_reviews
@keeps_typed
def update_series(request: PortalRequest, series_id: int) -> HttpResponse:
    """The same form, filled in; what would change is looked over before it is saved."""
    found = get_object_or_404(plans.to_edit(), pk=series_id)
    kept = plans.plan_of(found)
    if request.method != "POST" or planning.is_typing(request):
        typed = planning.typed_before(request)
        initial = UpdateSeriesForm.as_typed(typed) if typed is not None else None
        return _show(request, found, _form(found, kept, initial=initial))
    form = _form(found, kept, request.POST)
    status = 400
    if form.is_valid():
        plan, stand = form.plan(time_zone=found.time_zone), form.cleaned_data["stand"]
        try:
            if planning.is_saving(request):
                return _saved(request, found, len(series.change(request.act, found, plan, stand=stand)))
            refuse_if_any(series.check_change(request.act, found, plan, stand=stand))
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            return planning.show_check(
                request,
                plan,
                [found.subject],
                found,
                changes=changes(kept, plan),
                ended=plan.start_at is None,
            )
    return _show(request, found, form, status=status)


def _form(found: Series, kept: Plan, data: Any = None, **initial: Any) -> UpdateSeriesForm:
    return UpdateSeriesForm(data, kept=kept, stand=found.stand, of_group=found.group_id is not None, **initial)


def _show(request: PortalRequest, found: Series, form: UpdateSeriesForm, *, status: int = 200) -> HttpResponse:
    running = found.reviews.running(request.act.at).first()
    page = {"form": form, "series": found, "running": running}
    return render(request, "reviews/update_series.html", page, status=status)


def _saved(request: PortalRequest, found: Series, count: int) -> HttpResponse:
    forget_typed(request)
    if count:
        what = f"Saved: {count} {'change' if count == 1 else 'changes'}. They count from the next review on."
    else:
        what = "Nothing was changed: it was set so already."
    messages.success(request, what)
    return redirect("review_series", found.pk)

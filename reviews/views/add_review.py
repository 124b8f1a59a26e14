"""Setting up access reviews: typed, checked, saved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.middleware import forget_typed, keeps_typed
from accounts.models import Group
from kernel.period import MINUTE, in_words
from kernel.refusal import Refused, refuse_if_any, show_on
from reviews.forms.add_review import AddReviewForm
from reviews.models import Series
from reviews.operations import series
from reviews.views import planning
from roles.queries.access import find_role


@require_http_methods(["GET", "HEAD", "POST"])
@planning.manages_reviews
@keeps_typed
def add_review(request: PortalRequest) -> HttpResponse:
    """A form in numbered steps; what it means is looked over before it is saved."""
    if request.method != "POST" or planning.is_typing(request):
        return _show(request, AddReviewForm(initial=_begun(request)))
    form = AddReviewForm(request.POST)
    if form.is_valid():
        plan, subjects = form.plan(time_zone=request.user.time_zone), form.subjects()
        try:
            if planning.is_saving(request):
                made = series.plan(request.act, subjects, plan, form_key=form.cleaned_data["form_key"])
                return _saved(request, made)
            refuse_if_any(series.check(request.act, subjects, plan))
        except Refused as refused:
            show_on(form, refused)
        else:
            return planning.show_check(request, plan, subjects)
    return _show(request, form, status=400)


def _show(request: PortalRequest, form: AddReviewForm, *, status: int = 200) -> HttpResponse:
    find = request.POST.get("find", "").replace("\x00", "").strip()
    if planning.is_typing(request):
        form.show_only(find, request.POST.getlist("roles"))
    return render(request, "reviews/add_review.html", {"form": form, "find": find}, status=status)


def _begun(request: PortalRequest) -> dict[str, Any]:
    """The form as it was left, or with the role or the group that the address names."""
    if (typed := planning.typed_before(request)) is not None:
        return AddReviewForm.as_typed(typed)
    role, group = find_role(request.GET.get("role", "")), request.GET.get("group", "")
    is_number = group.isdecimal() and len(group) < 10
    return {
        "roles": [role.pk] if role else [],
        "group": Group.objects.filter(pk=int(group)).first() if is_number else None,
    }


def _saved(request: PortalRequest, made: Sequence[Series]) -> HttpResponse:
    forget_typed(request)
    messages.success(request, _sentence(made, request.act.at))
    return redirect("reviews")


def _sentence(made: Sequence[Series], at: datetime) -> str:
    first, is_one = made[0], len(made) == 1
    if all(one.made_at != at for one in made):
        return "This was set up already."
    what = f"{first.name} is set up for {first.subject.name}." if is_one else f"{len(made)} reviews are set up."
    wait = made[-1].first_at - at
    starts = f"in {in_words(wait)}" if wait >= MINUTE else "within seconds"
    return f"{what} {'It starts' if is_one else 'They start'} {starts}."

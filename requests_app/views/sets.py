"""Sets of roles under a name."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.act import PortalRequest
from kernel.refusal import Refused, show_on
from requests_app.forms.basket import SetForm
from requests_app.models import RoleSet
from requests_app.operations import offers
from requests_app.views import picks


@require_http_methods(["GET", "HEAD", "POST"])
def save_set(request: PortalRequest) -> HttpResponse:
    """Keep what was picked under a name."""
    chosen, form, status = picks.picked(request), SetForm(request.POST or None), 200
    if form.is_valid():
        try:
            kept = offers.save_set(request.act, chosen, name=form.cleaned_data["name"])
        except Refused as refused:
            show_on(form, refused)
            status = refused.status
        else:
            messages.success(request, f"{kept.name} is saved. It is listed on top of your roles.")
            return redirect("my_roles")
    elif form.errors:
        status = 400
    page = {"form": form, "chosen": chosen, "picks": picks.query(chosen)}
    return render(request, "requests_app/save_set.html", page, status=status)


@require_POST
def delete_set(request: PortalRequest, set_id: int) -> HttpResponse:
    """Forget a set; its roles stay."""
    mine = get_object_or_404(RoleSet, pk=set_id, user=request.user)
    offers.delete_set(request.act, mine)
    messages.success(request, f"{mine.name} is deleted. You can still activate its roles.")
    return redirect("my_roles")

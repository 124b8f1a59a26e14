"""The accounts for emergencies: when they were tested, and what their sign-ins were."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.act import PortalRequest
from accounts.models import EmergencyUse
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles.forms.emergency import NoteForm
from roles.operations import administrators
from roles.queries import emergency

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
manages_people = permission_required(Power.PEOPLE_MANAGE, raise_exception=True)


@require_safe
@reads_roles
def break_glass(request: PortalRequest) -> HttpResponse:
    """Each account with its last test, and every sign-in with what it was."""
    page = {
        "accounts": emergency.accounts(request.act.at),
        "page": Paginator(emergency.uses(), 30).get_page(request.GET.get("page")),
        "may_note": request.user.has_perm(Power.PEOPLE_MANAGE),
    }
    return render(request, "roles/break_glass.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_people
def note_break_glass(request: PortalRequest, use_id: int) -> HttpResponse:
    """Say what one sign-in was."""
    use = get_object_or_404(EmergencyUse.objects.select_related("user", "noted_by"), pk=use_id)
    form = NoteForm(request.POST or None)
    status = 200 if request.method != "POST" else 400
    if form.is_valid():
        typed = form.cleaned_data
        try:
            administrators.note(request.act, use, purpose=typed["purpose"], text=typed["note"])
        except Refused as refused:
            show_on(form, refused)
            status = 400 if all(refusal.field for refusal in refused.refusals) else 409
        else:
            messages.success(request, f"What the sign-in of {use.user.name} was is written down.")
            return redirect("break_glass")
    return render(request, "roles/note_break_glass.html", {"form": form, "use": use}, status=status)

"""What I get by email, and when."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.operations import mail
from accounts.policy import next_morning
from notifications.queries import held_for
from notifications.terms import Pace
from roles.forms.notifications import EmailsForm
from roles.queries.people import watchers

SAVED = {
    Pace.AT_ONCE: "Saved. You get every email at once.",
    Pace.DAILY: "Saved. What only informs you comes in one email a day.",
    Pace.DECISIONS: "Saved. You get only what needs you and what is yours.",
}
HELD_IS_SENT = " What was held back is sent to you now."


@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: PortalRequest) -> HttpResponse:
    """At once, in a daily digest, or only what needs me."""
    user, at = request.user, request.act.at
    has_weekly = user in watchers(at)
    now = {"pace": user.email_pace, "wants_weekly_digest": user.wants_weekly_digest}
    typed = request.POST if request.method == "POST" else None
    form = EmailsForm(typed, initial=now, has_weekly=has_weekly)
    if form.is_valid():
        chosen = {**now, **form.cleaned_data}
        held = held_for(user.pk)
        mail.choose(request.act, **chosen)
        flushed = held and chosen["pace"] != Pace.DAILY
        messages.success(request, SAVED[Pace(chosen["pace"])] + (HELD_IS_SENT if flushed else ""))
        return redirect("notifications")
    page = {
        "form": form,
        "has_weekly": has_weekly,
        "held": held_for(user.pk),
        "next_digest": next_morning(user.time_zone, at),
    }
    return render(request, "roles/notifications.html", page, status=400 if form.errors else 200)

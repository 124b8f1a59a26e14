"""What the portal wrote, for the demo: a mailbox without a mail server."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import User
from notifications import queries
from notifications.email import render as render_email
from notifications.models import Email

# Emails style themselves inline; a click may lead out of the frame; nothing else is allowed.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)


@login_not_required
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Emails to demo people, newest first; or to one of them."""
    people = User.objects.filter(is_demo=True)
    chosen = people.filter(email__iexact=request.GET.get("to", "").replace("\x00", "")).first()
    addresses = [chosen.email] if chosen else [person.email for person in people]
    emails = queries.mailbox(addresses, request.GET.get("page"))
    rows = [(email, render_email(email).subject) for email in emails]
    return render(request, "pimportal/mailbox.html", {"page": emails, "rows": rows, "people": people, "chosen": chosen})


@login_not_required
@require_safe
def email_html(request: HttpRequest, email_id: int) -> HttpResponse:
    """The HTML part alone, for the frame. May style itself, as emails do; can do nothing else."""
    html = render_email(_to_demo_people(email_id)).html
    # Links lead out of the frame: no page of the portal can be shown within one.
    response = HttpResponse(html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _to_demo_people(email_id: int) -> Email:
    addresses = User.objects.filter(is_demo=True).values("email")
    found: Email = get_object_or_404(Email, pk=email_id, to_address__in=addresses)
    return found


@login_not_required
@require_safe
def email(request: HttpRequest, email_id: int) -> HttpResponse:
    """One email as its reader sees it."""
    found = _to_demo_people(email_id)
    return render(request, "pimportal/mailbox_email.html", {"email": found, "rendered": render_email(found)})

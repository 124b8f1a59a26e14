"""From a row of the outbox to subject, text, HTML and calendar entry, in the reader's time zone."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kernel.calendar import Entry
from notifications.models import Email


@dataclass(frozen=True)
class Rendered:
    """An email as it is read."""

    subject: str
    text: str
    html: str
    calendar: Entry | None = None


def render(email: Email) -> Rendered:
    """Fill the three templates of an email. Facts whose name ends in `_at` are moments, in lists of facts as well."""
    subject, text, html = _filled(email, "subject.txt", "body.txt", "body.html")
    return Rendered(subject=_line(subject), text=text, html=html, calendar=_calendar(email))


def subject_of(email: Email) -> str:
    """The subject alone, in one line."""
    return _line(*_filled(email, "subject.txt"))


def _line(text: str) -> str:
    return " ".join(text.split())


def _filled(email: Email, *files: str) -> list[str]:
    context = {
        **_told(email.facts),
        "to_name": email.to_name,
        "to_address": email.to_address,
        "why": email.why,
        "link": settings.PUBLIC_URL + email.path,
        "portal_link": settings.PUBLIC_URL,
        "choose_link": settings.PUBLIC_URL + reverse("notifications") if _can_choose(email) else "",
    }
    with timezone.override(ZoneInfo(email.time_zone)):
        return [render_to_string(f"email/{email.template}/{file}", context) for file in files]


def _can_choose(email: Email) -> bool:
    """Whether it is to somebody who signs in here; whoever is only being let in, does not yet."""
    return email.to_person is not None and not email.path_is_secret


def _calendar(email: Email) -> Entry | None:
    """What to put into a calendar, or take out of it, where the email is about something planned."""
    planned = email.facts.get("calendar")
    if not planned:
        return None
    return Entry(
        uid=f"{planned['uid']}@{_host()}",
        sequence=planned["sequence"],
        written_at=email.promised_at,
        start_at=datetime.fromisoformat(planned["start_at"]),
        end_at=datetime.fromisoformat(planned["end_at"]),
        summary=planned["summary"],
        description=planned["description"],
        url=settings.PUBLIC_URL + email.path,
        organizer=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        is_cancelled=planned["is_cancelled"],
    )


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: _fact(name, value) for name, value in facts.items()}


def _fact(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_told(one) if isinstance(one, dict) else one for one in value]
    return parse_datetime(value) if name.endswith("_at") and isinstance(value, str) else value


def message_id(email: Email) -> str:
    """The same for every try, so that a mail program folds the rare double into one."""
    name = hashlib.sha256(email.key.encode()).hexdigest()[:32]
    return f"<{name}@{_host()}>"


def _host() -> str | None:
    name: str | None = urlsplit(settings.PUBLIC_URL).hostname
    return name

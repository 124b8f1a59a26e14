"""How moments and durations are written, on pages and in emails."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kernel.period import MINUTE, in_words

register = template.Library()


def written(moment: datetime) -> str:
    """In the reader's zone, with the zone named: '24 Nov 2026, 10:30 CET'."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"


@register.filter(name="moment")
def moment_text(value: datetime | None, otherwise: str = "–") -> str:
    """A moment as text; `otherwise` where there is none."""
    return written(value) if value else otherwise


@register.filter
def when(value: datetime | None, otherwise: str = "–") -> SafeString | str:
    """A moment as a `<time>` element, to the second in its title."""
    if not value:
        return otherwise
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}",
        written(value),
    )


@register.filter
def exactly(value: datetime) -> SafeString:
    """A moment to the second, for evidence: '2026-11-24 10:30:07 CET'."""
    local = timezone.localtime(value)
    text = f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@register.filter
def words(value: timedelta | None) -> str:
    """A duration in words."""
    return in_words(value) if value is not None else "–"


@register.filter
def lateness(value: timedelta) -> str:
    """A short time after a moment, to the hundredth of a second where it is short: '0.12 s', '3 min'."""
    return f"{value.total_seconds():.2f} s" if value < MINUTE else in_words(value)


@register.filter
def ahead(value: timedelta | None) -> str:
    """How far a clock is ahead of another, in words."""
    if value is None:
        return "not known"
    size = lateness(abs(value))
    return (
        f"{size} {'behind' if value < timedelta() else 'ahead'}"
        if abs(value) >= timedelta(milliseconds=10)
        else "the same"
    )


@register.simple_tag(takes_context=True)
def ends_in(context: dict[str, Any], end: datetime | None) -> str:
    """How long until an end, seen from the moment of this request."""
    request: HttpRequest = context["request"]
    at: datetime = request.act.at  # type: ignore[attr-defined]
    if end and end <= at:
        return "kept: the last one"
    return f"{in_words(end - at)} left" if end else "no end"


@register.simple_tag(takes_context=True)
def time_left(context: dict[str, Any], end: datetime) -> str:
    """How long until an end, in whole minutes."""
    request: HttpRequest = context["request"]
    at: datetime = request.act.at  # type: ignore[attr-defined]
    left = end - at
    return in_words(left - left % MINUTE) if left >= MINUTE else "less than a minute"


@register.filter
def clock(value: datetime) -> SafeString:
    """A moment of these hours, as its time alone: '10:30 CET'."""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), written(value), f"{local:%H:%M} {local.tzname()}"
    )


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: object) -> str:
    """The query of this page with some values changed, for links that keep the filters."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"

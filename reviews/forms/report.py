"""Which reviews a report is about."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from kernel.period import DAY
from reviews.queries.results import Span
from reviews.terms import Answered

KINDS = (("", "Roles and groups"), ("roles", "Roles"), ("groups", "Groups"))
ANSWERS = (("approve", "Approved"), ("deny", "Denied"), ("dont_know", "Don’t know"), ("not_reviewed", "Not reviewed"))


EARLIEST_YEAR, LATEST_YEAR = 2000, 2999


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ReportForm(forms.Form):
    """A span of whole days in the person's zone, both included; what was reviewed; which answers."""

    first_day = forms.DateField(label="From", widget=DayInput())
    last_day = forms.DateField(label="Until", widget=DayInput(), help_text="That day included.")
    kind = forms.ChoiceField(label="Reviews of", required=False, choices=KINDS)
    answers = forms.MultipleChoiceField(
        label="Only lines that were", required=False, choices=ANSWERS, widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all of them.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The last day is no earlier than the first."""
        typed: dict[str, Any] = super().clean() or {}
        first, last = typed.get("first_day"), typed.get("last_day")
        if last and last.year > LATEST_YEAR:
            self.add_error("last_day", f"Choose a day before {LATEST_YEAR + 1}.")
        if first and first.year < EARLIEST_YEAR:
            self.add_error("first_day", f"Choose a day after {EARLIEST_YEAR - 1}.")
        if first and last and last < first:
            self.add_error("last_day", "Choose a last day that is not before the first.")
        return typed

    def span(self) -> Span:
        """What was chosen, once the form is valid."""
        typed = self.cleaned_data
        chosen = frozenset(Answered.NOTHING if one == "not_reviewed" else Answered(one) for one in typed["answers"])
        return Span(
            start_at=_begin_of(typed["first_day"]),
            end_at=_begin_of(typed["last_day"] + DAY),
            of_roles=typed["kind"] != "groups",
            of_groups=typed["kind"] != "roles",
            answers=chosen,
        )

    def link(self) -> str:
        """What was chosen, in a line for the history."""
        typed = self.cleaned_data
        parts = [f"{typed['first_day']} to {typed['last_day']}", typed["kind"], *typed["answers"]]
        return ", ".join(filter(None, parts))


def last_quarter(at: datetime) -> dict[str, date]:
    """What the form begins with: the last ninety days."""
    today = timezone.localtime(at).date()
    return {"first_day": today - timedelta(days=89), "last_day": today}


def _begin_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))

"""What people type when they ask."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms

from kernel.period import HOUR, MINUTE, in_words
from requests_app.policy import LONGEST_TEXT, LONGEST_TICKET, ActivationAsk
from roles.forms.fields import MomentField
from roles.models import Resource
from roles.queries.endings import clock_words
from roles.terms import ActivationTerms

QUICK = (1, 2, 4)
"""Hours that are offered with one press."""
MAXIMUM = "max"


class ActivationForm(forms.Form):
    """Has exactly the fields the role's terms demand."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    scope = forms.ModelChoiceField(
        label="Where",
        queryset=Resource.objects.none(),
        empty_label=None,
        help_text="Everywhere you may, or only there where you need it.",
        error_messages={"invalid_choice": "Choose one of the listed places."},
    )
    quick = forms.ChoiceField(
        label="Duration",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the listed durations."},
    )
    duration = forms.TypedChoiceField(
        label="Another duration",
        required=False,
        empty_value=None,
        coerce=lambda minutes: int(minutes) * MINUTE,
        widget=forms.Select,
    )
    start_at = MomentField(
        label="Start",
        required=False,
        help_text="Empty: at once, or as soon as it is approved.",
    )
    ticket_number = forms.CharField(label="Ticket number", max_length=LONGEST_TICKET, required=False)
    ticket_system = forms.CharField(label="Ticket system", max_length=LONGEST_TICKET, required=False)
    justification = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_TEXT}),
        help_text="Why you need the role. Approvers and auditors read it.",
    )

    def __init__(
        self, *args: Any, terms: ActivationTerms, at: datetime, places: Sequence[Resource] = (), **kwargs: Any
    ) -> None:
        """`places` are where one may activate, the widest first; `at` is when what is quickly chosen would begin."""
        super().__init__(*args, **kwargs)
        self.terms = terms
        self._offer_places(places)
        self.initial.setdefault("form_key", uuid4())
        quick = _quick(terms.max_duration, at)
        if not self.initial.get("duration"):
            self.initial.setdefault("quick", quick[0][0])
        self.fields["quick"].choices = quick  # type: ignore[attr-defined]
        self.fields["duration"].choices = _choices(terms.max_duration)  # type: ignore[attr-defined]
        self.fields["duration"].help_text = f"At most {in_words(terms.max_duration)}. Goes before what is chosen above."
        self.fields["duration"].error_messages["invalid_choice"] = (
            f"Choose a duration from {in_words(30 * MINUTE)} to {in_words(terms.max_duration)}, in half hours."
        )
        if terms.needs_justification:
            shortest = terms.justification_min_length
            demand = f"Required, at least {shortest} characters." if shortest else "Required."
            self.fields["justification"].help_text = f"{demand} {self.fields['justification'].help_text}"
        self.fields["ticket_number"].help_text = self.fields["ticket_system"].help_text = "Required."
        if terms.ticket_pattern:
            self.fields["ticket_number"].help_text = f"Required. It has to match {terms.ticket_pattern}"
        if not terms.needs_ticket:
            del self.fields["ticket_number"], self.fields["ticket_system"]

    def _offer_places(self, places: Sequence[Resource]) -> None:
        if len(places) < 2:
            del self.fields["scope"]
            return
        offered = Resource.objects.filter(pk__in=[place.pk for place in places])
        self.fields["scope"].queryset = offered  # type: ignore[attr-defined]
        self.fields["scope"].choices = [(place.pk, place.name) for place in places]  # type: ignore[attr-defined]
        self.initial.setdefault("scope", places[0].pk)

    def clean(self) -> None:
        """A hidden field cannot show what is wrong with it; a duration is chosen in one of two ways."""
        chosen = self.cleaned_data.get("duration") or self.cleaned_data.get("quick")
        if not chosen and not self.errors.keys() & {"duration", "quick"}:
            self.add_error("duration", "Choose how long you need the role.")
        if "form_key" not in self.cleaned_data:
            self.add_error(None, "This page was sent incompletely. Open it again and send it once more.")

    @property
    def key(self) -> UUID | None:
        """What tells this form from others, if it came along."""
        return self.cleaned_data.get("form_key") if self.is_bound else None

    @property
    def chosen_duration(self) -> timedelta:
        """What was chosen: freely, or else quickly."""
        quick: str = self.cleaned_data["quick"]
        chosen: timedelta | None = self.cleaned_data["duration"]
        return chosen or self.length_of(quick)

    def length_of(self, quick: str) -> timedelta:
        """How long what is quickly chosen is."""
        return self.terms.max_duration if quick == MAXIMUM else int(quick) * MINUTE

    def ask(self) -> ActivationAsk:
        """What was typed, as a value."""
        typed = self.cleaned_data
        return ActivationAsk(
            duration=self.chosen_duration,
            start_at=typed["start_at"],
            justification=typed["justification"].strip(),
            ticket_number=typed.get("ticket_number", "").strip(),
            ticket_system=typed.get("ticket_system", "").strip(),
        )


def _quick(longest: timedelta, at: datetime) -> list[tuple[str, str]]:
    """An hour, two, four, and the maximum, each with its end if it began now."""
    lengths = [hours * HOUR for hours in QUICK if hours * HOUR <= longest]
    offered = [(str(length // MINUTE), in_words(length), length) for length in lengths if length != longest]
    value = str(longest // MINUTE) if longest in lengths else MAXIMUM
    offered.append((value, f"{in_words(longest)}, the maximum", longest))
    return [(value, f"{label} – until {clock_words(at + length, at)}") for value, label, length in offered]


def _choices(longest: timedelta) -> list[tuple[str, str]]:
    steps = [30 * MINUTE * count for count in range(1, longest // (30 * MINUTE) + 1)]
    return [("", "as chosen above"), *((str(step // MINUTE), in_words(step)) for step in steps)]

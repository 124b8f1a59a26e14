"""Asking to keep what is assigned, and deciding on it, as it is typed."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from requests_app.operations.renewals import Given
from requests_app.policy import LONGEST_TEXT
from roles.forms.grants import KINDS, PeriodForm
from roles.policy import GrantAsk, Kind


class RenewalForm(PeriodForm):
    """Until when, and why."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    start_at = None  # type: ignore[assignment]
    justification = forms.CharField(
        label="Reason",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Required. Why you still need it. Administrators and auditors read it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("form_key", uuid4())

    def clean(self) -> dict[str, Any]:
        """A hidden field cannot show what is wrong with it."""
        typed = super().clean()
        if "form_key" not in typed:
            self.add_error(None, "This page was sent incompletely. Open it again and send it once more.")
        return typed

    def ask(self, at: datetime) -> GrantAsk:
        """What was typed, as a value; it starts now."""
        return GrantAsk(at, self.cleaned_data["end_at"], self.cleaned_data["justification"].strip())


class RenewalDecisionForm(PeriodForm):
    """What is given: of which type, from when, until when, and why. Denying needs the reason alone."""

    kind = forms.ChoiceField(label="Assignment type", widget=forms.RadioSelect, choices=KINDS)
    justification = forms.CharField(
        label="Reason",
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The person who asked reads it. Required to deny.",
    )

    field_order = ("kind", "start_at", "permanent", "end_at", "justification")

    def __init__(self, *args: Any, has_ended: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_ended:
            del self.fields["start_at"]

    def given(self) -> Given:
        """What was typed, as a value."""
        typed = self.cleaned_data
        return Given(Kind(typed["kind"]), typed["end_at"], typed.get("start_at"))


class ReasonForm(forms.Form):
    """What denying reads of what was sent."""

    justification = forms.CharField(required=False, max_length=LONGEST_TEXT)

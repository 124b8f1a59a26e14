"""What of the history somebody wants to see."""

from typing import Any

from django import forms

from audit import queries
from audit.queries import Filters

SPANS = (
    ("1", "Last 24 hours"),
    ("7", "Last 7 days"),
    ("30", "Last 30 days"),
    ("365", "Last 365 days"),
    ("", "All time"),
)


class HistoryFilterForm(forms.Form):
    """Filters of the history pages."""

    q = forms.CharField(label="Search", required=False, max_length=200, help_text="Person, reason, ticket, approver")
    kind = forms.ChoiceField(label="What happened", required=False)
    role = forms.CharField(label="Role", required=False, max_length=120)
    days = forms.ChoiceField(label="When", required=False, choices=SPANS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Everything"), *queries.kinds()]  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """What was chosen, once the form is valid."""
        chosen = self.cleaned_data
        return Filters(
            text=chosen["q"],
            kind=chosen["kind"],
            role=chosen["role"],
            days=int(chosen["days"]) if chosen["days"] else None,
        )

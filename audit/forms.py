"""What of the history somebody wants to see."""

from typing import Any

from crispy_forms.helper import FormHelper
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
    """Filters of the history pages; what makes no sense is ignored."""

    q = forms.CharField(label="Search", required=False, max_length=200, help_text="Person, reason, ticket, approver")
    kind = forms.ChoiceField(label="What happened", required=False)
    role = forms.CharField(label="Role", required=False, max_length=120)
    days = forms.ChoiceField(label="When", required=False, choices=SPANS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Everything"), *queries.kinds()]  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def filters(self) -> Filters:
        """What was chosen."""
        self.is_valid()
        chosen = self.cleaned_data
        days = chosen.get("days") or ""
        return Filters(
            text=(chosen.get("q") or "").strip(),
            kind=chosen.get("kind") or "",
            role=(chosen.get("role") or "").strip(),
            days=int(days) if days else None,
        )

"""What is typed when somebody goes away."""

from datetime import datetime
from typing import Any

from django import forms

from accounts.models import User
from roles.forms.fields import MomentField
from roles.queries import principals


class AbsenceForm(forms.Form):
    """Who decides meanwhile, from when until when."""

    deputy = forms.CharField(
        label="Deputy",
        max_length=400,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off"}),
        help_text="An email or a full name. Decides on requests in your place for that time.",
    )
    start_at = MomentField(label="From", required=False, help_text="Empty: from now on.")
    end_at = MomentField(label="Until")

    def clean_deputy(self) -> User:
        """The person meant. Raises a sentence if that is nobody, more than one, or a group."""
        line = self.cleaned_data["deputy"].strip()
        found: Any = principals.who([line])[line]
        if isinstance(found, User):
            return found
        sentence = found if isinstance(found, str) else f"{found.name} is a group. Name one person."
        raise forms.ValidationError(sentence)

    def period(self, now: datetime) -> tuple[datetime, datetime]:
        """From when until when."""
        return self.cleaned_data["start_at"] or now, self.cleaned_data["end_at"]

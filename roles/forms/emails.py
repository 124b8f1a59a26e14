"""Which emails somebody wants to see."""

from pathlib import Path

from django import forms
from django.conf import settings

from notifications.models import Email, in_words
from roles.queries.emails import Filters

TEMPLATES = sorted(path.name for path in (Path(settings.BASE_DIR) / "templates" / "email").iterdir() if path.is_dir())


class EmailFilterForm(forms.Form):
    """Filters of the page of all emails."""

    state = forms.ChoiceField(label="State", required=False, choices=[("", "All"), *Email.State.choices])
    person = forms.CharField(label="To", required=False, max_length=254, help_text="Name or address")
    template = forms.ChoiceField(
        label="Which email", required=False, choices=[("", "All"), *((name, in_words(name)) for name in TEMPLATES)]
    )

    def filters(self) -> Filters:
        """What was chosen, once the form is valid."""
        return Filters(**self.cleaned_data)

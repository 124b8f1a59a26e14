"""What somebody chooses about the emails to them."""

from typing import Any

from django import forms

from notifications.terms import Pace


class EmailsForm(forms.Form):
    """When what only informs comes; and the weekly numbers, for those who get them."""

    pace = forms.ChoiceField(
        label="What only informs me comes",
        choices=Pace.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose one of the three.",
            "invalid_choice": "Choose one of the three.",
        },
    )
    wants_weekly_digest = forms.BooleanField(
        label="Send me the week’s numbers on Monday",
        required=False,
        help_text="As Global, Privileged Role or Security Administrator.",
    )

    def __init__(self, *args: Any, has_weekly: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_weekly:
            del self.fields["wants_weekly_digest"]

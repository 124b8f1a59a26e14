"""What a sign-in of a break-glass account was, as it is typed."""

from django import forms

from accounts.models import EmergencyUse


class NoteForm(forms.Form):
    """Said afterwards, by an administrator."""

    purpose = forms.ChoiceField(
        label="What was it?",
        choices=EmergencyUse.Purpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it was.", "invalid_choice": "Choose one of those listed."},
    )
    note = forms.CharField(
        label="What happened",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000}),
        help_text="Who signed in, why, and what was done. Auditors read it.",
    )

"""What is asked before something is done to a review as a whole."""

from django import forms


class ReasonForm(forms.Form):
    """Why."""

    because = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Stands in the history.",
        error_messages={"required": "Say why."},
    )

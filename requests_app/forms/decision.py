"""What people type when they decide."""

from typing import Any

from django import forms

from requests_app.policy import LONGEST_TEXT
from roles.terms import ApprovalTerms


class DecisionForm(forms.Form):
    """Why somebody approves or denies."""

    justification = forms.CharField(
        label="Your reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_TEXT}),
        help_text="The person who asked, the other approvers and auditors read it.",
    )

    def __init__(self, *args: Any, terms: ApprovalTerms, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        demand = "Required." if terms.needs_reason else "Optional."
        self.fields["justification"].help_text = f"{demand} {self.fields['justification'].help_text}"

"""Which series, and which lines of a review, somebody wants to see."""

from django import forms

from reviews.queries import line_by_line, listing
from reviews.terms import Applied, Verdict


def _text(label: str) -> forms.CharField:
    messages = {"null_characters_not_allowed": "Leave out what is no letter."}
    return forms.CharField(label=label, required=False, max_length=120, error_messages=messages)


class SeriesFilterForm(forms.Form):
    """Filters of the list of reviews."""

    standing = forms.ChoiceField(
        label="State", required=False, choices=[("", "All but deleted ones"), *listing.Standing.choices]
    )
    text = _text("Name of review, role or group")

    def filters(self) -> listing.Filters:
        """What was chosen, once the form is valid."""
        return listing.Filters(**self.cleaned_data)


class ResultsFilterForm(forms.Form):
    """Filters of the results of a review."""

    answer = forms.ChoiceField(
        label="Answer",
        required=False,
        choices=[("", "All"), *Verdict.choices, (line_by_line.NOT_REVIEWED, "Not reviewed")],
    )
    applied = forms.ChoiceField(
        label="Applied",
        required=False,
        choices=[("", "All"), *Applied.choices, (line_by_line.TO_DO, "Still to be removed")],
    )
    text = _text("Person or group")

    def filters(self) -> line_by_line.Filters:
        """What was chosen, once the form is valid."""
        return line_by_line.Filters(**self.cleaned_data)

"""What people type when they decide, ask back and answer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from kernel.period import MINUTE, in_words
from requests_app.policy import LONGEST_TEXT
from requests_app.queries.allowing import Allowance, Allowed
from roles.forms.fields import MomentInput
from roles.models import Resource
from roles.terms import ApprovalTerms

STEP = 30 * MINUTE
IN_LIST = "Choose one of the listed ones: less than was asked for can be allowed, never more."


class DecisionForm(forms.Form):
    """Why somebody approves or denies, and how much of what was asked for they allow."""

    justification = forms.CharField(
        label="Your reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_TEXT}),
        help_text="The person who asked, the other approvers and auditors read it.",
    )
    duration = forms.TypedChoiceField(
        label="Allow for",
        required=False,
        coerce=lambda minutes: int(minutes) * MINUTE,
        empty_value=None,
        error_messages={"invalid_choice": IN_LIST},
    )
    start_at = forms.DateTimeField(
        label="Not before", required=False, widget=MomentInput, help_text="Empty: as it was asked for."
    )
    scope = forms.ModelChoiceField(
        label="Only in",
        queryset=Resource.objects.none(),
        required=False,
        error_messages={"invalid_choice": IN_LIST},
    )

    def __init__(
        self,
        *args: Any,
        terms: ApprovalTerms,
        so_far: Allowed,
        places: Sequence[Resource],
        extends: bool,
        **kwargs: Any,
    ) -> None:
        """`so_far` is what was allowed up to now; `places` are where that is, and below, the widest first."""
        super().__init__(*args, **kwargs)
        demand = "Required." if terms.needs_reason else "Optional."
        self.fields["justification"].help_text = f"{demand} {self.fields['justification'].help_text}"
        as_asked = ("", f"{in_words(so_far.ask.duration)}, all of it")
        self.fields["duration"].choices = [as_asked, *_shorter(so_far.ask.duration)]  # type: ignore[attr-defined]
        self._offer_places(places if not extends else ())
        if extends:
            del self.fields["start_at"]

    def _offer_places(self, places: Sequence[Resource]) -> None:
        if len(places) < 2:
            del self.fields["scope"]
            return
        offered = Resource.objects.filter(pk__in=[place.pk for place in places])
        self.fields["scope"].queryset = offered  # type: ignore[attr-defined]
        first = ("", f"{places[0].name}, all of it")
        rest = [(place.pk, place.name) for place in places[1:]]
        self.fields["scope"].choices = [first, *rest]  # type: ignore[attr-defined]

    @property
    def narrows(self) -> bool:
        """Whether something is said, or wrong, about allowing less."""
        return any(self[name].value() or self[name].errors for name in self.fields if name != "justification")

    def allowing(self) -> Allowance:
        """What was chosen, as a value."""
        typed = self.cleaned_data
        return Allowance(typed["duration"], typed.get("start_at"), typed.get("scope"))


def _shorter(longest: timedelta) -> list[tuple[str, str]]:
    """Half hours below, and a quarter of an hour."""
    steps = [15 * MINUTE, *(STEP * count for count in range(1, longest // STEP + 1))]
    return [(str(step // MINUTE), in_words(step)) for step in reversed(steps) if step < longest]


class TextForm(forms.Form):
    """A question, or the answer to one."""

    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_TEXT}))

    def __init__(self, *args: Any, label: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label, help_text


class ManyForm(forms.Form):
    """One reason for several requests, and which they are."""

    justification = forms.CharField(
        label="Your reason, for all that are ticked",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_TEXT}),
        help_text="The people who asked, the other approvers and auditors read it.",
    )

    def chosen(self) -> list[int]:
        """The numbers of the ticked requests; what is no number was not ticked on the page."""
        sent = self.data.getlist("request") if isinstance(self.data, QueryDict) else []
        ticked = sent if self.is_bound else self.initial.get("request", [])
        return [int(number) for number in ticked if number.isascii() and number.isdigit() and len(number) < 19]


class InboxForm(forms.Form):
    """What of the inbox is shown, and in which order."""

    SORTS = (("", "Oldest first"), ("time", "Least time left"), ("role", "Role"), ("person", "Person"))

    q = forms.CharField(label="Person or role", required=False, max_length=200)
    sort = forms.ChoiceField(label="Order", required=False, choices=SORTS)

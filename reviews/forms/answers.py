"""What reviewers type: which lines they want to see, and what they say about them."""

from typing import Any

from django import forms
from django.http import QueryDict

from reviews.operations.answers import Mark
from reviews.policy import LONGEST_REASON
from reviews.queries.lines import ON_A_PAGE, Narrowing
from reviews.terms import Verdict

FOLLOW = "follow"
"""The recommendation, whatever it says; never instead of an answer."""
SHOWS = (("open", "Open"), ("answered", "Answered"), ("all", "All"))
RECOMMENDED = (("", "Either"), (Verdict.APPROVE, "Approve"), (Verdict.DENY, "Deny"))
NO_LETTER = {"null_characters_not_allowed": "Leave out what is no letter."}
WAYS = (
    (FOLLOW, "Follow the recommendation of each line"),
    (Verdict.APPROVE, "Approve all of them"),
    (Verdict.DENY, "Deny all of them"),
    (Verdict.DONT_KNOW, "Say “don’t know” to all of them"),
)


class LinesForm(forms.Form):
    """Which lines somebody wants to see; what cannot be read narrows nothing."""

    show = forms.ChoiceField(label="Lines", required=False, choices=SHOWS)
    recommended = forms.ChoiceField(label="Recommended", required=False, choices=RECOMMENDED)
    q = forms.CharField(label="Name or email", required=False, max_length=120, error_messages=NO_LETTER)

    def narrowing(self) -> Narrowing:
        """What was chosen, as a value."""
        self.is_valid()
        chosen = self.cleaned_data
        return Narrowing(chosen.get("show") or "open", chosen.get("recommended", ""), chosen.get("q", ""))


def _reason(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=help_text,
        error_messages=NO_LETTER,
    )


class AnswersForm(forms.Form):
    """What is said about the lines of a page: about each by itself, and about all that are ticked together."""

    because = _reason("Reason for lines without one", "")

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["because"].help_text = reads_it(needs_reason)
        self.fields["because"].widget.attrs["rows"] = 1

    def clean(self) -> dict[str, Any]:
        """Reasons of single lines are held to the same as the one for all."""
        for name in self.data:
            if name.startswith("because_"):
                self._clean_reason(self.data[name])
        return self.cleaned_data

    def add_error(self, field: str | None, error: Any) -> None:
        """The page opens where something is to be put right: below many lines nobody would see it."""
        super().add_error(field, error)
        if field == "because":
            self.fields["because"].widget.attrs["autofocus"] = True

    def _clean_reason(self, typed: str) -> None:
        try:
            self.fields["because"].clean(typed)
        except forms.ValidationError as error:
            self.add_error("because", error)

    def marks(self) -> list[Mark]:
        """What is to be said about which line. A button for the ticked ones counts for them, the rest as marked."""
        typed = {item: self.verdict_of(item) for item in self._numbers("verdict_")}
        ticked = {item: pressed for item in self.ticked() if (pressed := self._pressed()) is not None}
        return [
            Mark(item, Verdict(verdict) if verdict in Verdict.values else None, self._reason_of(item))
            for item, verdict in {**typed, **ticked}.items()
            if verdict in (*Verdict.values, FOLLOW)
        ]

    def ticked(self) -> list[int]:
        """The numbers of the ticked lines."""
        return self._sent("item")

    def shown(self) -> list[int]:
        """The numbers of the lines that were on the page."""
        return self._sent("line")[:ON_A_PAGE]

    def verdict_of(self, item: int) -> str:
        """What was marked for a line."""
        return str(self.data.get(f"verdict_{item}", ""))

    def because_of(self, item: int) -> str:
        """What was typed beside a line."""
        return str(self.data.get(f"because_{item}", ""))

    def _reason_of(self, item: int) -> str:
        return self.because_of(item).strip() or str(self.cleaned_data["because"])

    def _pressed(self) -> str | None:
        pressed = self.data.get("do", "")
        return pressed if pressed in (*Verdict.values, FOLLOW) else None

    def _sent(self, name: str) -> list[int]:
        sent = self.data.getlist(name) if isinstance(self.data, QueryDict) else []
        return [int(number) for number in sent if _is_number(number)]

    def _numbers(self, prefix: str) -> list[int]:
        rest = [name.removeprefix(prefix) for name in self.data if name.startswith(prefix)]
        return [int(number) for number in rest if _is_number(number)]


class AnswerAllForm(forms.Form):
    """How all lines that are open are to be answered. `count` is how many the page said they are."""

    how = forms.ChoiceField(
        label="Your answer",
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how to answer these lines."},
    )
    because = _reason("Reason", "")
    count = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["because"].help_text = f"Recommendations bring their own. {reads_it(needs_reason)}"


def reads_it(needs_reason: bool) -> str:
    """Whether a reason is needed, and who reads it."""
    demand = "Needed to approve or deny." if needs_reason else "Optional."
    return f"{demand} Administrators and auditors read it; whoever is denied does too, with your name."


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19

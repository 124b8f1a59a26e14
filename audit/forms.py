"""What of the history somebody wants to see."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit.events import families
from audit.queries.filters import Filters
from audit.queries.search import SHORTEST

SPANS = (
    ("", "All time, or from and to"),
    ("1", "Last 24 hours"),
    ("7", "Last 7 days"),
    ("30", "Last 30 days"),
    ("365", "Last 365 days"),
)
OUTCOMES = (("", "Whatever came of it"), ("done", "Done"), ("refused", "Refused"))
NOBODY = "This link names no person, role or request there can be. Clear the filters and search by name."
NUMBERS = ("person_id", "role_id", "request_id")
FOR_FILTERS = ("actor", "person", "role", "scope", "end", *NUMBERS)
NOT_LISTED = "That is not one of the choices. Choose from the list."


class MomentInput(forms.DateTimeInput):
    """The browser's own date and time picker, in the reader's zone, whatever zone a link was written in."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        """As the picker wants it."""
        moment = _read(value) if isinstance(value, str) else value
        if not isinstance(moment, datetime):
            return None
        try:
            local = timezone.make_naive(moment) if timezone.is_aware(moment) else moment
        except OverflowError:
            return None
        return local.isoformat(timespec="seconds" if local.second else "minutes")


class MomentField(forms.DateTimeField):
    """A moment in the reader's zone, or in the zone it names, as links do: 2026-11-23T09:00+01:00."""

    widget = MomentInput

    def to_python(self, value: Any) -> datetime | None:
        """The moment meant; otherwise a sentence that says how to write one."""
        try:
            moment = super().to_python(value.replace(" ", "+") if isinstance(value, str) else value)
            return moment.astimezone(timezone.get_current_timezone()) if moment else None
        except (forms.ValidationError, OverflowError) as error:
            zone = timezone.get_current_timezone_name()
            raise forms.ValidationError(
                f"That is no moment in {zone}. Write it like 2026-11-23T09:00, "
                "or with its zone: 2026-11-23T09:00+01:00. "
                "An hour in which the clocks change means none without its zone."
            ) from error


def _read(text: str) -> datetime | None:
    try:
        return parse_datetime(text.strip().replace(" ", "+"))
    except ValueError:
        return None


def _text(label: str, **options: Any) -> forms.CharField:
    too_short = f"Type at least {SHORTEST} characters."
    messages = {"min_length": too_short, "null_characters_not_allowed": "Leave out what is no letter."}
    return forms.CharField(
        label=label, required=False, min_length=SHORTEST, max_length=200, error_messages=messages, **options
    )


def _choice(label: str, choices: Any = ()) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=choices, error_messages={"invalid_choice": NOT_LISTED}
    )


def _number() -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class HistoryFilterForm(forms.Form):
    """Filters of the history pages. All of them stand in the address, so that a link keeps them."""

    q = _text("Search", help_text="Person, role, reason, ticket, approver")
    kind = _choice("What happened")
    days = _choice("When", SPANS)
    start = MomentField(label="From", required=False)
    end = MomentField(label="To, not including", required=False)
    actor = _text("Who did it")
    person = _text("To whom")
    role = _text("Role")
    scope = _text("Where")
    outcome = _choice("Outcome", OUTCOMES)
    # Set by links from the page of a person, a role or a request.
    person_id = _number()
    role_id = _number()
    request_id = _number()

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        everything: list[Any] = [("", "Everything")]
        for family, kinds in families().items():
            words = family.replace("_", " ").capitalize()
            everything.append((words, [(f"{family}.*", f"{words}: everything"), *kinds]))
        self.fields["kind"].choices = everything  # type: ignore[attr-defined]
        zone = timezone.get_current_timezone_name()
        for name in ("start", "end"):
            self.fields[name].help_text = f"In {zone}"

    def clean(self) -> dict[str, Any]:
        """From before to; and one way to say when."""
        chosen = self.cleaned_data
        start, end = chosen.get("start"), chosen.get("end")
        if (start or end) and chosen.get("days"):
            self.add_error("days", "Choose either one of these spans, or from and to.")
        if start and end and end <= start:
            self.add_error("end", "That is not after the start. Choose a later moment.")
        # No field shows these, so their sentence stands above all of them.
        if [self.errors.pop(name) for name in NUMBERS if name in self.errors]:
            self.add_error(None, NOBODY)
        return chosen

    @property
    def narrows(self) -> bool:
        """Whether one of the filters is used that are folded away otherwise."""
        return any(self.data.get(name) for name in self.fields if name not in ("q", "kind", "days", *NUMBERS))

    def filters(self, at: datetime) -> Filters:
        """What was chosen, once the form is valid."""
        chosen = self.cleaned_data
        days = timedelta(days=int(chosen["days"] or 0))
        return Filters(
            text=chosen["q"],
            kinds=_kinds(chosen["kind"]),
            **{name: chosen[name] for name in FOR_FILTERS},
            is_refused={"done": False, "refused": True}.get(chosen["outcome"]),
            start=at - days if days else chosen["start"],
        )

    def link(self) -> str:
        """The query that means the same to everybody: moments with their zone, nothing that is empty."""
        query = QueryDict(mutable=True)
        for name in self.fields:
            value = self.cleaned_data[name]
            if value not in (None, ""):
                query[name] = value.isoformat() if isinstance(value, datetime) else str(value)
        return query.urlencode()


def _kinds(chosen: str) -> tuple[str, ...]:
    family, _, rest = chosen.partition(".")
    if rest == "*":
        return tuple(kind for kind, _label in families()[family])
    return (chosen,) if chosen else ()

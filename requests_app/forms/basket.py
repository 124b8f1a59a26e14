"""What people type when they ask for several roles at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django import forms

from kernel.period import in_words
from requests_app.forms.activation import ActivationForm
from requests_app.operations.baskets import Line
from requests_app.operations.offers import LONGEST_NAME
from roles.models import Eligibility, Resource
from roles.queries.settings import label
from roles.terms import ActivationTerms

PLACE = "scope-"
"""How the names of the fields begin that ask for a place."""


@dataclass(frozen=True)
class Pick:
    """One picked role, and where one may activate it, the widest first."""

    eligibility: Eligibility
    places: Sequence[Resource]

    @property
    def terms(self) -> ActivationTerms:
        """What it takes."""
        return self.eligibility.role.policy.activation_terms()


class BasketForm(ActivationForm):
    """One reason, ticket, duration and start for all; a place for each role that has several."""

    def __init__(self, *args: Any, picks: Sequence[Pick], at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, terms=_together([pick.terms for pick in picks]), at=at, **kwargs)
        self.picks = picks
        for pick in reversed(picks):
            if len(pick.places) > 1:
                self._offer_place(pick)
        self._say_what_is_cut()

    def _offer_place(self, pick: Pick) -> None:
        choices = [(str(place.pk), place.name) for place in pick.places]
        name, label = _place_of(pick), f"Where you need {pick.eligibility.role}"
        message = {"invalid_choice": "Choose one of the listed places."}
        self.fields[name] = forms.ChoiceField(label=label, choices=choices, error_messages=message)
        self.order_fields([name, *self.fields])

    def _say_what_is_cut(self) -> None:
        """Beside each duration, which roles get less: no script has to tell once it is chosen."""
        quick, duration = self.fields["quick"], self.fields["duration"]
        quick.choices = [  # type: ignore[attr-defined]
            (value, f"{label}{_dot(_cut(self.picks, self.length_of(value)))}")
            for value, label in quick.choices  # type: ignore[attr-defined]
        ]
        if less := _cut(self.picks, self.terms.max_duration):
            duration.help_text = f"{duration.help_text} Where that is too long, {less}"

    @property
    def places(self) -> list[forms.BoundField]:
        """Where each role is needed; of those that have several places."""
        return [self[name] for name in self.fields if name.startswith(PLACE)]

    @property
    def others(self) -> list[forms.BoundField]:
        """What is asked once for all."""
        return [self[name] for name in self.fields if not name.startswith(PLACE)]

    def lines(self) -> list[Line]:
        """What was typed, as what is asked for of each role: never for longer than it allows."""
        return [self._line(pick) for pick in self.picks]

    def _line(self, pick: Pick) -> Line:
        ask = self.ask()
        chosen = self.cleaned_data.get(_place_of(pick))
        on = next((place for place in pick.places if str(place.pk) == chosen), None)
        return Line(pick.eligibility, replace(ask, duration=min(ask.duration, pick.terms.max_duration)), on)


class SetForm(forms.Form):
    """The name of a set."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="Such as Monday patching. A set of that name is replaced.",
    )


def _cut(picks: Sequence[Pick], chosen: timedelta) -> str:
    """Which of the roles get less than what is chosen, as a sentence; empty if none does."""
    maxima = {label(pick.eligibility.role): pick.terms.max_duration for pick in picks}
    less = [f"{name} gets {in_words(longest)}" for name, longest in maxima.items() if longest < chosen]
    if not less:
        return ""
    together = " and ".join(filter(None, (", ".join(less[:-1]), less[-1])))
    return f"{together}, the maximum of {'this role' if len(less) == 1 else 'each'}."


def _dot(sentence: str) -> str:
    return f". {sentence}" if sentence else ""


def _place_of(pick: Pick) -> str:
    return f"{PLACE}{pick.eligibility.pk}"


def _together(terms: Sequence[ActivationTerms]) -> ActivationTerms:
    """What the one form has to ask for so that every role gets what it demands."""
    patterns = {one.ticket_pattern for one in terms if one.needs_ticket}
    return ActivationTerms(
        max_duration=max(one.max_duration for one in terms),
        needs_justification=any(one.needs_justification for one in terms),
        justification_min_length=max(one.justification_min_length for one in terms if one.needs_justification)
        if any(one.needs_justification for one in terms)
        else 0,
        needs_ticket=any(one.needs_ticket for one in terms),
        ticket_pattern=patterns.pop() if len(patterns) == 1 else "",
    )

"""The stages of a review, as they are typed: the same fields three times, each with the number of its stage."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from kernel.period import DAY
from reviews.policy import MOST_STAGES
from reviews.terms import Answered, Reviewers, StagePlan
from roles.forms.fields import PrincipalsField
from roles.forms.part import whole_number, yes

STAGES = tuple(range(1, MOST_STAGES + 1))
LONGEST_STAGE = 365
NOTHING = "nothing"
"""What a box says for lines nobody answered: an empty value would not be sent."""
ANSWERS = [(one.value or NOTHING, one.label) for one in Answered]
OWNERS_IF = f"{Reviewers.OWNERS.label}, if a group is reviewed"
"""As long as it is open what is reviewed, this is offered with what it takes: roles have no owners."""


def add_stage_fields(form: forms.Form) -> None:
    """Give a form the fields of every stage."""
    for number in STAGES:
        form.fields |= {f"{name}_{number}": field for name, field in _fields(number).items()}


def offer_owners(form: forms.Form, *, of_group: bool) -> None:
    """Once it is known what is reviewed, owners are offered as reviewers where there are any, and nowhere else."""
    choices = _reviewers(Reviewers.OWNERS.label if of_group else "")
    for number in STAGES:
        form.fields[f"reviewers_{number}"].choices = choices  # type: ignore[attr-defined]


def _reviewers(owners: str) -> list[tuple[str, str]]:
    labels = {**dict(Reviewers.choices), Reviewers.OWNERS.value: owners}
    return [(value, label) for value, label in labels.items() if label]


def _fields(number: int) -> dict[str, forms.Field]:
    moving = {
        "moves_on": forms.MultipleChoiceField(
            label=f"Lines that go on from stage {number}",
            required=False,
            choices=ANSWERS,
            initial=[value for value, _label in ANSWERS],
            widget=forms.CheckboxSelectMultiple,
        )
    }
    showing = {"shows_earlier": yes("Show what was answered in earlier stages")}
    showing["shows_earlier"].initial = True
    return {
        "reviewers": forms.ChoiceField(
            label="Who reviews", widget=forms.RadioSelect, choices=_reviewers(OWNERS_IF), initial=Reviewers.CHOSEN
        ),
        "chosen": PrincipalsField(
            or_manager=False,
            label="People and groups",
            help_text="One on each line: an email, a full name, or a group’s name.",
        ),
        "fallback": PrincipalsField(
            or_manager=False,
            label="Fallback reviewers",
            help_text="Written the same way. They review lines that have nobody else: the holder is the only reviewer, "
            "or has no manager. Nobody reviews their own line, unless holders review themselves.",
        ),
        "days": whole_number(
            "Days to review", 1, LONGEST_STAGE, f"Choose 1 to {LONGEST_STAGE} whole days.", initial=14
        ),
        **(moving if number < MOST_STAGES else {}),
        **(showing if number > 1 else {}),
    }


def stage_of(typed: Mapping[str, Any], number: int, count: int) -> StagePlan:
    """One stage as a value. From the last one nothing goes on, and the first has no earlier ones: both as if not
    asked."""
    moves_on = typed.get(f"moves_on_{number}", ()) if number < count else [value for value, _label in ANSWERS]
    reviewers = Reviewers(typed[f"reviewers_{number}"])
    return StagePlan(
        reviewers=reviewers,
        chosen=typed[f"chosen_{number}"],
        fallback=typed[f"fallback_{number}"],
        duration=typed[f"days_{number}"] * DAY,
        moves_on=frozenset(Answered("" if one == NOTHING else one) for one in moves_on),
        shows_earlier=typed.get(f"shows_earlier_{number}", True),
    )


def initial_of_stages(stages: Sequence[StagePlan]) -> dict[str, Any]:
    """The fields as the stages stand."""
    return {
        f"{name}_{number}": value
        for number, stage in enumerate(stages, 1)
        for name, value in {
            "reviewers": stage.reviewers.value,
            "chosen": stage.chosen,
            "fallback": stage.fallback,
            "days": stage.duration // DAY,
            "moves_on": [one.value or NOTHING for one in stage.moves_on],
            "shows_earlier": stage.shows_earlier,
        }.items()
    }

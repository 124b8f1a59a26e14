"""How access reviews are set up, as it is typed: what, who, when, and what follows."""

from typing import Any

from django import forms
from django.http import QueryDict

from reviews.forms.stages import STAGES, add_stage_fields, initial_of_stages, offer_owners, stage_of
from reviews.policy import LONGEST_INACTIVE_DAYS, MOST_OCCURRENCES
from reviews.terms import Holding, Plan, Recurrence, Reviewers, Silence
from roles.forms.fields import AddressesField, MomentField
from roles.forms.grants import unless_touched
from roles.forms.part import whole_number, yes

NEVER, ON_A_DAY, AFTER_TIMES = "never", "day", "times"


class PlanForm(forms.Form):
    """Everything about a series but what it is about."""

    name = forms.CharField(max_length=120, help_text="Reviewers read it in the subject of their email.")
    description = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What reviewers should know before they answer.",
    )
    holding = forms.ChoiceField(
        label="Which assignments", widget=forms.RadioSelect, choices=Holding.choices, initial=Holding.ALL
    )
    inactive_days = whole_number(
        "Only people who have not signed in for so many days",
        1,
        LONGEST_INACTIVE_DAYS,
        f"Choose 1 to {LONGEST_INACTIVE_DAYS} days.",
        required=False,
        help_text="Empty: everybody. Groups, and people who joined within that time, are left out.",
    )
    stages = forms.ChoiceField(
        label="How many stages",
        choices=[("1", "One"), ("2", "Two, one after the other"), ("3", "Three, one after the other")],
        initial="1",
        help_text="Each has its own reviewers and its own time. The last answer counts, in whatever stage.",
    )
    start_at = MomentField(label="Start", required=False, help_text="Empty: at once.")
    recurrence = forms.ChoiceField(label="How often", choices=Recurrence.choices, initial=Recurrence.ONCE)
    ending = forms.ChoiceField(
        label="Until",
        widget=forms.RadioSelect,
        initial=NEVER,
        choices=[(NEVER, "No end"), (ON_A_DAY, "A last day"), (AFTER_TIMES, "A number of times")],
        help_text="Of a review that comes once, this is not asked.",
    )
    last_day = forms.DateField(
        label="Last day on which one may start",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    occurrences = whole_number(
        "How many times in all",
        1,
        MOST_OCCURRENCES,
        f"Choose 1 to {MOST_OCCURRENCES} times.",
        required=False,
    )
    if_silent = forms.ChoiceField(
        label="If nobody answers", widget=forms.RadioSelect, choices=Silence.choices, initial=Silence.KEEP
    )
    applies_itself = yes("Apply the results by itself", "Else an administrator applies them once the review has ended.")
    needs_reason = yes("Ask reviewers for a reason")
    writes_emails = yes("Write emails", "To reviewers when their stage opens, to administrators at the end.")
    reminds = yes("Remind reviewers at half time", "Only those who have lines left.")
    extra_text = forms.CharField(
        label="Text in the emails to reviewers",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    told_addresses = AddressesField(
        label="Tell also at the end", help_text="Email addresses, one on each line. Administrators are told anyway."
    )

    ON = ("needs_reason", "writes_emails", "reminds")

    def __init__(self, data: Any = None, *, kept: Plan | None = None, **kwargs: Any) -> None:
        """`kept` is the plan as it stands, where it is edited."""
        super().__init__(data, **kwargs)
        self.kept = kept
        add_stage_fields(self)
        for name in self.ON:
            self.initial.setdefault(name, True)
        self._ask_only_for_stages_in_use()

    def _ask_only_for_stages_in_use(self) -> None:
        in_use = self._stages_in_use()
        for number, names in self._stage_names():
            for name in names if number > in_use else ():
                self.fields[name].required = False

    def _stages_in_use(self) -> int:
        said = str(self["stages"].value())
        return int(said) if said in ("1", "2", "3") else len(STAGES)

    @classmethod
    def as_typed(cls, sent: QueryDict) -> dict[str, Any]:
        """The fields as they were sent, to go on typing; nothing is judged."""
        fields = cls().fields
        return {name: field.widget.value_from_datadict(sent, {}, name) for name, field in fields.items()}

    def refused(self) -> list[forms.BoundField]:
        """The fields to look at again: on a long page most of them are out of sight."""
        return [self[name] for name in self.fields if name in self.errors]

    def stage_parts(self) -> list[tuple[int, dict[str, forms.BoundField], bool]]:
        """For each stage its fields by their names without its number, and whether it is to be open."""
        in_use, found = self._stages_in_use(), []
        for number, names in self._stage_names():
            parts = {name.removesuffix(f"_{number}"): self[name] for name in names}
            if number > 1:
                parts["comes_in"] = self[f"moves_on_{number - 1}"]
            found.append((number, parts, number <= in_use or any(field.errors for field in parts.values())))
        return found

    def _stage_names(self) -> list[tuple[int, list[str]]]:
        names = [name for name in self.fields if name.rpartition("_")[2] in "123"]
        return [(number, [name for name in names if name.endswith(f"_{number}")]) for number in STAGES]

    def clean(self) -> dict[str, Any]:
        """What is typed where it would not be asked is not left out silently."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("recurrence") != Recurrence.ONCE:
            self._need("last_day", ON_A_DAY, "Choose the last day, or another end.")
            self._need("occurrences", AFTER_TIMES, "Say how many times, or choose another end.")
        for number in STAGES:
            self._named_in_vain(typed, number)
        return typed

    def _named_in_vain(self, typed: dict[str, Any], number: int) -> None:
        if number > self._stages_in_use():
            if typed.get(f"chosen_{number}") or typed.get(f"fallback_{number}"):
                sentence = f"You named reviewers of stage {number}. Choose {number} stages, or name nobody there."
                self.add_error("stages", sentence)
        elif typed.get(f"chosen_{number}") and typed.get(f"reviewers_{number}") != Reviewers.CHOSEN:
            sentence = f"Choose “{Reviewers.CHOSEN.label}” above, or name nobody here."
            self.add_error(f"chosen_{number}", sentence)

    def _need(self, field: str, ending: str, sentence: str) -> None:
        is_missing = self.cleaned_data.get(field, "") is None
        if is_missing and self.cleaned_data.get("ending") == ending:
            self.add_error(field, sentence)

    def plan(self, *, time_zone: str) -> Plan:
        """What was typed, as a value. The fields show whole minutes, so a start not touched means what it was."""
        typed, kept = self.cleaned_data, self.kept.start_at if self.kept else None
        ending = NEVER if typed["recurrence"] == Recurrence.ONCE else typed["ending"]
        return Plan(
            name=typed["name"],
            description=typed["description"],
            holding=Holding(typed["holding"]),
            inactive_days=typed["inactive_days"],
            stages=tuple(stage_of(typed, number, int(typed["stages"])) for number in STAGES[: int(typed["stages"])]),
            start_at=unless_touched(typed["start_at"], kept),
            time_zone=time_zone,
            recurrence=Recurrence(typed["recurrence"]),
            last_day=typed["last_day"] if ending == ON_A_DAY else None,
            occurrences=typed["occurrences"] if ending == AFTER_TIMES else None,
            if_silent=Silence(typed["if_silent"]),
            applies_itself=typed["applies_itself"],
            needs_reason=typed["needs_reason"],
            writes_emails=typed["writes_emails"],
            reminds=typed["reminds"],
            extra_text=typed["extra_text"],
            told_addresses=typed["told_addresses"],
        )


class UpdateSeriesForm(PlanForm):
    """What is to be different from the next review on."""

    stand = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, kept: Plan, stand: str, of_group: bool, **kwargs: Any) -> None:
        initial = kwargs.pop("initial", None) or {**initial_of(kept), "stand": stand}
        super().__init__(data, kept=kept, initial=initial, **kwargs)
        offer_owners(self, of_group=of_group)
        self.fields["start_at"].label = "The next review starts"
        self.fields["start_at"].help_text = (
            "" if kept.start_at else "No further review is to come. Give a start to have one come again."
        )

    @classmethod
    def as_typed(cls, sent: QueryDict) -> dict[str, Any]:
        """With what the page had seen."""
        return {**PlanForm.as_typed(sent), "stand": sent.get("stand", "")}


def initial_of(plan: Plan) -> dict[str, Any]:
    """The form as the plan stands."""
    return {
        "name": plan.name,
        "description": plan.description,
        "holding": plan.holding.value,
        "inactive_days": plan.inactive_days,
        "stages": str(len(plan.stages)),
        **initial_of_stages(plan.stages),
        "start_at": plan.start_at,
        "recurrence": plan.recurrence.value,
        "ending": ON_A_DAY if plan.last_day else AFTER_TIMES if plan.occurrences else NEVER,
        "last_day": plan.last_day,
        "occurrences": plan.occurrences,
        "if_silent": plan.if_silent.value,
        "applies_itself": plan.applies_itself,
        "needs_reason": plan.needs_reason,
        "writes_emails": plan.writes_emails,
        "reminds": plan.reminds,
        "extra_text": plan.extra_text,
        "told_addresses": plan.told_addresses,
    }

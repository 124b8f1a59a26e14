"""Who gets which role, as it is typed."""

from datetime import datetime, timedelta
from typing import Any

from django import forms

from accounts.models import Group, User
from kernel.period import MINUTE
from roles.forms.fields import MomentField, RoleChoice
from roles.models import Assignment, Eligibility, Resource, Role
from roles.policy import FURTHEST, GrantAsk, Kind
from roles.queries.giving import key_of, terms_of

KINDS = [
    (Kind.ELIGIBLE.value, "Eligible: has to activate the role before using it"),
    (Kind.ACTIVE.value, "Active: has the role without activating it"),
]


class PeriodForm(forms.Form):
    """From when, until when, and why."""

    start_at = MomentField(label="Start", required=False, help_text="Empty: from now on.")
    permanent = forms.BooleanField(label="Permanent: no end", required=False)
    end_at = MomentField(label="End", required=False)
    justification = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why they need it.",
    )

    def clean(self) -> dict[str, Any]:
        """An end is chosen, or permanent is, which leaves out the end the form offered."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("permanent"):
            typed["end_at"] = None
            self.errors.pop("end_at", None)
        elif "end_at" in typed and not typed["end_at"]:
            self.add_error("end_at", "Choose an end, or tick permanent.")
        return typed

    def ask(self, at: datetime) -> GrantAsk:
        """What was typed, as a value; an empty start is this moment."""
        typed = self.cleaned_data
        return GrantAsk(
            start_at=typed.get("start_at") or at,
            end_at=typed["end_at"],
            justification=typed["justification"].strip(),
        )


class GrantForm(PeriodForm):
    """Who gets which role, how, from when, until when."""

    role = RoleChoice(Role.objects.in_use().select_related("resource", "policy"), empty_label="Choose a role")
    scope = forms.ModelChoiceField(
        Resource.objects.all(),
        required=False,
        empty_label="Where the role belongs",
        help_text="Or only on something below that.",
    )
    holder = forms.ChoiceField(label="Member")
    kind = forms.ChoiceField(
        label="Assignment type", widget=forms.RadioSelect, initial=Kind.ELIGIBLE.value, choices=KINDS
    )

    field_order = ("role", "scope", "holder", "kind", "start_at", "permanent", "end_at", "justification")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(key_of(user), f"{user.display_name} ({user.email})") for user in User.objects.enabled()]
        groups = [(key_of(group), f"{group.name} (group)") for group in Group.objects.all()]
        choices = [("", "Choose a person or a group"), ("People", people), ("Groups", groups)]
        self.fields["holder"].choices = choices  # type: ignore[attr-defined]

    def chosen_holder(self) -> User | Group:
        """The person or group chosen."""
        kind, _, number = self.cleaned_data["holder"].partition("-")
        model: type[User] | type[Group] = User if kind == "user" else Group
        return model.objects.get(pk=int(number))


class UpdateForm(PeriodForm):
    """Another period for what was assigned. What has begun keeps its start."""

    def __init__(self, *args: Any, grant: Eligibility | Assignment, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grant = grant
        if grant.start_at <= at:
            del self.fields["start_at"]
        self.fields["justification"].help_text = "Why you change it. The member and the administrators read it."

    def ask(self, at: datetime) -> GrantAsk:
        """What was typed. The fields show whole minutes, so one that was not touched means what it stands for."""
        grant, typed = self.grant, self.cleaned_data
        start_at = typed["start_at"] or at if "start_at" in self.fields else grant.start_at
        return GrantAsk(
            start_at=unless_touched(start_at, grant.start_at) or grant.start_at,
            end_at=unless_touched(typed["end_at"], grant.end_at),
            justification=typed["justification"].strip(),
        )


def unless_touched(typed: datetime | None, kept: datetime | None) -> datetime | None:
    """What was typed; where that is what is kept, to the minute, what is kept."""
    is_the_same = typed is not None and kept is not None and typed == kept.replace(second=0, microsecond=0)
    return kept if is_the_same else typed


class ConvertForm(PeriodForm):
    """Until when and why, for the other kind of assignment. It begins at once."""

    start_at = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["justification"].help_text = "Why you change it. The member and the administrators read it."


class RemoveForm(forms.Form):
    """Why something is taken away."""

    justification = forms.CharField(
        label="Reason", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


def default_end(at: datetime, max_duration: timedelta) -> datetime:
    """The end the form offers: as late as the role allows."""
    return (at + max_duration).replace(second=0, microsecond=0)


def extended_end(grant: Eligibility | Assignment, at: datetime) -> datetime:
    """The end an extension offers: as late as the role allows; where it allows any, as much again."""
    terms = terms_of(grant.role, grant.kind)
    latest = default_end(at, FURTHEST - MINUTE)
    begins = max(grant.end_at or at, at) if terms.permanent_allowed else max(grant.start_at, at)
    return min(default_end(begins, terms.max_duration), latest)


def period_of(grant: Eligibility | Assignment) -> dict[str, Any]:
    """The fields of a period as it stands."""
    return {"start_at": grant.start_at, "permanent": grant.end_at is None, "end_at": grant.end_at}

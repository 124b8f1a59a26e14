"""What administrators type about roles."""

from datetime import datetime, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

from accounts.models import Group, User
from kernel.period import DAY, HOUR, MINUTE, in_words
from roles.models import Role, RolePolicy
from roles.operations.settings import Wanted
from roles.policy import EXPIRY_CHOICES, ActivationTerms, GrantAsk, GrantTerms, Settings

EXPIRY_WORDS = {15: "15 days", 30: "1 month", 90: "3 months", 180: "6 months", 365: "1 year"}
DURATIONS = [(str(minutes), in_words(minutes * MINUTE)) for minutes in range(30, 24 * 60 + 1, 30)]
EXPIRIES = [(str(choice.days), EXPIRY_WORDS[choice.days]) for choice in EXPIRY_CHOICES]


class MomentInput(forms.DateTimeInput):
    """The browser's own date and time picker, in the person's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class KnownChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Takes a number too large for the database for what it is: nobody's."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError as error:
            raise forms.ValidationError("Choose from those listed.") from error


class SettingsForm(forms.Form):
    """The settings of a role, as one page."""

    activation_max_duration = forms.ChoiceField(
        label="Activation maximum duration",
        choices=DURATIONS,
        error_messages={"invalid_choice": "Choose a maximum from 0.5 to 24 hours, in half hours."},
    )
    needs_second_factor = forms.BooleanField(label="Require a second factor on activation", required=False)
    needs_justification = forms.BooleanField(label="Require a justification on activation", required=False)
    needs_ticket = forms.BooleanField(label="Require ticket information on activation", required=False)
    needs_approval = forms.BooleanField(label="Require approval to activate", required=False)
    approvers = KnownChoices(
        User.objects.enabled(),
        label="Approvers",
        required=False,
        help_text="Any one of them decides, never the person who asks. "
        "If nobody is chosen: the active Global and Privileged Role Administrators.",
        widget=forms.CheckboxSelectMultiple,
    )
    approver_groups = KnownChoices(
        Group.objects.all(), label="Approver groups", required=False, widget=forms.CheckboxSelectMultiple
    )
    decision_window_duration = forms.IntegerField(
        label="Time to decide, in hours",
        min_value=1,
        max_value=168,
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), "Choose from 1 to 168 whole hours."),
        help_text="A request nobody decides in this time ends by itself.",
    )
    permanent_eligible_allowed = forms.BooleanField(label="Allow permanent eligible assignment", required=False)
    eligible_max_duration = forms.ChoiceField(label="Expire eligible assignments after", choices=EXPIRIES)
    permanent_active_allowed = forms.BooleanField(label="Allow permanent active assignment", required=False)
    active_max_duration = forms.ChoiceField(label="Expire active assignments after", choices=EXPIRIES)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset(
                "Activation",
                "activation_max_duration",
                "needs_second_factor",
                "needs_justification",
                "needs_ticket",
            ),
            Fieldset("Approval", "needs_approval", "approvers", "approver_groups", "decision_window_duration"),
            Fieldset(
                "Assignment",
                "permanent_eligible_allowed",
                "eligible_max_duration",
                "permanent_active_allowed",
                "active_max_duration",
            ),
            "version",
        )

    @staticmethod
    def initial_of(policy: RolePolicy) -> dict[str, Any]:
        """The form as the settings stand."""
        return {
            "activation_max_duration": policy.activation_max_duration // MINUTE,
            "needs_second_factor": policy.needs_second_factor,
            "needs_justification": policy.needs_justification,
            "needs_ticket": policy.needs_ticket,
            "needs_approval": policy.needs_approval,
            "approvers": [approver.user_id for approver in policy.approvers.all() if approver.user_id],
            "approver_groups": [approver.group_id for approver in policy.approvers.all() if approver.group_id],
            "decision_window_duration": policy.decision_window_duration // HOUR,
            "permanent_eligible_allowed": policy.permanent_eligible_allowed,
            "eligible_max_duration": policy.eligible_max_duration // DAY,
            "permanent_active_allowed": policy.permanent_active_allowed,
            "active_max_duration": policy.active_max_duration // DAY,
            "version": policy.version,
        }

    def clean(self) -> None:
        """A hidden field cannot show what is wrong with it."""
        if "version" not in self.cleaned_data:
            self.add_error(None, "This page was sent incompletely. Open it again and send it once more.")

    def wanted(self) -> Wanted:
        """What was typed, as a value."""
        typed = self.cleaned_data
        return Wanted(
            settings=Settings(
                activation=ActivationTerms(
                    max_duration=int(typed["activation_max_duration"]) * MINUTE,
                    needs_second_factor=typed["needs_second_factor"],
                    needs_justification=typed["needs_justification"],
                    needs_ticket=typed["needs_ticket"],
                    needs_approval=typed["needs_approval"],
                    decision_window=typed["decision_window_duration"] * HOUR,
                ),
                eligible=GrantTerms(typed["permanent_eligible_allowed"], int(typed["eligible_max_duration"]) * DAY),
                active=GrantTerms(typed["permanent_active_allowed"], int(typed["active_max_duration"]) * DAY),
            ),
            users=tuple(typed["approvers"]),
            groups=tuple(typed["approver_groups"]),
            version=typed["version"],
        )


class GrantForm(forms.Form):
    """Who gets which role, how, from when, until when."""

    ELIGIBLE, ACTIVE = "eligible", "active"

    role = forms.ModelChoiceField(Role.objects.all(), empty_label="Choose a role")
    holder = forms.ChoiceField(label="Member")
    kind = forms.ChoiceField(
        label="Assignment type",
        widget=forms.RadioSelect,
        initial=ELIGIBLE,
        choices=[
            (ELIGIBLE, "Eligible: has to activate the role before using it"),
            (ACTIVE, "Active: has the role without activating it"),
        ],
    )
    start_at = forms.DateTimeField(label="Start", required=False, widget=MomentInput, help_text="Empty: from now on.")
    permanent = forms.BooleanField(label="Permanent: no end", required=False)
    end_at = forms.DateTimeField(label="End", required=False, widget=MomentInput)
    justification = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why they need it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"user-{user.pk}", f"{user.display_name} ({user.email})") for user in User.objects.enabled()]
        groups = [(f"group-{group.pk}", f"{group.name} (group)") for group in Group.objects.all()]
        choices = [("", "Choose a person or a group"), ("People", people), ("Groups", groups)]
        self.fields["holder"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An end is chosen, or permanent is, which leaves out the end the form offered."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("permanent"):
            typed["end_at"] = None
            self.errors.pop("end_at", None)
        elif "end_at" in typed and not typed["end_at"]:
            self.add_error("end_at", "Choose an end, or tick permanent.")
        return typed

    def chosen_holder(self) -> User | Group:
        """The person or group chosen."""
        kind, _, number = self.cleaned_data["holder"].partition("-")
        model: type[User] | type[Group] = User if kind == "user" else Group
        return model.objects.get(pk=int(number))

    def ask(self, at: datetime) -> GrantAsk:
        """What was typed, as a value; an empty start is this moment."""
        typed = self.cleaned_data
        return GrantAsk(
            start_at=typed["start_at"] or at,
            end_at=typed["end_at"],
            justification=typed["justification"].strip(),
        )


class RemoveForm(forms.Form):
    """Why something is taken away."""

    justification = forms.CharField(
        label="Reason", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


def default_end(at: datetime, max_duration: timedelta) -> datetime:
    """The end the form offers: as late as the role allows."""
    return (at + max_duration).replace(second=0, microsecond=0)

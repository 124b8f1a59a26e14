"""What it takes to activate and to assign a role, as it is typed."""

from dataclasses import replace
from typing import Any

from crispy_forms.layout import Fieldset
from django import forms

from kernel.period import DAY, HOUR, MINUTE, in_words
from roles.documents import SECOND_FACTOR_WORDS
from roles.forms.fields import PrincipalsField
from roles.forms.part import PartForm, whole_number, yes
from roles.policy import EXPIRY_CHOICES, LARGEST_QUORUM, LONGEST_MINIMUM, LONGEST_PATTERN, WARNING_CHOICES
from roles.terms import SecondFactor, Settings, Stage

EXPIRY_WORDS = {15: "15 days", 30: "1 month", 90: "3 months", 180: "6 months", 365: "1 year"}
DURATIONS = [(str(minutes), in_words(minutes * MINUTE)) for minutes in range(30, 24 * 60 + 1, 30)]
EXPIRIES = [(str(choice.days), EXPIRY_WORDS[choice.days]) for choice in EXPIRY_CHOICES]
WARNINGS = [(str(choice // MINUTE), in_words(choice) if choice else "Not at all") for choice in WARNING_CHOICES]
ESCALATIONS = (15, 30, *(hours * 60 for hours in (1, 2, 4, 8, 12, 24, 48, 72)))


class ActivationForm(PartForm):
    """What it takes to activate, and who approves."""

    activation_max_duration = forms.ChoiceField(
        label="Activation maximum duration",
        choices=DURATIONS,
        error_messages={"invalid_choice": "Choose a maximum from 0.5 to 24 hours, in half hours."},
    )
    second_factor = forms.ChoiceField(
        label="On activation, require",
        widget=forms.RadioSelect,
        choices=[(one.value, SECOND_FACTOR_WORDS[one].capitalize()) for one in SecondFactor],
    )
    needs_justification = yes("Require a justification on activation")
    justification_min_length = whole_number(
        "Shortest justification, in characters",
        0,
        LONGEST_MINIMUM,
        f"Choose from 0 to {LONGEST_MINIMUM} characters.",
        required=False,
        help_text="0: any length.",
    )
    needs_ticket = yes("Require a ticket on activation", "Number and system of the ticket it is for.")
    ticket_pattern = forms.CharField(
        label="Pattern of ticket numbers",
        required=False,
        max_length=LONGEST_PATTERN,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "off"}),
        help_text="A regular expression the whole number has to match, such as INC-[0-9]+. Empty: anything.",
    )
    warning_duration = forms.ChoiceField(
        label="Warn before the end",
        choices=WARNINGS,
        help_text="Whoever activated gets an email and sees a banner, with extend and end now.",
    )
    needs_approval = yes("Require approval to activate")
    approvers = PrincipalsField(
        label="Approvers",
        help_text="One on each line: an email, a full name, a group's name, or manager for the manager of whoever "
        "asks. Empty: the active Global and Privileged Role Administrators.",
    )
    first_quorum = whole_number(
        "How many of them have to approve", 1, LARGEST_QUORUM, f"Choose from 1 to {LARGEST_QUORUM} approvals."
    )
    second_approvers = PrincipalsField(
        label="Approvers of the second stage",
        help_text="Asked once the first stage has approved. Written the same way.",
    )
    second_quorum = whole_number(
        "How many of the second stage have to approve",
        0,
        LARGEST_QUORUM,
        f"Choose from 0 to {LARGEST_QUORUM} approvals; 0 is no second stage.",
        required=False,
        help_text="0: there is no second stage.",
    )
    decision_window_duration = whole_number(
        "Time to decide, in hours",
        1,
        168,
        "Choose from 1 to 168 whole hours.",
        help_text="A request nobody decides in this time ends by itself.",
    )
    reminds_at_half_time = yes("Remind approvers when half of that time is over")
    escalation_after_duration = forms.ChoiceField(label="If nobody decides, ask others as well after", required=False)
    escalation = PrincipalsField(label="These others", help_text="Written as the approvers are.")
    approver_needs_reason = yes("Approvers have to give a reason")
    approver_needs_second_factor = yes("Approvers have to show a second factor")

    def __init__(self, data: Any, *, now: Settings, version: int) -> None:
        super().__init__(data, now=now, version=version)
        after = now.approval.escalation_after
        minutes = sorted({*ESCALATIONS, *([after // MINUTE] if after else [])})
        choices = [("", "Never"), *((str(count), in_words(count * MINUTE)) for count in minutes)]
        self.fields["escalation_after_duration"].choices = choices  # type: ignore[attr-defined]

    def parts(self) -> list[Any]:
        """Activation, approval, and what happens when nobody decides."""
        activation = ("activation_max_duration", "second_factor", "needs_justification", "justification_min_length")
        return [
            Fieldset("Activation", *activation, "needs_ticket", "ticket_pattern", "warning_duration"),
            Fieldset("Approval", "needs_approval", "approvers", "first_quorum", "second_approvers", "second_quorum"),
            Fieldset(
                "Deciding",
                "decision_window_duration",
                "reminds_at_half_time",
                "escalation_after_duration",
                "escalation",
                "approver_needs_reason",
                "approver_needs_second_factor",
            ),
        ]

    def initial_of(self, now: Settings) -> dict[str, Any]:
        """The form as the settings stand."""
        activation, approval = now.activation, now.approval
        first, second = (*approval.stages, Stage(quorum=0))[:2]
        return {
            "activation_max_duration": activation.max_duration // MINUTE,
            "second_factor": activation.second_factor.value,
            "needs_justification": activation.needs_justification,
            "justification_min_length": activation.justification_min_length,
            "needs_ticket": activation.needs_ticket,
            "ticket_pattern": activation.ticket_pattern,
            "warning_duration": activation.warning // MINUTE,
            "needs_approval": activation.needs_approval,
            "approvers": first.approvers,
            "first_quorum": first.quorum,
            "second_approvers": second.approvers,
            "second_quorum": second.quorum,
            "decision_window_duration": activation.decision_window // HOUR,
            "reminds_at_half_time": approval.reminds_at_half_time,
            "escalation_after_duration": approval.escalation_after // MINUTE if approval.escalation_after else "",
            "escalation": approval.escalation,
            "approver_needs_reason": approval.needs_reason,
            "approver_needs_second_factor": approval.needs_second_factor,
        }

    def clean(self) -> None:
        """Approvers of a second stage that does not exist would be asked by nobody."""
        super().clean()
        if self.cleaned_data.get("second_approvers") and self.cleaned_data.get("second_quorum", 1) in (None, 0):
            self.add_error("second_quorum", "Say how many of them have to approve, or name nobody for this stage.")

    def wanted(self, now: Settings) -> Settings:
        """The settings as they stand, but as typed here."""
        typed = self.cleaned_data
        after = typed["escalation_after_duration"]
        activation = replace(
            now.activation,
            max_duration=int(typed["activation_max_duration"]) * MINUTE,
            second_factor=SecondFactor(typed["second_factor"]),
            needs_justification=typed["needs_justification"],
            justification_min_length=typed["justification_min_length"] or 0,
            needs_ticket=typed["needs_ticket"],
            ticket_pattern=typed["ticket_pattern"],
            warning=int(typed["warning_duration"]) * MINUTE,
            needs_approval=typed["needs_approval"],
            decision_window=typed["decision_window_duration"] * HOUR,
        )
        approval = replace(
            now.approval,
            stages=self._stages(),
            reminds_at_half_time=typed["reminds_at_half_time"],
            escalation_after=int(after) * MINUTE if after else None,
            escalation=typed["escalation"],
            needs_reason=typed["approver_needs_reason"],
            needs_second_factor=typed["approver_needs_second_factor"],
        )
        return replace(now, activation=activation, approval=approval)

    def _stages(self) -> tuple[Stage, ...]:
        typed = self.cleaned_data
        first = Stage(typed["approvers"], typed["first_quorum"])
        return (first, Stage(typed["second_approvers"], typed["second_quorum"])) if typed["second_quorum"] else (first,)


class AssignmentForm(PartForm):
    """How long somebody may be made eligible or active, and what it takes of whoever assigns."""

    permanent_eligible_allowed = yes("Allow permanent eligible assignment")
    eligible_max_duration = forms.ChoiceField(
        label="Expire eligible assignments after", choices=EXPIRIES, help_text="Binds where permanent is not allowed."
    )
    permanent_active_allowed = yes("Allow permanent active assignment")
    active_max_duration = forms.ChoiceField(
        label="Expire active assignments after", choices=EXPIRIES, help_text="Binds where permanent is not allowed."
    )
    assigner_needs_second_factor = yes("Require a second factor of whoever assigns active")
    assigner_needs_justification = yes("Require a justification of whoever assigns active")

    def parts(self) -> list[Any]:
        """Eligible, active."""
        active = ("permanent_active_allowed", "active_max_duration")
        return [
            Fieldset("Eligible assignments", "permanent_eligible_allowed", "eligible_max_duration"),
            Fieldset("Active assignments", *active, "assigner_needs_second_factor", "assigner_needs_justification"),
        ]

    def initial_of(self, now: Settings) -> dict[str, Any]:
        """The form as the settings stand."""
        return {
            "permanent_eligible_allowed": now.eligible.permanent_allowed,
            "eligible_max_duration": now.eligible.max_duration // DAY,
            "permanent_active_allowed": now.active.permanent_allowed,
            "active_max_duration": now.active.max_duration // DAY,
            "assigner_needs_second_factor": now.active.needs_second_factor,
            "assigner_needs_justification": now.active.needs_justification,
        }

    def wanted(self, now: Settings) -> Settings:
        """The settings as they stand, but as typed here."""
        typed = self.cleaned_data
        eligible = replace(
            now.eligible,
            permanent_allowed=typed["permanent_eligible_allowed"],
            max_duration=int(typed["eligible_max_duration"]) * DAY,
        )
        active = replace(
            now.active,
            permanent_allowed=typed["permanent_active_allowed"],
            max_duration=int(typed["active_max_duration"]) * DAY,
            needs_second_factor=typed["assigner_needs_second_factor"],
            needs_justification=typed["assigner_needs_justification"],
        )
        return replace(now, eligible=eligible, active=active)

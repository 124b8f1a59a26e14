"""Which changes of settings loosen a role."""

from dataclasses import replace

import pytest

from kernel.period import DAY, HOUR, MINUTE
from roles.documents import LINES
from roles.terms import (
    CELLS,
    DEFAULTS,
    MANAGER,
    ApprovalTerms,
    ApproverKind,
    Audience,
    GrantTerms,
    Named,
    Notice,
    Notices,
    Occasion,
    SecondFactor,
    Stage,
)
from roles.weakening import RULES, weaker

ALVA, BEN = (Named(ApproverKind.USER, f"{name}@example.com") for name in ("alva", "ben"))
TWO_STAGES = (Stage((ALVA, BEN), 2), Stage((MANAGER,), 1))


def activation(**changes):
    return replace(DEFAULTS, activation=replace(DEFAULTS.activation, **changes))


def approval(**changes):
    """A role that needs approval."""
    return replace(activation(needs_approval=True), approval=replace(ApprovalTerms(), **changes))


def notices(occasion, audience, notice):
    return replace(
        DEFAULTS, notices=Notices(tuple(notice if cell == (occasion, audience) else Notice() for cell in CELLS))
    )


NO_STAGES = approval(stages=(Stage((ALVA, BEN), 2),))
HOURLY = approval(escalation_after=2 * HOUR, escalation=(ALVA,))

# The stricter settings, the looser ones, and what is looser.
LOOSENED = [
    (activation(max_duration=HOUR), activation(max_duration=2 * HOUR), ["Activation maximum duration"]),
    (activation(), activation(second_factor=SecondFactor.NONE), ["On activation, require"]),
    (activation(second_factor=SecondFactor.FRESH), activation(), ["On activation, require"]),
    (activation(), activation(needs_justification=False), ["Require a justification on activation"]),
    (activation(justification_min_length=20), activation(justification_min_length=19), ["Shortest justification"]),
    (activation(needs_ticket=True), activation(), ["Require a ticket on activation"]),
    (activation(ticket_pattern="INC-[0-9]+"), activation(), ["Pattern of ticket numbers"]),
    (activation(needs_approval=True), activation(), ["Require approval to activate"]),
    (approval(stages=(Stage((ALVA, BEN)),)), approval(stages=(Stage((ALVA,)),)), ["Approvers"]),
    (approval(stages=(Stage((ALVA,)),)), approval(), ["Approvers"]),
    (NO_STAGES, approval(stages=(Stage((ALVA, BEN), 1),)), ["Approvals needed"]),
    (
        approval(stages=TWO_STAGES),
        NO_STAGES,
        ["Approvers of the second stage", "Approvals needed in the second stage"],
    ),
    (
        approval(stages=(Stage(), Stage((ALVA, BEN), 2))),
        approval(stages=(Stage(), Stage((ALVA, BEN), 1))),
        ["Approvals needed in the second stage"],
    ),
    (HOURLY, replace(HOURLY, approval=replace(HOURLY.approval, escalation_after=HOUR)), ["Escalate after"]),
    (approval(), HOURLY, ["Escalate after", "Escalate to"]),
    (HOURLY, replace(HOURLY, approval=replace(HOURLY.approval, escalation=(ALVA, BEN))), ["Escalate to"]),
    (approval(), approval(needs_reason=False), ["Approvers have to give a reason"]),
    (approval(needs_second_factor=True), approval(), ["Approvers have to show a second factor"]),
    (
        replace(DEFAULTS, eligible=GrantTerms(permanent_allowed=False)),
        DEFAULTS,
        ["Allow permanent eligible assignment"],
    ),
    (
        replace(DEFAULTS, eligible=GrantTerms(max_duration=90 * DAY)),
        DEFAULTS,
        ["Expire eligible assignments after"],
    ),
    (
        replace(DEFAULTS, active=replace(DEFAULTS.active, permanent_allowed=False)),
        DEFAULTS,
        ["Allow permanent active assignment"],
    ),
    (
        replace(DEFAULTS, active=replace(DEFAULTS.active, max_duration=15 * DAY)),
        DEFAULTS,
        ["Expire active assignments after"],
    ),
    (
        replace(DEFAULTS, active=replace(DEFAULTS.active, needs_second_factor=True)),
        DEFAULTS,
        ["Require a second factor of whoever assigns active"],
    ),
    (
        DEFAULTS,
        replace(DEFAULTS, active=replace(DEFAULTS.active, needs_justification=False)),
        ["Require a justification of whoever assigns active"],
    ),
    *(
        (DEFAULTS, notices(occasion, Audience.ADMINISTRATORS, quieter), [f"{words}: emails to administrators"])
        for quieter in (Notice(by_default=False), Notice(only_critical=True))
        for occasion, words in (
            (Occasion.ELIGIBLE, "Members assigned eligible"),
            (Occasion.ACTIVE, "Members assigned active"),
            (Occasion.ACTIVATION, "Eligible members activate"),
        )
    ),
]


@pytest.mark.parametrize(("strict", "loose", "names"), LOOSENED)
def test_what_loosens_a_role_is_named(strict, loose, names):
    assert weaker(strict, loose) == names


@pytest.mark.parametrize(("strict", "loose", "names"), LOOSENED)
def test_the_way_back_loosens_nothing_unless_other_people_approve(strict, loose, names):
    """Whoever comes to approve instead of somebody else may be the easier one to ask."""
    other_people = {"Approvers"} if names == ["Approvers"] else set()

    assert set(weaker(loose, strict)) == other_people


def test_another_pattern_counts_because_nobody_can_tell_which_is_looser():
    assert weaker(activation(ticket_pattern="INC-[0-9]+"), activation(ticket_pattern="[A-Z]+")) == [
        "Pattern of ticket numbers"
    ]


def test_who_would_approve_does_not_matter_where_nobody_has_to():
    unused = replace(approval(stages=TWO_STAGES, needs_second_factor=True), activation=DEFAULTS.activation)

    assert weaker(unused, DEFAULTS) == []
    assert weaker(approval(stages=TWO_STAGES), DEFAULTS) == ["Require approval to activate"]
    assert weaker(unused, approval(stages=(Stage((ALVA,), 1),))) == []


@pytest.mark.parametrize("audience", [Audience.HOLDER, Audience.APPROVERS])
def test_what_others_are_written_watches_nobody(audience):
    assert weaker(DEFAULTS, notices(Occasion.ACTIVE, audience, Notice(by_default=False))) == []


@pytest.mark.parametrize("warning", [0 * MINUTE, 5 * MINUTE, 60 * MINUTE])
def test_when_the_holder_is_warned_changes_nothing_about_access(warning):
    assert weaker(DEFAULTS, activation(warning=warning)) == []


def test_settings_that_stay_loosen_nothing():
    assert weaker(DEFAULTS, DEFAULTS) == []


def test_every_rule_is_named_as_its_setting_is():
    assert list(RULES) == [name for name in LINES if name in RULES]

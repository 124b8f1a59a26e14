"""All roles and the settings that matter, in few words."""

from dataclasses import replace

import pytest

from kernel.period import DAY, HOUR
from roles.models import Resource, Role
from roles.queries.matrix import COLUMNS, matrix
from roles.terms import (
    DEFAULTS,
    GROUP_DEFAULTS,
    MANAGER,
    ActivationTerms,
    ApprovalTerms,
    ApproverKind,
    GrantTerms,
    Named,
    Notice,
    Notices,
    SecondFactor,
    Stage,
)
from tests import make

ADA, BEN = (Named(ApproverKind.USER, f"{name}@example.com") for name in ("ada", "ben"))
TEAM, CREW = (Named(ApproverKind.GROUP, name) for name in ("Team", "Crew"))


def word(head, settings):
    """What stands in this column."""
    (column,) = [column for column in COLUMNS if column.head == head]
    return column.word(settings)


def activation(**terms):
    return replace(DEFAULTS, activation=ActivationTerms(**terms))


def stages(*all_of_them, **terms):
    return replace(activation(needs_approval=True), approval=ApprovalTerms(stages=all_of_them, **terms))


NOTICES = replace(
    DEFAULTS,
    notices=Notices((Notice(by_default=False), Notice(only_critical=True), *DEFAULTS.notices.cells[2:])),
)


@pytest.mark.parametrize(
    ("head", "settings", "said"),
    [
        ("Longest", activation(max_duration=90 * HOUR / 60), "1 h 30 min"),
        ("Second factor", activation(second_factor=SecondFactor.NONE), "no"),
        ("Second factor", DEFAULTS, "yes"),
        ("Second factor", activation(second_factor=SecondFactor.FRESH), "fresh"),
        ("Reason", activation(needs_justification=False, justification_min_length=20), "no"),
        ("Reason", DEFAULTS, "yes"),
        ("Reason", activation(justification_min_length=20), "from 20 characters"),
        ("Ticket", activation(ticket_pattern="INC-[0-9]+"), "no"),
        ("Ticket", activation(needs_ticket=True), "yes"),
        ("Ticket", activation(needs_ticket=True, ticket_pattern="INC-[0-9]+"), "INC-[0-9]+"),
        ("Approvals", replace(stages(Stage(), Stage()), activation=ActivationTerms()), "no"),
        ("Approvals", stages(Stage()), "1"),
        ("Approvals", stages(Stage(quorum=2), Stage()), "2 + 1"),
        ("Approvers", DEFAULTS, "administrators"),
        ("Approvers", stages(Stage((ADA,))), "ada@example.com"),
        ("Approvers", stages(Stage((TEAM,))), "Team (group)"),
        ("Approvers", stages(Stage((MANAGER,))), "manager of whoever asks"),
        ("Approvers", stages(Stage((ADA, BEN))), "2 people"),
        ("Approvers", stages(Stage((CREW, TEAM))), "2 groups"),
        ("Approvers", stages(Stage((ADA, TEAM, MANAGER))), "1 person, 1 group, manager"),
        ("Approvers", stages(Stage((ADA, MANAGER)), Stage()), "1 person, manager, then administrators"),
        ("Time to decide", activation(decision_window=48 * HOUR), "48 h"),
        ("Escalates", DEFAULTS, "never"),
        ("Escalates", stages(Stage(), escalation_after=4 * HOUR), "after 4 h"),
        ("Permanent eligible", GROUP_DEFAULTS, "no"),
        ("Eligible for", replace(DEFAULTS, eligible=GrantTerms(max_duration=90 * DAY)), "90 days"),
        ("Permanent active", GROUP_DEFAULTS, "no"),
        ("Active for", replace(DEFAULTS, active=GrantTerms(max_duration=15 * DAY)), "15 days"),
        ("Assigner's second factor", replace(DEFAULTS, active=GrantTerms(needs_second_factor=True)), "yes"),
        ("Assigner's reason", replace(DEFAULTS, active=GrantTerms()), "no"),
        ("Emails", DEFAULTS, "default"),
        ("Emails", NOTICES, "2 of 9 changed"),
    ],
)
def test_a_setting_is_said_in_few_words(head, settings, said):
    assert word(head, settings) == said


def test_a_role_on_a_group_is_held_against_the_defaults_of_groups(db):
    team = make.group(name="Night shift")
    resource = Resource.objects.create(name="Night shift", kind=Resource.Kind.GROUP, group=team)
    made = make.role(name="Member", on=resource, eligible=GROUP_DEFAULTS.eligible, active=GROUP_DEFAULTS.active)
    Role.objects.filter(pk=made.pk).update(membership=Role.Membership.MEMBER)

    (row,) = matrix(Role.objects.all()).rows

    assert (row.label, row.deviations) == ("Member (Night shift)", 0)


def test_only_rows_that_deviate_can_be_asked_for(db):
    make.role()
    deviating = make.role(name="Teams Reader", terms=ActivationTerms(needs_ticket=True))

    found = matrix(Role.objects.all(), only_deviating=True)

    assert [(row.role, row.deviations) for row in found.rows] == [(deviating, 1)]

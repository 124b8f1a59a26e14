"""What settings would mean today."""

from dataclasses import replace

import pytest

from accounts.operations.people import disable
from kernel.period import HOUR
from roles.queries import preview
from roles.queries.people import some_of
from roles.terms import (
    CELLS,
    DEFAULTS,
    MANAGER,
    ActivationTerms,
    ApprovalTerms,
    Audience,
    Notice,
    Notices,
    Occasion,
    Settings,
    Stage,
)
from tests import make
from tests.make import NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

DEFAULT = "Nobody is named, so the active Global and Privileged Role Administrators: "


def needing(*stages, **approval):
    return Settings(activation=ActivationTerms(needs_approval=True), approval=ApprovalTerms(stages, **approval))


def test_who_would_be_asked_is_told_by_name_and_number(approver, other_approver):
    named = make.named(approver, other_approver)

    assert preview.asked(needing(Stage(named, 2)), NINE) == {
        "Approvers": "2 people: Alva Approver and Ben Second. 2 approvals are needed."
    }
    assert preview.asked(needing(Stage((MANAGER,))), NINE) == {
        "Approvers": "the manager of whoever asks. 1 approval is needed."
    }


def test_administrators_are_asked_where_nobody_is_named_or_nobody_at_all(db):
    assert preview.asked(needing(Stage()), NINE) == {"Approvers": f"{DEFAULT}nobody. 1 approval is needed."}

    make.administrator()

    assert preview.asked(needing(Stage()), NINE) == {
        "Approvers": f"{DEFAULT}1 person: Ada Admin. 1 approval is needed."
    }


def test_two_stages_and_escalation_are_told_one_by_one(admin, approver, other_approver):
    settings = needing(
        Stage(make.named(approver)),
        Stage(),
        escalation_after=90 * HOUR / 60,
        escalation=(*make.named(other_approver), MANAGER),
    )

    assert preview.asked(settings, NINE) == {
        "First stage": "1 person: Alva Approver. 1 approval is needed.",
        "Second stage": f"{DEFAULT}1 person: Ada Admin. 1 approval is needed.",
        "After 1 h 30 min, as well": "1 person: Ben Second; and the manager of whoever asks.",
    }


def test_members_of_groups_are_asked_each_once_and_only_those_who_may(approver, other_approver, stranger, user):
    teams = [make.group(members=(approver, stranger, user)), make.group(members=(approver, other_approver))]
    disable(make.act(), stranger)
    user.is_break_glass = True
    user.save()

    assert preview.asked(needing(Stage(make.named(*teams))), NINE) == {
        "Approvers": "2 people: Alva Approver and Ben Second. 1 approval is needed."
    }


def test_those_are_named_for_whom_too_few_could_approve(user, approver):
    role = make.role()
    make.eligibility(of=user, role=role)

    assert preview.approval(role, needing(Stage(make.named(user))), NINE)["left"] == "John Doe"
    assert preview.approval(role, needing(Stage(make.named(approver))), NINE)["left"] == ""
    assert preview.approval(role, DEFAULTS, NINE)["left"] == ""


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, ""),
        (1, "P0"),
        (2, "P0 and P1"),
        (3, "P0, P1 and P2"),
        (4, "P0, P1, P2 and 1 more"),
        (9, "P0, P1, P2 and 6 more"),
    ],
)
def test_the_first_few_of_many_are_named(count, words):
    assert some_of([make.user(name=f"P{number}") for number in range(count)], 3) == words


# --- emails


def test_everybody_is_written_to_by_default(admin):
    by_administrators = {"administrators": "Ada Admin", "approvers": "Ada Admin"}

    assert preview.recipients(DEFAULTS, NINE) == {
        "eligible": {**by_administrators, "holder": "whoever is eligible"},
        "active": {**by_administrators, "holder": "whoever is active"},
        "activation": {
            "administrators": "Ada Admin",
            "holder": "whoever activates",
            "approvers": "nobody: no approval is needed",
        },
    }


def test_where_there_is_no_administrator_nobody_is_written_to(db):
    assert preview.recipients(DEFAULTS, NINE)["active"]["administrators"] == "nobody"


def test_those_who_may_approve_are_written_to_when_somebody_asks(approver, other_approver):
    stages = (Stage((MANAGER, *make.named(approver))), Stage(make.named(approver, other_approver)))

    assert preview.recipients(needing(*stages), NINE)["activation"]["approvers"] == (
        "Alva Approver and Ben Second; and the manager of whoever asks"
    )


def test_where_nobody_could_approve_nobody_is_written_to(db):
    assert preview.recipients(needing(Stage()), NINE)["activation"]["approvers"] == "nobody"


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (Notice(), "Ada Admin"),
        (Notice(by_default=False), "nobody"),
        (Notice(by_default=False, only_critical=True), "nobody"),
        (Notice(addresses=("ops@example.com",)), "Ada Admin; ops@example.com"),
        (Notice(by_default=False, addresses=("a@example.com", "b@example.com")), "a@example.com; b@example.com"),
        (Notice(only_critical=True), "Ada Admin – only critical emails"),
    ],
)
def test_a_cell_says_who_gets_what(admin, notice, words):
    cell = (Occasion.ACTIVE, Audience.ADMINISTRATORS)
    cells = tuple(notice if each == cell else Notice() for each in CELLS)

    found = preview.recipients(replace(DEFAULTS, notices=Notices(cells)), NINE)

    assert found["active"]["administrators"] == words
    assert preview.notified(replace(DEFAULTS, notices=Notices(cells)), NINE)["Members assigned active"] == {
        "emails to administrators": words,
        "emails to the person it is about": "whoever is active",
        "emails to approvers": "Ada Admin",
    }

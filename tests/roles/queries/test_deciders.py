"""Who may decide on activations, stage by stage."""

from dataclasses import replace

import pytest

from accounts.models import User
from accounts.operations.people import disable
from roles.queries.deciders import approvers, escalation_panel, panels, stranded
from roles.terms import MANAGER, ApprovalTerms, Stage
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.django_db


def approval(*stages: Stage) -> ApprovalTerms:
    return ApprovalTerms(stages=stages)


def stage(*approvers: object, quorum: int = 1) -> Stage:
    """People and groups by themselves; `MANAGER` as it is."""
    named = [one for one in approvers if one is MANAGER]
    return Stage(tuple(sorted([*named, *make.named(*(one for one in approvers if one is not MANAGER))])), quorum)


def managed(of: User, by: User) -> User:
    of.manager = by
    of.save(update_fields=["manager"])
    return of


def test_people_and_members_of_groups_are_on_the_panel_once(user, approver, other_approver):
    team = make.group(members=(other_approver, approver))

    (panel,) = panels(approval(stage(approver, team)), NINE)

    assert panel.people == (approver, other_approver)


def test_where_a_stage_names_nobody_the_active_administrators_decide(admin, user):
    first, second = panels(approval(stage(user), stage()), NINE)

    assert (first.people, second.people) == ((user,), (admin,))


def test_the_manager_of_whoever_asks_decides_for_them_alone(user, stranger, approver):
    (panel,) = panels(approval(stage(MANAGER)), NINE)

    assert panel.for_(managed(user, by=approver)) == [approver]
    assert panel.for_(stranger) == []


def test_a_manager_who_is_named_as_well_stands_there_once(user, approver):
    (panel,) = panels(approval(stage(MANAGER, approver)), NINE)

    assert panel.for_(managed(user, by=approver)) == [approver]


@pytest.mark.parametrize("unfit", ["disabled", "break-glass"])
def test_who_is_disabled_or_a_break_glass_account_never_decides(unfit, user, approver, other_approver):
    team = make.group(members=(approver, other_approver))
    if unfit == "disabled":
        disable(make.act(), approver)
    else:
        User.objects.filter(pk=approver.pk).update(is_break_glass=True)
    approver.refresh_from_db()
    terms = replace(approval(stage(MANAGER, approver, team)), escalation=make.named(approver))

    (panel,) = panels(terms, NINE)

    assert panel.for_(managed(user, by=approver)) == [other_approver]
    assert escalation_panel(terms, NINE).people == ()


def test_nobody_decides_for_themselves(user, approver):
    team = make.group(members=(user, approver))
    role = make.role(approvers=(user, team))

    assert approvers(role, NINE, asker=user) == [approver]
    assert approvers(role, NINE, asker=managed(user, by=user)) == [approver]


def test_a_stage_that_is_not_there_has_no_approvers(user, approver):
    assert approvers(make.role(approvers=(approver,)), NINE, asker=user, stage=2) == []


@pytest.mark.parametrize(
    ("first", "second", "left_alone"),
    [
        (("approver",), None, []),
        (("approver", "user"), None, []),
        (("user",), None, ["user"]),
        (("approver",), ("approver",), ["user", "stranger"]),  # nobody decides twice
        (("approver",), ("approver", "user"), ["user"]),
        (("approver", "other_approver"), ("approver",), []),
    ],
)
def test_whoever_finds_too_few_different_approvers_is_stranded(
    first, second, left_alone, user, stranger, approver, other_approver
):
    people = {"user": user, "stranger": stranger, "approver": approver, "other_approver": other_approver}
    stages = [stage(*(people[name] for name in names)) for names in (first, second) if names is not None]

    found = stranded(panels(approval(*stages), NINE), [user, stranger])

    assert found == [people[name] for name in left_alone]


def test_a_quorum_needs_as_many_others(user, approver, other_approver):
    both = panels(approval(stage(approver, other_approver, quorum=2)), NINE)

    assert stranded(both, [user, approver]) == [approver]

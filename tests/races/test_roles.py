"""Giving, taking and telling at the same moment."""

from functools import partial
from uuid import uuid4

import pytest

from accounts.operations import groups
from kernel.period import HOUR, MINUTE
from requests_app.operations import activation as asking
from roles.models import Assignment, Eligibility, RolePolicy
from roles.operations import activation, amendments, batches, grants, settings
from roles.policy import GrantAsk
from roles.terms import DEFAULTS, ActivationTerms, Settings
from tests import make, seen
from tests.make import IN_30_DAYS, NINE
from tests.races.together import at_once, done, refusals

LATER = NINE + 10 * MINUTE


def test_of_two_changes_of_the_same_settings_one_counts(user):
    role = make.role()
    editors = [make.administrator(name=f"Admin {number}", email=f"admin{number}@example.com") for number in range(2)]
    wishes = [Settings(activation=ActivationTerms(max_duration=hours * HOUR)) for hours in (1, 2)]

    outcomes = at_once(
        *(
            partial(settings.change, make.act(by=editor), role, wish, version=0)
            for editor, wish in zip(editors, wishes, strict=True)
        )
    )

    assert refusals(outcomes) == [("version",)]
    policy = RolePolicy.objects.get(role=role)
    winner = outcomes.index(done(outcomes)[0])
    assert (policy.version, policy.changed_by, policy.settings()) == (1, editors[winner], wishes[winner])
    assert seen.events() == ["settings.changed"]


def test_approvers_changed_twice_at_once_are_those_of_one_change(user, stranger):
    role = make.role()
    wishes = [make.wanted(to=DEFAULTS, approvers=(person,)) for person in (user, stranger)]

    outcomes = at_once(*(partial(settings.change, make.act(), role, wish, version=0) for wish in wishes))

    assert refusals(outcomes) == [("version",)]
    winner = outcomes.index(done(outcomes)[0])
    assert RolePolicy.objects.get(role=role).settings() == wishes[winner]


@pytest.mark.parametrize(("give", "model"), [(grants.make_eligible, Eligibility), (grants.assign, Assignment)])
def test_of_four_administrators_who_give_the_same_one_gives(give, model, user):
    role = make.role()
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")

    outcomes = at_once(*[partial(give, make.act(), role, ask, to=user)] * 4)

    assert refusals(outcomes) == [("exists",)] * 3
    assert model.objects.count() == len(seen.events()) == len(seen.emails()) == 1


@pytest.mark.parametrize(
    ("remove", "give"),
    [(grants.remove_eligibility, make.eligibility), (grants.remove_assignment, make.assignment)],
)
def test_of_four_administrators_who_take_the_same_back_one_does(remove, give, user):
    grant = give(of=user)

    outcomes = at_once(*[partial(remove, make.act(), grant, because="New job")] * 4)

    assert refusals(outcomes) == [("over",)] * 3
    assert (len(seen.events()), seen.emails()) == (1, [("removed_from_you", user.email)])


def test_an_activation_is_deactivated_or_revoked_never_both(user):
    active = make.activation(by=user)

    outcomes = at_once(
        partial(activation.deactivate, make.act(by=user, at=LATER), active),
        partial(grants.remove_assignment, make.act(at=LATER), active, because="Incident closed"),
    )

    assert refusals(outcomes) == [("over",)]
    assert len(seen.events(at=LATER)) == len(seen.emails(at=LATER)) == 1


def test_removing_and_deactivating_at_once_never_wait_for_each_other(user):
    active = make.activation(by=user)

    outcomes = at_once(
        partial(activation.deactivate, make.act(by=user, at=LATER), active),
        partial(grants.remove_eligibility, make.act(at=LATER), active.activated_from, because="New job"),
    )

    assert refusals(outcomes) in ([], [("over",)])
    assert not Assignment.objects.not_over(LATER).exists()
    assert len([kind for kind in seen.events(at=LATER) if kind != "eligibility.removed"]) == 1


# --- changed while something else happens


@pytest.mark.parametrize("give", [make.eligibility, make.assignment])
def test_what_is_updated_and_removed_at_once_is_removed(give, user):
    grant = give(of=user)
    remove = grants.remove_eligibility if grant.kind == "eligible" else grants.remove_assignment
    longer = GrantAsk(grant.start_at, None, "Longer")

    outcomes = at_once(
        partial(amendments.update, make.act(), grant, longer), partial(remove, make.act(), grant, because="New job")
    )

    assert refusals(outcomes) in ([], [("over",)])
    grant.refresh_from_db()
    assert (grant.end_at, grant.removed_at) == (NINE, NINE)


def test_of_two_administrators_who_convert_the_same_one_does(user):
    eligibility = make.eligibility(of=user)
    ask = GrantAsk(NINE, IN_30_DAYS, "Every day")

    outcomes = at_once(*[partial(amendments.convert, make.act(), eligibility, ask)] * 3)

    assert refusals(outcomes) == [("over", "exists")] * 2
    assert (Assignment.objects.count(), seen.events()) == (1, ["eligibility.converted"])


def test_what_is_converted_while_it_is_activated_leaves_no_activation_behind(user):
    eligibility = make.eligibility(of=user, terms=make.EASY)

    outcomes = at_once(
        partial(asking.submit, make.act(by=user), eligibility, make.ask(), form_key=uuid4()),
        partial(amendments.convert, make.act(), eligibility, GrantAsk(NINE, IN_30_DAYS, "Every day")),
    )

    assert refusals(outcomes) in ([], [("not_eligible",)])
    assert not Assignment.objects.not_over(NINE).exclude(activated_from=None).exists()


def test_what_is_shortened_while_it_is_activated_is_not_active_for_longer(user):
    eligibility = make.eligibility(of=user, terms=make.EASY)
    end = NINE + 30 * MINUTE

    at_once(
        partial(asking.submit, make.act(by=user), eligibility, make.ask(), form_key=uuid4()),
        partial(amendments.update, make.act(), eligibility, GrantAsk(eligibility.start_at, end, "Shorter")),
    )

    assert [assignment.end_at for assignment in Assignment.objects.all()] == [end]


def test_of_two_batches_that_give_the_same_one_gives_and_neither_waits_for_ever(user, stranger):
    roles = [make.role(name=name) for name in ("Teams Administrator", "Teams Reader")]
    wishes = [make.wish(to=to, role=role) for role in roles for to in (user, stranger)]

    outcomes = at_once(
        partial(batches.give, make.act(), wishes), partial(batches.give, make.act(), list(reversed(wishes)))
    )

    assert refusals(outcomes) == [("exists",) * 4]
    assert Eligibility.objects.count() == 4


def test_two_administrators_who_take_the_role_from_each_other_leave_one():
    admins = [make.administrator(name=f"Admin {number}", email=f"admin{number}@example.com") for number in range(2)]
    theirs = [Assignment.objects.get(user=admin) for admin in admins]

    outcomes = at_once(
        partial(grants.remove_assignment, make.act(by=admins[0]), theirs[1], because="Leaves"),
        partial(amendments.convert, make.act(by=admins[1]), theirs[0], GrantAsk(NINE, None, "Leaves")),
    )

    assert len(refusals(outcomes)) == 1
    assert Assignment.objects.in_force(NINE).count() == 1


# --- several workers


def scheduled(user):
    return activation.tell_start, make.activation(by=user, start_at=NINE + HOUR).pk


def ending(user):
    return activation.tell_assignment_end, make.activation(by=user).pk


def ending_eligibility(user):
    return activation.tell_eligibility_end, make.eligibility(of=user, end_at=NINE + HOUR).pk


def lapsed(user):
    team = make.group(members=(user,))
    active = make.activation(by=user, of=make.eligibility(of=team), duration=2 * HOUR)
    groups.remove(make.act(), team, user)
    return activation.end_lapsed, active.pk


@pytest.mark.parametrize("case", [scheduled, ending, ending_eligibility, lapsed])
def test_what_several_workers_notice_at_once_is_told_once(case, user):
    tell, pk = case(user)
    at = NINE + HOUR

    at_once(*[partial(tell, make.act(at=at), pk)] * 4)

    assert (len(seen.events(at=at)), len(seen.emails(at=at))) == (1, 1)


def test_an_end_that_comes_by_the_clock_and_by_hand_is_told_once(user):
    active = make.activation(by=user)
    end = NINE + HOUR

    at_once(
        partial(activation.tell_assignment_end, make.act(at=end), active.pk),
        partial(activation.end_lapsed, make.act(at=end), active.pk),
    )

    assert seen.events(at=end) == ["role.activation_ended"]
    assert Assignment.objects.get().end_at == end

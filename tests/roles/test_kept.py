"""The last administrator's time does not run out: who is kept, until when, and who is not."""

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE, SECOND
from roles.models import Assignment, Eligibility
from roles.operations import activation, grants
from roles.queries import access, due
from tests import make, seen, visit
from tests.make import NINE, THE_DAY_BEFORE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

GLOBAL, PRIVILEGED = "Global Administrator", "Privileged Role Administrator"
END = NINE + HOUR
LONG_AFTER = NINE + 400 * DAY


def ending(of, name=GLOBAL):
    return make.assignment(of=of, role=make.role(name=name), end_at=END)


def active(at, who):
    return Assignment.objects.of(who, at).in_force(at).exists()


@pytest.mark.parametrize("name", [GLOBAL, PRIVILEGED])
def test_the_time_of_the_last_administrator_does_not_run_out(name, user):
    last = ending(user, name)

    assert active(END, user)
    assert active(LONG_AFTER, user)
    assert (last.is_over(LONG_AFTER), last.ends_at(LONG_AFTER)) == (False, None)
    assert access.access(user, last.role, at=END).until is None
    assert list(Assignment.objects.not_over(END)) == [last]
    assert list(Assignment.objects.kept(END)) == list(Assignment.objects.in_force(END)) == [last]
    assert not Assignment.objects.over(END).exists()


def test_before_its_end_nobody_is_kept(user):
    last = ending(user)

    assert last.ends_at(NINE) == END
    assert not Assignment.objects.kept(NINE).exists()
    assert access.access(user, last.role, at=NINE).until == END


def test_an_ordinary_role_ends_though_nobody_else_has_it(user):
    ended = make.assignment(of=user, end_at=END)

    assert not active(END, user)
    assert ended.is_over(END)
    assert list(Assignment.objects.over(END)) == [ended]


@pytest.mark.parametrize("until", [None, END + SECOND])
def test_it_ends_for_good_once_somebody_else_is_assigned_for_longer(until, user, stranger):
    last = ending(user)

    make.assignment(of=stranger, role=last.role, start_at=END + MINUTE, end_at=until and END + DAY, at=END)

    assert active(END + MINUTE - SECOND, user)
    assert not active(END + MINUTE, user)
    assert last.is_over(END + MINUTE)
    assert not active(LONG_AFTER, user)
    assert active(LONG_AFTER, stranger)


def test_somebody_elses_shorter_time_does_not_end_it(user, stranger):
    last = ending(user)
    make.assignment(of=stranger, role=last.role, end_at=END - MINUTE)

    assert active(END, user)
    assert not active(END, stranger)


@pytest.mark.parametrize("name", [GLOBAL, PRIVILEGED])
def test_each_role_is_kept_by_itself(name, user, stranger):
    ending(user, GLOBAL)
    make.assignment(of=stranger, role=make.role(name=name), end_at=None)

    assert active(END, user) == (name == PRIVILEGED)


def test_an_activation_does_not_end_it(user, stranger):
    last = ending(user)
    make.change_terms(of=last.role, to=make.EASY, at=THE_DAY_BEFORE)
    make.activation(by=stranger, of=make.eligibility(of=stranger, role=last.role), duration=4 * HOUR)

    assert active(END, user)


def test_somebody_disabled_does_not_end_it_nor_does_a_group_without_anybody(user, stranger):
    last = ending(user)
    team = make.group(members=(stranger,))
    stranger.is_enabled = False
    stranger.save()
    type(last).objects.create(
        role=last.role, scope=last.scope, user=stranger, start_at=THE_DAY_BEFORE, made_at=THE_DAY_BEFORE
    )
    make.assignment(of=team, role=last.role, end_at=None)

    assert active(END, user)

    stranger.is_enabled = True
    stranger.save()
    assert not active(END, user)


def test_a_group_with_somebody_in_it_ends_it(user, stranger):
    last = ending(user)
    make.assignment(of=make.group(members=(stranger,)), role=last.role, end_at=None)

    assert not active(END, user)


def test_what_was_called_off_before_it_began_ends_nothing(user, stranger):
    last = ending(user)
    ahead = make.assignment(of=stranger, role=last.role, start_at=END + HOUR, end_at=None, at=NINE)
    grants.remove_assignment(make.act(at=NINE + 10 * MINUTE), ahead, because="New job")

    assert active(END + 2 * HOUR, user)


def test_what_was_removed_is_not_kept(user, stranger):
    first = ending(user)
    make.assignment(of=stranger, role=first.role, end_at=None)
    grants.remove_assignment(make.act(), first, because="New job")

    assert not Assignment.objects.kept(NINE).filter(user=user).exists()
    assert not active(NINE, user)


def test_a_kept_assignment_can_be_removed_only_once_it_is_not_the_last(user, stranger):
    last = ending(user)
    act = make.act(at=END + HOUR)
    with pytest.raises(Exception, match="would have no active holder left"):
        grants.remove_assignment(act, last, because="New job")

    make.assignment(of=stranger, role=last.role, start_at=END + HOUR, end_at=None)
    with pytest.raises(Exception, match="Global Administrator ended by itself at 11:00 UTC"):
        grants.remove_assignment(act, last, because="New job")


def test_who_is_disabled_is_not_kept(user, stranger):
    ending(user)
    people.disable(make.act(), user)

    assert not active(END, user)


# --- eligible


def test_an_eligible_global_administrator_stays_while_nobody_is_assigned(user, stranger):
    eligible = make.eligibility(of=user, role=make.role(name=GLOBAL, terms=make.EASY), end_at=END)
    later = END + 10 * DAY
    assert Eligibility.objects.of(user, later).in_force(later).exists()

    active_one = make.activation(by=user, of=eligible, at=later)
    assert (active_one.end_at, active(later, user), active(later + HOUR, user)) == (later + HOUR, True, False)

    make.assignment(of=stranger, role=eligible.role, start_at=later, end_at=None)
    assert not Eligibility.objects.in_force(later).exists()
    assert active(later + MINUTE, user)


def test_what_is_asked_from_a_kept_eligibility_can_be_decided(user, approver):
    role = make.role(name=GLOBAL, approvers=(approver,))
    eligible = make.eligibility(of=user, role=role, end_at=END)
    asked = make.role_request(by=user, for_=eligible, at=END + DAY)

    with make.clock_at(END + DAY):
        said = visit.main(visit.by(approver).get("/approvals/")).text

    assert asked.decide_until == END + 2 * DAY
    assert user.name in said


def test_an_eligible_privileged_role_administrator_ends_as_others_do(user):
    make.eligibility(of=user, role=make.role(name=PRIVILEGED), end_at=END)

    assert not Eligibility.objects.in_force(END).exists()


# --- told


def test_an_end_is_told_when_it_comes_and_not_while_somebody_is_kept(user, stranger):
    last = ending(user)
    eligible = make.eligibility(of=user, role=last.role, end_at=END + MINUTE)
    then = END + HOUR
    assert (due.due(then)["tell_assignment_end"], due.due(then)["tell_eligibility_end"]) == ([], [])
    activation.tell_assignment_end(make.act(at=then), last.pk)
    activation.tell_eligibility_end(make.act(at=then), eligible.pk)
    assert seen.events(at=then) == []

    make.assignment(of=stranger, role=last.role, start_at=then, end_at=None, at=END)
    assert due.due(then)["tell_assignment_end"] == [last.pk]
    assert due.due(then)["tell_eligibility_end"] == [eligible.pk]
    activation.tell_assignment_end(make.act(at=then), last.pk)
    activation.tell_eligibility_end(make.act(at=then), eligible.pk)

    assert [entry.facts["ended_at"] for entry in seen.entries(at=then)] == [then.isoformat().replace("+00:00", "Z")] * 2


def test_the_list_of_assignments_says_who_is_kept(user, auditor):
    ending(user)

    with make.clock_at(END):
        browser = visit.by(auditor, proven_at=END)
        rows = visit.table(browser.get("/assignments/?tab=active"))
        home = visit.main(visit.by(user, proven_at=END).get("/")).text

    assert [row[4] for row in rows if row[0].startswith(user.name)] == ["23 Nov 2026, 10:00 UTC Kept: the last one"]
    assert "kept: the last one" in home

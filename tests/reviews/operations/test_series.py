"""Setting up series of reviews, and changing what is to come of them."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from reviews.models import Series
from reviews.operations import occurrences, series
from reviews.queries.plans import plan_of
from reviews.terms import Recurrence, Reviewers, StagePlan
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

KEY = UUID("11111111-2222-3333-4444-555555555555")
WEEK = (StagePlan(Reviewers.SELF, duration=DAY),)


def fresh():
    return Series.objects.with_names().get()


def begin(*, at=NINE):
    return occurrences.begin(make.act(at=at), fresh().pk)


def change(*, at=NINE, by=None, **changed):
    """Change the one series as somebody does who opened its page just now."""
    found = fresh()
    return series.change(make.act(by=by, at=at), found, replace(plan_of(found), **changed), stand=found.stand)


def planned(**terms):
    """A weekly review of a day, first at nine."""
    return make.series(of=make.role(), plan=make.plan(**{"recurrence": Recurrence.WEEKLY, "stages": WEEK, **terms}))


# --- setting up


def test_each_role_becomes_a_series_that_is_told():
    roles = [make.role(), make.role(name="Teams Reader")]

    made = series.plan(make.act(), roles, make.plan(make.user()))

    assert [one.subject for one in made] == roles
    assert seen.events() == ["review.planned", "review.planned"]
    assert {entry.role_name for entry in seen.entries()} == {"Teams Administrator", "Teams Reader"}


def test_the_same_form_sent_twice_makes_each_series_once():
    roles, plan = [make.role(), make.role(name="Teams Reader")], make.plan(make.user())
    first = series.plan(make.act(), roles[:1], plan, form_key=KEY)

    both = series.plan(make.act(at=NINE + HOUR), roles, plan, form_key=KEY)

    assert (both[0], both[1].subject, Series.objects.count()) == (first[0], roles[1], 2)


def test_a_form_sent_again_after_its_series_was_deleted_makes_another():
    role, plan = make.role(), make.plan(make.user())
    series.plan(make.act(), [role], plan, form_key=KEY)
    Series.objects.update(deleted_at=NINE)

    series.plan(make.act(), [role], plan, form_key=KEY)

    assert Series.objects.shown().count() == 1


def test_the_database_takes_no_form_twice():
    role, plan = make.role(), make.plan(make.user())
    made = series.plan(make.act(), [role], plan, form_key=KEY)[0]
    other = make.series(of=role, plan=plan)

    with pytest.raises(IntegrityError), transaction.atomic():
        Series.objects.filter(pk=other.pk).update(form_key=made.form_key)


def test_who_cannot_review_is_refused_by_name():
    glass, gone = make.break_glass(), make.user(email="gone@example.com")
    gone.is_enabled = False
    gone.save()

    with pytest.raises(Refused) as refused:
        series.plan(make.act(), [make.role()], make.plan(glass, gone, make.user()))

    assert [(one.code, one.field) for one in refused.value.refusals] == [("reviewer", "chosen_1")] * 2


# --- changing


def test_a_change_counts_from_the_next_review_on():
    planned()
    begin()

    changed = change(name="Weekly check", needs_reason=False)

    next_one = begin(at=NINE + 7 * DAY)
    assert [one["what"] for one in changed] == ["Name", "Ask for a reason"]
    assert (fresh().reviews.get(number=1).name, next_one.name) == ("Quarterly check", "Weekly check")
    assert (fresh().reviews.get(number=1).needs_reason, next_one.needs_reason) == (True, False)


def test_new_stages_take_the_place_of_the_old_ones():
    rita, crew = make.user(email="rita@example.com"), make.group(name="Crew")
    make.series(of=make.role(), plan=make.plan(rita, fallback=(crew,)))
    wanted = (
        StagePlan(Reviewers.MANAGERS, fallback=make.named(crew, rita), duration=DAY),
        StagePlan(chosen=make.named(rita), duration=2 * DAY, shows_earlier=False),
    )

    change(stages=wanted)

    assert plan_of(fresh()).stages == wanted


def test_what_is_set_so_already_is_not_told():
    planned()

    assert (change(), fresh().version, seen.events()) == ([], 0, ["review.planned"])


def test_who_changed_it_last_is_kept(admin):
    planned()

    change(by=admin, name="Weekly check")

    assert (fresh().version, fresh().changed_at, fresh().changed_by) == (1, NINE, admin)


@pytest.mark.parametrize(
    ("changed", "starts"),
    [
        ({}, [NINE + 7 * DAY, NINE + 14 * DAY]),
        ({"name": "Weekly check"}, [NINE + 7 * DAY, NINE + 14 * DAY]),
        ({"start_at": NINE + 9 * DAY}, [NINE + 9 * DAY, NINE + 16 * DAY]),
        ({"recurrence": Recurrence.MONTHLY}, [NINE + 7 * DAY, NINE + 37 * DAY]),
        ({"recurrence": Recurrence.MONTHLY, "start_at": NINE + 38 * DAY}, [NINE + 38 * DAY, NINE + 69 * DAY]),
        ({"recurrence": Recurrence.ONCE}, [NINE + 7 * DAY, None]),
        ({"occurrences": 2}, [NINE + 7 * DAY, None]),
        ({"occurrences": 3}, [NINE + 7 * DAY, NINE + 14 * DAY]),
        ({"last_day": (NINE + 7 * DAY).date()}, [NINE + 7 * DAY, None]),
    ],
)
def test_another_rhythm_counts_from_the_next_review(changed, starts):
    planned()
    begin()

    change(at=NINE + 2 * DAY, **changed)

    found = [fresh().next_at]
    assert begin(at=found[0] - HOUR) is None
    assert begin(at=found[0]).number == 2
    assert [*found, fresh().next_at] == starts


def test_a_monthly_review_of_the_31st_keeps_its_day_where_nothing_but_its_name_changes():
    last_of_january = NINE.replace(year=2027, month=1, day=31)
    planned(start_at=last_of_january, recurrence=Recurrence.MONTHLY)
    begin(at=last_of_january)

    change(at=last_of_january, name="Monthly check")

    begin(at=NINE.replace(year=2027, month=2, day=28))
    assert fresh().next_at == NINE.replace(year=2027, month=3, day=31)


def test_a_start_that_is_due_this_moment_does_not_stand_in_the_way_of_other_changes():
    planned()

    change(at=NINE + HOUR, name="Weekly check")

    assert (fresh().name, fresh().next_at) == ("Weekly check", NINE)
    assert begin(at=NINE + HOUR).number == 1


def ended():
    """A review that came once, a week ago."""
    planned(recurrence=Recurrence.ONCE, start_at=NINE)
    begin()
    fresh().reviews.update(closed_at=NINE + DAY)


def test_what_has_ended_can_be_renamed_and_stays_ended():
    ended()

    change(at=NINE + 9 * DAY, name="Done", recurrence=Recurrence.WEEKLY, last_day=NINE.date())

    assert (fresh().name, fresh().next_at) == ("Done", None)


def test_what_has_ended_goes_on_where_a_start_is_given():
    ended()

    change(at=NINE + 9 * DAY, start_at=NINE + 10 * DAY, recurrence=Recurrence.WEEKLY)

    assert begin(at=NINE + 10 * DAY).number == 2
    assert fresh().next_at == NINE + 17 * DAY


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"start_at": NINE + HOUR}, ("past", "overlap")),
        ({"start_at": None}, ("start",)),
        ({"occurrences": 1}, ("occurrences",)),
        ({"stages": (StagePlan(Reviewers.OWNERS, duration=DAY),)}, ("owners",)),
        ({"name": ""}, ("name",)),
        ({"stages": (StagePlan(Reviewers.SELF, duration=8 * DAY),), "name": ""}, ("name", "too_long")),
    ],
)
def test_what_makes_no_sense_is_refused_with_all_reasons(changed, codes):
    planned()
    begin()

    with pytest.raises(Refused) as refused:
        change(at=NINE + 2 * DAY, **changed)

    assert refused.value.codes == codes
    assert (fresh().version, fresh().next_at) == (0, NINE + 7 * DAY)


def test_the_next_review_does_not_start_before_the_one_that_runs_has_ended():
    planned()
    begin()

    with pytest.raises(Refused, match="before the one that runs has ended"):
        change(at=NINE + HOUR, start_at=NINE + DAY - HOUR)
    change(at=NINE + HOUR, start_at=NINE + DAY)

    assert fresh().next_at == NINE + DAY


def test_what_began_late_and_ends_after_the_next_start_keeps_nobody_from_renaming_the_series():
    planned(stages=(StagePlan(Reviewers.SELF, duration=7 * DAY),))
    begin(at=NINE + MINUTE)

    change(at=NINE + HOUR, name="Weekly check")

    assert (fresh().name, fresh().next_at) == ("Weekly check", NINE + 7 * DAY)


def test_a_deleted_series_is_not_changed():
    planned()
    Series.objects.update(deleted_at=NINE)

    with pytest.raises(Refused) as refused:
        change(name="Weekly check")

    assert refused.value.codes == ("deleted",)


@pytest.mark.parametrize("meanwhile", ["changed", "begun", "ended"])
def test_who_looked_at_it_before_it_changed_is_refused(meanwhile):
    planned()
    found = fresh()
    wanted = replace(plan_of(found), name="Weekly check")
    if meanwhile == "changed":
        change(needs_reason=False)
    elif meanwhile == "begun":
        begin()
    else:
        Series.objects.update(next_at=None)

    with pytest.raises(Refused) as refused:
        series.change(make.act(), found, wanted, stand=found.stand)

    assert (refused.value.codes, refused.value.status, fresh().name) == (("changed",), 409, "Quarterly check")


def test_a_last_day_before_the_next_start_is_refused_rather_than_passed_over():
    plan = make.plan(make.user(), recurrence=Recurrence.MONTHLY, start_at=NINE + 20 * DAY)
    found = make.series(of=make.role(), plan=plan)

    with pytest.raises(Refused, match="starts later than that"):
        series.change(make.act(), found, replace(plan, last_day=(NINE + 5 * DAY).date()), stand=found.stand)

    assert Series.objects.get(pk=found.pk).next_at == NINE + 20 * DAY

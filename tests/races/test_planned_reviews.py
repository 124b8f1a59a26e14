"""Setting up reviews, changing them, and the clock that begins them, at the same moment."""

from dataclasses import replace
from functools import partial
from uuid import UUID

from kernel.period import DAY
from reviews.models import Review, Series
from reviews.operations import occurrences, series
from reviews.queries.plans import plan_of
from reviews.terms import Recurrence
from tests import make, seen
from tests.make import NINE
from tests.races.together import at_once, done, refusals

KEY = UUID("11111111-2222-3333-4444-555555555555")


def test_a_form_sent_twice_at_once_makes_one_review():
    role, plan = make.role(), make.plan(make.user())

    outcomes = at_once(*[partial(series.plan, make.act(), [role], plan, form_key=KEY)] * 2)

    made = Series.objects.get()
    assert all(one == [made] for one in done(outcomes))
    assert refusals(outcomes) in ([], [("sent",)])
    assert seen.events() == ["review.planned"]


def test_of_two_changes_at_once_one_is_refused():
    found = make.series(of=make.role(), plan=make.plan(make.user()))
    wanted = [replace(plan_of(found), name=name) for name in ("First", "Second")]

    outcomes = at_once(*(partial(series.change, make.act(), found, one, stand=found.stand) for one in wanted))

    assert (refusals(outcomes), len(done(outcomes))) == ([("changed",)], 1)
    assert (Series.objects.get().version, seen.events()) == (1, ["review.planned", "review.changed"])


def test_a_review_that_begins_while_its_series_is_changed_has_the_old_rules_or_the_new_ones():
    plan = make.plan(make.user(), recurrence=Recurrence.MONTHLY)
    found = make.series(of=make.role(), plan=plan)
    wanted = replace(plan_of(found), name="New", start_at=NINE + DAY)

    outcomes = at_once(
        partial(series.change, make.act(), found, wanted, stand=found.stand),
        partial(occurrences.begin, make.act(), found.pk),
    )

    if refusals(outcomes):
        assert (refusals(outcomes), Review.objects.get().name) == ([("changed",)], "Quarterly check")
    else:
        # The start was put off, and with it the review.
        assert (Review.objects.count(), Series.objects.get().next_at) == (0, NINE + DAY)

"""Rules of access reviews: what can be set up, when occurrences come, what is recommended."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from kernel.period import DAY, HOUR
from reviews.policy import LONGEST, following, occurrence, problems, recommend
from reviews.terms import Evidence, Plan, Recommendation, Recurrence, Reviewers, Rhythm, StagePlan, Verdict
from roles.terms import ApproverKind, Named
from tests.make import NINE

ADA = Named(ApproverKind.USER, "ada@example.com")
ROUND = StagePlan(chosen=(ADA,), duration=7 * DAY)
PLAN = Plan("Quarterly check", stages=(ROUND,))


@pytest.mark.parametrize(
    ("plan", "codes"),
    [
        (PLAN, []),
        (replace(PLAN, name=" "), ["name"]),
        (replace(PLAN, stages=()), ["stages"]),
        (replace(PLAN, stages=(ROUND,) * 4), ["stages"]),
        (replace(PLAN, stages=(replace(ROUND, chosen=()),)), ["reviewers"]),
        (replace(PLAN, stages=(replace(ROUND, reviewers=Reviewers.SELF, chosen=()),)), []),
        (replace(PLAN, stages=(replace(ROUND, reviewers=Reviewers.OWNERS),)), ["owners"]),
        (replace(PLAN, stages=(replace(ROUND, duration=23 * HOUR),)), ["duration"]),
        (replace(PLAN, stages=(replace(ROUND, moves_on=frozenset()), ROUND)), ["moves_on"]),
        (replace(PLAN, stages=(ROUND, replace(ROUND, moves_on=frozenset()))), []),
        (replace(PLAN, recurrence=Recurrence.WEEKLY), []),
        (replace(PLAN, recurrence=Recurrence.WEEKLY, stages=(ROUND, ROUND)), ["too_long"]),
        (replace(PLAN, inactive_days=0), ["inactive_days"]),
        (replace(PLAN, inactive_days=730), []),
        (replace(PLAN, inactive_days=731), ["inactive_days"]),
        (replace(PLAN, occurrences=0), ["occurrences"]),
        (replace(PLAN, last_day=NINE.date() - DAY), ["last_day"]),
        (replace(PLAN, last_day=NINE.date()), []),
        (replace(PLAN, start_at=NINE - HOUR), ["past"]),
        (replace(PLAN, start_at=NINE + 3650 * DAY), []),
        (replace(PLAN, start_at=datetime(9999, 12, 31, tzinfo=UTC), name=""), ["far"]),
    ],
)
def test_what_cannot_be_set_up_is_refused_with_its_reason(plan, codes):
    assert [refusal.code for refusal in problems(plan, of_group=False, at=NINE)] == codes


@pytest.mark.parametrize("recurrence", [one for one in Recurrence if one != Recurrence.ONCE])
def test_an_occurrence_as_long_as_allowed_is_over_before_the_next_one(recurrence):
    for first_at in (datetime(2027, 1, 31, 9, tzinfo=UTC), datetime(2027, 2, 1, 9, tzinfo=UTC)):
        rhythm = Rhythm(first_at, "UTC", recurrence)

        starts = [occurrence(number, rhythm) for number in range(1, 30)]

        assert all(begun + LONGEST[recurrence] <= later for begun, later in pairwise(starts))


@pytest.mark.parametrize(
    ("recurrence", "third"),
    [
        (Recurrence.WEEKLY, datetime(2027, 2, 14, 9, tzinfo=UTC)),
        (Recurrence.MONTHLY, datetime(2027, 3, 31, 9, tzinfo=UTC)),
        (Recurrence.QUARTERLY, datetime(2027, 7, 31, 9, tzinfo=UTC)),
        (Recurrence.HALF_YEARLY, datetime(2028, 1, 31, 9, tzinfo=UTC)),
        (Recurrence.YEARLY, datetime(2029, 1, 31, 9, tzinfo=UTC)),
    ],
)
def test_it_comes_again_on_the_same_day_or_the_last_of_a_shorter_month(recurrence, third):
    rhythm = Rhythm(datetime(2027, 1, 31, 9, tzinfo=UTC), "UTC", recurrence)

    assert occurrence(3, rhythm) == third
    assert occurrence(2, replace(rhythm, recurrence=Recurrence.MONTHLY)) == datetime(2027, 2, 28, 9, tzinfo=UTC)


def test_it_comes_at_the_same_hour_of_the_day_when_the_clocks_have_changed():
    rhythm = Rhythm(datetime(2027, 3, 1, 8, tzinfo=UTC), "Europe/Berlin", Recurrence.MONTHLY)

    assert occurrence(2, rhythm) == datetime(2027, 4, 1, 7, tzinfo=UTC)


def test_it_ends_after_so_many_times_or_on_its_last_day():
    rhythm = Rhythm(NINE, "UTC", Recurrence.WEEKLY)

    assert following(1, replace(rhythm, recurrence=Recurrence.ONCE)) is None
    assert following(1, rhythm) == NINE + 7 * DAY
    assert following(2, replace(rhythm, occurrences=2)) is None
    assert following(1, replace(rhythm, last_day=date(2026, 11, 29))) is None
    assert following(1, replace(rhythm, last_day=date(2026, 11, 30))) == NINE + 7 * DAY


KNOWN = Evidence(
    at=NINE,
    is_enabled=True,
    is_eligible_only=True,
    granted_at=NINE - 200 * DAY,
    last_sign_in_at=NINE - DAY,
    last_used_at=NINE - 3 * DAY,
    uses=4,
)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("evidence", "verdict", "because"),
    [
        (KNOWN, Verdict.APPROVE, "Has activated it 4 times in 90 days."),
        (replace(KNOWN, uses=1), Verdict.APPROVE, "Has activated it once in 90 days."),
        (replace(KNOWN, is_enabled=False), Verdict.DENY, "The account is disabled."),
        (
            replace(KNOWN, granted_at=NINE - 30 * DAY + MOMENT, last_sign_in_at=None, last_used_at=None),
            Verdict.APPROVE,
            "Was given less than 30 days ago.",
        ),
        (replace(KNOWN, last_sign_in_at=None), Verdict.DENY, "Has never signed in."),
        (replace(KNOWN, last_sign_in_at=NINE - 30 * DAY), Verdict.DENY, "Has not signed in for 30 days."),
        (replace(KNOWN, last_used_at=None, uses=0), Verdict.DENY, "Has never activated it."),
        (replace(KNOWN, last_used_at=NINE - 90 * DAY, uses=0), Verdict.DENY, "Has not activated it for 90 days."),
        (
            replace(KNOWN, is_eligible_only=False, last_used_at=None, uses=0),
            Verdict.APPROVE,
            "Has signed in within 30 days.",
        ),
    ],
)
def test_who_does_not_sign_in_or_activate_is_recommended_to_be_denied(evidence, verdict, because):
    assert recommend(evidence) == Recommendation(verdict, because)

"""What django-q2 calls about access reviews, and when it is enqueued."""

import pytest
from django_q.models import OrmQ

from kernel.period import DAY, HOUR, MINUTE
from reviews import tasks
from reviews.models import Review
from reviews.operations import applying
from reviews.queries import due
from reviews.terms import Answered, Recurrence, Silence, StagePlan
from roles.operations import departures
from tests import make, queue, seen
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.django_db

END = NINE + 14 * DAY


@pytest.fixture
def role(db):
    """Two people are eligible for it."""
    role = make.role()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role, end_at=None)
    return role


def two_stages():
    rita, sam = make.user(), make.user()
    return (
        StagePlan(chosen=make.named(rita), duration=7 * DAY, moves_on=frozenset(Answered)),
        StagePlan(chosen=make.named(sam), duration=7 * DAY),
    )


@pytest.mark.parametrize(
    ("task", "at"),
    [
        ("begin", NINE + 30 * DAY),
        ("hand_on", NINE + 7 * DAY),
        ("close", END),
        ("remind", NINE + 3.5 * DAY),
        ("remind", NINE + 10.5 * DAY),
    ],
)
def test_what_comes_at_a_moment_is_enqueued_then_and_by_the_sweep_if_that_was_missed(role, task, at):
    review = make.review(of=role, plan=make.plan(stages=two_stages(), recurrence=Recurrence.MONTHLY))
    stages = list(review.stages.values_list("pk", flat=True))
    if task == "remind" and at > NINE + 7 * DAY:
        tasks_at(NINE + 7 * DAY, tasks.hand_on, stages[0])
    expected = {
        "begin": review.series_id,
        "hand_on": stages[0],
        "close": review.pk,
        "remind": stages[at > NINE + 7 * DAY],
    }[task]

    OrmQ.objects.all().delete()

    assert due.next_due(at - MICROSECOND) == at
    tasks.enqueue_come(at - MICROSECOND, at)
    assert seen.queued(f"reviews.tasks.{task}") == [expected]
    for moment, number in ((at - MICROSECOND, 1), (at, 2)):
        tasks_at(moment, tasks.enqueue_due)
        assert seen.queued(f"reviews.tasks.{task}").count(expected) == number


def tasks_at(moment, task, *args):
    with make.clock_at(moment):
        task(*args)


def test_a_monthly_review_goes_its_way_by_the_clock_alone(role):
    plan = make.plan(stages=two_stages(), recurrence=Recurrence.MONTHLY, applies_itself=True, if_silent=Silence.REMOVE)
    series = make.series(of=role, plan=plan)

    for days in (0, 3.5, 7, 10.5, 14, 30):
        with make.clock_at(NINE + days * DAY):
            tasks.enqueue_due()
            done = queue.drain()
        assert (
            set(done) - {"notifications.tasks.deliver", "reviews.tasks.fall_back"}
            == {
                0: {"reviews.tasks.begin"},
                3.5: {"reviews.tasks.remind"},
                7: {"reviews.tasks.hand_on"},
                10.5: {"reviews.tasks.remind"},
                14: {"reviews.tasks.close", "reviews.tasks.apply"},
                30: {"reviews.tasks.begin"},
            }[days]
        )

    first, second = Review.objects.filter(series=series).order_by("number")
    assert (first.applied_at, list(first.items.values_list("name", "applied"))) == (
        END, [("Anna", "removed"), ("Bert", "removed")],
    )  # fmt: skip
    assert (second.start_at, second.items.count()) == (NINE + 30 * DAY, 0)


def test_every_minute_lines_that_lost_their_reviewer_are_looked_for(role, admin):
    rita, paul = make.user(), make.user()
    review = make.review(of=role, plan=make.plan(rita, fallback=(paul,)))
    make.review(of=role, plan=make.plan(rita))
    departures.disable(make.act(at=NINE), rita)

    with make.clock_at(NINE + MINUTE):
        tasks.enqueue_due()
        assert "reviews.tasks.fall_back" in queue.drain()

    assert set(review.items.values_list("is_for_fallback", flat=True)) == {True}
    # The other one has no fallback reviewers: administrators have to know.
    assert seen.emails(at=NINE + MINUTE).count(("review_stuck", admin.email)) == 1


def test_each_task_may_run_twice(role):
    review = make.review(of=role, plan=make.plan(make.user(), applies_itself=True, if_silent=Silence.REMOVE))

    with make.clock_at(END):
        for _ in range(2):
            tasks.begin(review.series_id)
            tasks.close(review.pk)
            tasks.apply(review.pk)

    kinds = [kind for kind in seen.events(at=END) if kind.startswith("review.")]
    assert kinds == ["review.finished", "review.apply_asked", *["review.item_applied"] * 2, "review.applied"]


def test_a_review_that_is_set_up_for_now_begins_at_once(role):
    series = make.series(of=role, plan=make.plan(make.user()))
    make.series(of=role, plan=make.plan(make.user(), start_at=NINE + HOUR))

    assert seen.queued("reviews.tasks.begin") == [series.pk]


def test_what_is_left_of_many_lines_is_enqueued_after_each_bite(role, monkeypatch):
    monkeypatch.setattr(applying, "BITE", 1)
    review = make.review(of=role, plan=make.plan(make.user(), applies_itself=True, if_silent=Silence.REMOVE))

    with make.clock_at(END):
        tasks.close(review.pk)
        done = queue.drain()

    assert done.count("reviews.tasks.apply") == 2
    assert Review.objects.get().applied_at == END


def test_what_a_killed_worker_left_is_taken_up_when_nobody_was_at_it_for_a_minute(role, monkeypatch):
    monkeypatch.setattr(applying, "BITE", 1)
    review = make.review(of=role, plan=make.plan(make.user(), applies_itself=True, if_silent=Silence.REMOVE))
    tasks_at(END, tasks.close, review.pk)
    applying.apply(make.act(at=END + MINUTE), review.pk)

    found = [due.due(at)["apply"] for at in (END + 2 * MINUTE - MICROSECOND, END + 2 * MINUTE)]

    assert found == [[], [review.pk]]


def test_nothing_is_due_of_what_was_deleted(role):
    review = make.review(of=role, plan=make.plan(stages=two_stages(), recurrence=Recurrence.MONTHLY))
    Review.objects.update(deleted_at=NINE)
    type(review.series).objects.update(deleted_at=NINE)

    assert [ids for ids in due.due(NINE + 40 * DAY).values() if ids] == []
    assert due.next_due(NINE) is None

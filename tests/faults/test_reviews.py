"""A worker that is killed while it applies a review: the next one goes on where it was, and nothing is done twice."""

import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Entry
from kernel.period import DAY
from notifications.models import Email
from reviews.models import Review
from reviews.operations import closing
from reviews.terms import Applied, Silence
from roles.models import Eligibility
from tests import make
from tests.stories.processes import wait_for
from tests.workers import Worker

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

MANY = 120


def ended_review() -> Review:
    """A review that has just ended, of so many people, all of whom lose the role because nobody answered."""
    now, role = timezone.now(), make.role(name="Exchange Administrator")
    for _ in range(MANY):
        make.eligibility(of=make.user(), role=role, start_at=now - 30 * DAY, at=now - 30 * DAY, end_at=None)
    plan = make.plan(make.user(), if_silent=Silence.REMOVE, applies_itself=True)
    review = make.review(of=role, plan=plan, at=now - 14 * DAY)
    closing.close(make.act(at=now), review.pk)
    return review


def applied(review: Review) -> int:
    """How many lines are done."""
    return review.items.filter(applied=Applied.REMOVED).count()


@pytest.mark.parametrize("after", [1, MANY // 2])
def test_what_a_killed_worker_was_applying_is_applied_by_the_next_one(
    worker: Callable[..., Worker], after: int
) -> None:
    review = ended_review()
    first = worker(is_waited_for=False)
    wait_for(lambda: applied(review) >= after, seconds=60, every=0.01)
    first.kill()
    assert 0 < applied(review) < MANY

    back_at = time.monotonic()
    worker(is_waited_for=False)

    wait_for(lambda: Review.objects.filter(pk=review.pk, applied_at__isnull=False).exists(), seconds=180)
    print(f"all applied {time.monotonic() - back_at:.1f} s after the start ({connection.vendor})")  # noqa: T201
    people = Counter(review.items.values_list("user", flat=True))
    for kind in ("eligibility.removed", "review.item_applied"):
        assert Counter(Entry.objects.filter(kind=kind).values_list("person_id", flat=True)) == people
    assert Entry.objects.filter(kind="review.applied").count() == 1
    assert Email.objects.filter(template="removed_from_you").count() == MANY
    assert not Eligibility.objects.filter(removed_at=None).exists()

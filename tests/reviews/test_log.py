"""The digests the history holds of a review, against the file of results and the script in `docs/history.md`."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from audit.models import Entry
from kernel.period import DAY
from reviews.models import ReviewItem
from reviews.operations import closing
from reviews.queries import results
from reviews.terms import Verdict
from tests import make
from tests.make import NINE
from tests.reviews.saying import says

pytestmark = pytest.mark.django_db

END = NINE + 14 * DAY
(SCRIPT,) = re.findall(
    r"access-review-7.csv <<'END'\n(.*?)END\n", Path(settings.BASE_DIR, "docs/history.md").read_text(), re.DOTALL
)


@pytest.fixture
def review(db):
    """Anna is denied, Bert is kept, Cora is nobody's, and of a group nothing is known. It is over."""
    rita, role = make.user(name="Rita"), make.role()
    make.eligibility(of=make.user(name="Anna"), role=role, start_at=NINE - 40 * DAY, at=NINE - 40 * DAY)
    for holder in (make.user(name="Bert"), make.user(name="Cora"), make.group(name="Crew", members=(make.user(),))):
        make.eligibility(of=holder, role=role)
    begun = make.review(of=role, plan=make.plan(rita))
    says(rita, begun, Verdict.DENY, "Anna")
    says(rita, begun, Verdict.APPROVE, "Bert")
    says(rita, begun, Verdict.DONT_KNOW, "Crew")
    closing.close(make.act(at=END), begun.pk)
    return begun


def made_anew(review, path):
    """What the script says of the file of results: the digests of its lines, and of its answers."""
    path.write_text("".join(results.file(results.of_review(review), END)), encoding="utf-8", newline="")
    done = subprocess.run([sys.executable, "-I", "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True)
    return dict(line.split() for line in done.stdout.splitlines())


def told():
    started, finished = (Entry.objects.get(kind=kind).facts for kind in ("review.started", "review.finished"))
    return {"recommendation": started["lines_digest"], "result": finished["answers_digest"]}


def test_whoever_has_the_results_can_make_the_digests_of_the_history_anew(review, tmp_path):
    assert set(review.items.values_list("verdict", flat=True)) == {"deny", "approve", "", "dont_know"}
    assert set(review.items.values_list("recommendation", flat=True)) == {"deny", "approve"}

    assert made_anew(review, tmp_path / "results.csv") == told()


def test_a_line_that_was_removed_from_a_review_shows(review, tmp_path):
    ReviewItem.objects.filter(name="Cora").delete()

    anew = made_anew(review, tmp_path / "results.csv")

    assert [anew[column] == told()[column] for column in ("recommendation", "result")] == [False, False]


def test_an_answer_that_was_altered_afterwards_shows(review, tmp_path):
    ReviewItem.objects.filter(name="Anna").update(verdict="approve")

    anew = made_anew(review, tmp_path / "results.csv")

    assert [anew[column] == told()[column] for column in ("recommendation", "result")] == [True, False]


def test_the_start_names_who_is_looked_at(review):
    assert Entry.objects.get(kind="review.started").facts["names"] == ["Anna", "Bert", "Cora", "Crew"]

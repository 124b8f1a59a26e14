"""The overview of one review."""

import pytest

from kernel.period import DAY
from reviews.operations import applying, closing, deleting
from reviews.terms import Recurrence, Silence
from tests import make, visit
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def rita():
    return make.user(name="Rita")


def begun(rita, *people, **terms):
    """A review of these people, begun the day before."""
    role = make.role()
    for person in people or ("Anna", "Bert", "Cora", "Dirk"):
        make.eligibility(of=make.user(name=person), role=role)
    return make.review(of=role, plan=make.plan(rita, **terms), at=make.THE_DAY_BEFORE)


def overview(by, review):
    return visit.by(by).get(f"/reviews/{review.pk}/")


def next_step(response):
    paragraphs = visit.main(response).all("h3", "p")
    after = [one.text for one in paragraphs]
    return after[after.index("What happens next") + 1]


def test_it_shows_how_far_it_has_come(auditor, rita):
    review = begun(rita)
    acts.answered(review, Anna="approve", Bert="deny", Cora="dont_know")

    page = overview(auditor, review)

    (drawn,) = visit.main(page).all("svg")
    assert drawn.attributes["aria-label"] == "Approved: 1, Denied: 1, Don’t know: 1, Not reviewed: 1"
    assert [(part.attributes["x"], part.attributes["width"]) for part in drawn.all("rect")] == [
        ("0.0", "25.0"), ("25.0", "25.0"), ("50.0", "25.0"), ("75.0", "25.0"),
    ]  # fmt: skip
    assert "3 of 4 reviewed" in visit.main(page).text


def test_each_stage_is_shown_with_its_times(auditor, rita):
    stage = make.plan(rita).stages[0]
    review = begun(rita, stages=(stage, stage))

    assert visit.table(overview(auditor, review)) == [
        ["1 Open", "Chosen people and groups", "22 Nov 2026, 09:00 UTC", "6 Dec 2026, 09:00 UTC", "44 open"],
        ["2 Not started", "Chosen people and groups", "6 Dec 2026, 09:00 UTC", "20 Dec 2026, 09:00 UTC", "–"],
    ]


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        (
            {},
            "Ends at 09:00 UTC on 6 Dec 2026. Then what was denied is removed when an administrator applies it, not "
            "before. Whoever nobody answered about keeps it. "
            "If it ended now: 1 person loses Teams Administrator: Anna.",
        ),
        (
            {"applies_itself": True, "if_silent": Silence.REMOVE},
            "Ends at 09:00 UTC on 6 Dec 2026. Then what was denied is removed by itself. Whoever nobody answered about "
            "loses it; where nobody could answer, it is kept. If it ended now: 2 people lose Teams Administrator: Anna "
            "and Bert.",
        ),
    ],
)
def test_what_happens_next_while_it_runs(terms, sentence, auditor, rita):
    review = begun(rita, "Anna", "Bert", **terms)
    acts.answered(review, Anna="deny")

    assert next_step(overview(auditor, review)) == sentence


def test_what_happens_next_once_it_has_ended(admin, rita):
    review = begun(rita, "Anna", "Bert")
    acts.answered(review, Anna="deny")
    closing.stop(make.act(by=admin), review, because="Enough")
    completed = next_step(overview(admin, review))
    applying.ask(make.act(by=admin), review)
    under_way = next_step(overview(admin, review))
    applying.apply(make.act(), review.pk)

    assert [completed, under_way, next_step(overview(admin, review))] == [
        "Nothing is removed before an administrator applies it. Then: 1 person loses Teams Administrator: Anna.",
        "What was denied is being removed: 0 of 1 so far.",
        "Done: 1 removed, 0 had it no longer, 0 could not be removed.",
    ]


def test_a_review_whose_end_has_come_is_being_completed(auditor, rita, at_nine):
    review = begun(rita)
    at_nine.move_to(NINE + 13 * DAY)

    page = visit.by(auditor, proven_at=NINE + 13 * DAY).get(f"/reviews/{review.pk}/")

    assert next_step(page) == "Its time is over. The portal works out now who keeps it and who loses it."


def buttons(response):
    """What can be pressed, and why the rest cannot."""
    items = [item for item in visit.main(response).all("li") if item.all("a", "button") and item.all(of="why")]
    return {item.all("a", "button")[0].text: item.all(of="why")[0].text if item.all("button") else "" for item in items}


def test_while_it_runs_it_can_be_stopped_reset_and_deleted(admin, rita):
    review = begun(rita)
    nothing = "Nobody has answered yet, so there is nothing to reset."
    before = buttons(overview(admin, review))
    acts.answered(review, Anna="deny")

    assert before == {"Stop": "", "Reset": nothing, "Delete": ""}
    assert buttons(overview(admin, review)) == {"Stop": "", "Reset": "", "Delete": ""}


def test_a_stage_can_be_stopped_while_another_follows_and_a_series_ended(admin, rita):
    stage = make.plan(rita).stages[0]
    review = begun(rita, stages=(stage, stage), recurrence=Recurrence.QUARTERLY)

    assert list(buttons(overview(admin, review))) == ["Stop", "Stop stage 1", "Reset", "End series", "Delete"]


def test_once_it_has_ended_it_is_applied_once(admin, rita):
    review = begun(rita, "Anna")
    acts.answered(review, Anna="deny")
    closing.stop(make.act(by=admin), review, because="Enough")
    completed = buttons(overview(admin, review))
    applying.ask(make.act(by=admin), review)
    under_way = buttons(overview(admin, review))

    assert (completed, under_way) == (
        {"Apply": "", "Delete": ""},
        {
            "Apply": "Its results are being applied already, or were.",
            "Delete": "Its results are being applied. Delete it once that is done.",
        },
    )


def test_a_review_that_applies_itself_has_no_such_button(admin, rita):
    review = begun(rita, "Anna", applies_itself=True)
    closing.stop(make.act(by=admin), review, because="Enough")

    assert buttons(overview(admin, review)) == {"Delete": ""}


def test_what_could_not_be_removed_can_be_tried_again(admin, rita):
    """Ada is the last Global Administrator, so the role stays with her."""
    role = admin_role(admin)
    review = make.review(of=role, plan=make.plan(rita), at=make.THE_DAY_BEFORE)
    acts.answered(review, **{"Ada Admin": "deny"})
    closing.stop(make.act(by=admin), review, because="Enough")
    applying.ask(make.act(by=admin), review)
    applying.apply(make.act(), review.pk)

    assert list(buttons(overview(admin, review))) == ["Apply", "Try again", "Delete"]


def admin_role(admin):
    return make._role("Global Administrator", make.resource())


def test_a_deleted_review_says_so_and_can_be_restored(admin, rita):
    review = begun(rita)
    deleting.delete(make.act(by=admin), review)

    page = overview(admin, review)

    assert visit.title(page) == "Quarterly check Deleted"
    assert "Open" not in [badge.text for badge in visit.main(page).all(of="badge")]
    assert buttons(page) == {"Restore": ""}
    assert next_step(page).startswith("Deleted at 09:00 UTC. Nobody can answer it, and nothing is applied")


def test_who_may_only_read_sees_no_buttons(auditor, rita):
    assert buttons(overview(auditor, begun(rita))) == {}


def test_lines_nobody_can_answer_are_an_alarm_with_the_way_to_add_reviewers(admin, auditor, rita):
    """Anna is the only reviewer of her own line."""
    make.eligibility(of=(anna := make.user(name="Anna")), role=(role := make.role()))
    make.eligibility(of=rita, role=role)
    review = make.review(of=role, plan=make.plan(anna), at=make.THE_DAY_BEFORE)

    page, read_only = overview(admin, review), overview(auditor, review)

    alarm = "Nobody can answer 1 line of stage 1. Silence takes nothing away there."
    assert visit.notices(page) == [f"{alarm} Add reviewers"]
    assert visit.links(page)["Add reviewers"] == f"/reviews/{review.pk}/reviewers/1/"
    assert visit.notices(read_only) == [f"{alarm} An administrator can add reviewers."]


def test_once_the_review_is_over_nothing_is_alarming_any_more(auditor, rita):
    review = begun(rita, "Rita")
    make.eligibility(of=rita, role=review.series.role)
    mine = make.review(of=review.series.role, plan=make.plan(rita), at=make.THE_DAY_BEFORE)
    closing.close(make.act(at=NINE + 13 * DAY), mine.pk)

    assert visit.notices(overview(auditor, mine)) == []

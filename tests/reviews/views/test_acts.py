"""What can be done to a review as a whole: each page says first what will happen."""

from dataclasses import replace

import pytest

from kernel.period import DAY
from reviews.models import Review
from reviews.operations import applying, closing, deleting
from reviews.terms import Answered, Silence
from tests import make, visit
from tests.make import NINE
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def rita():
    return make.user(name="Rita")


def begun(rita, *people, **terms):
    """A review of these people, or of Anna and Bert, begun the day before."""
    role = make.role()
    for person in people or ("Anna", "Bert"):
        make.eligibility(of=make.user(name=person), role=role)
    return make.review(of=role, plan=make.plan(rita, **terms), at=make.THE_DAY_BEFORE)


def asked(by, review, what, **options):
    return visit.by(by, **options).get(f"/reviews/{review.pk}/{what}/")


def press(by, review, what, **typed):
    return visit.by(by).post(f"/reviews/{review.pk}/{what}/", typed, follow=True)


def told(response):
    """What will happen, above the button."""
    (card,) = visit.main(response).all(of="narrow")
    return [line.text for line in card.all("p") if line.text]


def state():
    review = Review.objects.get()
    return (review.closed_at, review.apply_asked_at, review.deleted_at, review.reset_at)


# --- stopping


def test_stopping_says_who_loses_what_and_asks_why(admin, rita):
    review = begun(rita, "Anna", "Bert", "Cora", if_silent=Silence.REMOVE, applies_itself=True)
    acts.answered(review, Anna="deny", Bert="approve")

    page = asked(admin, review, "stop")

    assert told(page) == [
        "The review ends now, for good: nobody can answer any more.",
        "1 of 3 lines has no answer. Whoever nobody answered about loses it; where nobody could answer, it is kept.",
        "2 people lose Teams Administrator: Anna and Cora. That begins at once.",
    ]
    assert visit.buttons(page) == ["Stop"]


def test_people_and_groups_are_counted_and_the_first_five_are_named(admin, rita):
    review = begun(rita, "Anna", "Bert", "Cora", "Dirk", "Egon", if_silent=Silence.REMOVE)
    crew = make.group(name="Crew", members=(make.user(),))
    make.eligibility(of=crew, role=review.series.role)
    wider = make.review(of=review.series.role, plan=make.plan(rita, if_silent=Silence.REMOVE), at=NINE)

    assert told(asked(admin, wider, "stop"))[2] == (
        "5 people and 1 group lose Teams Administrator: Anna, Bert, Cora, Crew, Dirk and 1 more. "
        "Nobody loses anything until an administrator applies it."
    )


def test_who_is_in_a_group_loses_their_place_in_it(admin, rita):
    crew = make.group(name="Crew", members=(make.user(name="Anna"),))
    review = make.review(of=crew, plan=make.plan(rita, if_silent=Silence.REMOVE), at=NINE)

    assert told(asked(admin, review, "stop"))[2].startswith("1 person loses their place in Crew: Anna.")


def test_a_stopped_review_is_over(admin, rita):
    review = begun(rita)

    page = press(admin, review, "stop", because="Nobody needs it")

    assert visit.notices(page) == ["The review is stopped."]
    assert state()[0] == NINE


def test_without_a_reason_nothing_is_stopped(admin, rita):
    page = press(admin, begun(rita), "stop", because=" ")

    assert (page.status_code, visit.sentences(page)) == (400, ["Say why."])
    assert state() == (None, None, None, None)


def test_who_was_faster_is_told(admin, rita):
    review = begun(rita)
    closing.stop(make.act(by=admin), review, because="Enough")

    page = press(admin, review, "stop", because="Enough")

    assert (page.status_code, visit.notices(page)) == (409, ["This review has ended already."])


# --- stopping a stage


def test_stopping_a_stage_says_what_goes_on(admin, rita):
    stage = replace(make.plan(rita).stages[0], moves_on=frozenset({Answered.DENY}))
    review = begun(rita, stages=(stage, stage))
    acts.answered(review, Anna="deny")

    page = asked(admin, review, "stages/1/stop")
    done = press(admin, review, "stages/1/stop")

    assert told(page)[1] == (
        "1 of 2 lines goes on to stage 2. The others stay as they were answered, and nobody can answer them any more."
    )
    assert visit.notices(done) == ["Stage 1 is stopped, and stage 2 has begun."]
    assert [item.stage.number for item in review.items.all()] == [2, 1]


def test_a_second_click_stops_no_other_stage(admin, rita):
    stage = make.plan(rita).stages[0]
    review = begun(rita, stages=(stage, stage, stage))

    press(admin, review, "stages/1/stop")
    page = press(admin, review, "stages/1/stop")

    assert (page.status_code, visit.notices(page)) == (409, ["Stage 1 has ended already."])
    assert [stage.handed_on_at is None for stage in review.stages.all()] == [False, True, True]


def test_where_every_line_goes_on_none_is_said_to_stay(admin, rita):
    stage = make.plan(rita).stages[0]

    assert (
        told(asked(admin, begun(rita, stages=(stage, stage)), "stages/1/stop"))[1] == "2 of 2 lines go on to stage 2."
    )


def test_the_last_stage_is_not_stopped_alone(admin, rita):
    assert asked(admin, begun(rita), "stages/1/stop").status_code == 404


# --- resetting


def test_resetting_says_how_many_answers_are_taken_back(admin, rita):
    review = begun(rita)
    acts.answered(review, Anna="deny")

    page = asked(admin, review, "reset")
    done = press(admin, review, "reset", because="Wrong list")

    assert told(page)[:2] == [
        "1 answer is taken back, and every line is to be reviewed again. What was answered stays to be read.",
        "The review ends when it was to end before: nobody gets more time.",
    ]
    assert visit.notices(done) == ["All answers are taken back."]
    assert state()[3] == NINE


def test_what_cannot_be_reset_says_why_and_has_no_button_to_press(admin, rita):
    page = asked(admin, begun(rita), "reset")

    (button,) = [button for button in visit.main(page).all("button") if button.text == "Reset"]
    assert visit.notices(page) == ["Nobody has answered yet, so there is nothing to reset."]
    assert "disabled" in button.attributes


# --- applying


def test_applying_says_who_loses_what(admin, rita):
    review = begun(rita)
    acts.answered(review, Anna="deny")
    closing.stop(make.act(by=admin), review, because="Enough")

    page = asked(admin, review, "apply")
    done = press(admin, review, "apply")

    assert told(page) == [
        "1 person loses Teams Administrator: Anna.",
        "What they were given after the review had ended, they keep.",
        "Whoever loses it gets an email, unless the settings of the role say otherwise. This cannot be undone.",
    ]
    assert visit.notices(done) == ["What was denied is being removed now. Load this page again to follow it."]
    assert state()[1] == NINE


def test_applying_says_who_of_a_group_is_written_to(admin, rita):
    crew = make.group(name="Crew", members=(make.user(name="Anna"),))
    review = make.review(of=crew, plan=make.plan(rita), at=make.THE_DAY_BEFORE)
    acts.answered(review, Anna="deny")
    closing.stop(make.act(by=admin), review, because="Enough")

    assert told(asked(admin, review, "apply"))[-1] == (
        "Whoever was added to the group gets an email; whoever holds its role Member does, unless the settings of that "
        "role say otherwise. This cannot be undone."
    )


def test_what_could_not_be_removed_is_tried_again(admin, rita):
    role = make._role("Global Administrator", make.resource())
    review = make.review(of=role, plan=make.plan(rita), at=make.THE_DAY_BEFORE)
    acts.answered(review, **{"Ada Admin": "deny"})
    closing.stop(make.act(by=admin), review, because="Enough")
    applying.ask(make.act(by=admin), review)
    applying.apply(make.act(), review.pk)

    page = asked(admin, review, "apply-again")
    press(admin, review, "apply-again")

    assert told(page)[0] == "If nothing is in the way any more: 1 person loses Global Administrator: Ada Admin."
    assert review.items.get().applied == ""


# --- deleting and restoring


def test_deleting_says_what_is_lost_and_can_be_undone(admin, rita):
    review = begun(rita)

    page = asked(admin, review, "delete")
    done = press(admin, review, "delete")

    assert told(page) == [
        "It leaves the list, and can be restored.",
        "Nobody can answer it any more, and nothing is applied. Answers given so far are kept, and come back if it is "
        "restored.",
    ]
    assert visit.notices(done) == ["The review is deleted. You can restore it on this page."]
    assert state()[2] == NINE


def test_deleting_what_is_to_be_applied_says_who_keeps_it(admin, rita):
    review = begun(rita)
    acts.answered(review, Anna="deny")
    closing.stop(make.act(by=admin), review, because="Enough")

    assert told(asked(admin, review, "delete"))[1] == "Nothing is applied: who was to lose it keeps it (1 line)."


def test_restoring_brings_it_back(admin, rita):
    review = begun(rita)
    deleting.delete(make.act(by=admin), review)

    page = asked(admin, review, "restore")
    done = press(admin, review, "restore")

    assert told(page) == ["It can be answered again until 09:00 UTC on 6 Dec 2026, as if it had not been deleted."]
    assert visit.notices(done) == ["The review is restored."]
    assert state()[2] is None


def test_restoring_too_late_says_that_it_ends_at_once_and_who_loses_what(admin, rita, at_nine):
    review = begun(rita, if_silent=Silence.REMOVE, applies_itself=True)
    deleting.delete(make.act(by=admin), review)
    at_nine.move_to(NINE + 20 * DAY)

    assert told(asked(admin, review, "restore", proven_at=NINE + 20 * DAY)) == [
        "Its end came while it was deleted, so it ends at once.",
        "2 people lose Teams Administrator: Anna and Bert. That begins at once.",
    ]

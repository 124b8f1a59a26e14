"""The settings of a series: they count from the next review on."""

from datetime import UTC, datetime

import pytest

from kernel.period import DAY, HOUR
from reviews.models import Series
from reviews.operations import occurrences
from reviews.queries.plans import plan_of
from reviews.terms import Answered, Recurrence, Reviewers, StagePlan
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def browser(admin):
    """The administrator's."""
    return visit.by(admin)


@pytest.fixture
def series():
    """A monthly review, the first of which began at nine."""
    anna, role = make.user(name="Anna", email="anna@example.com"), make.role()
    make.eligibility(of=make.user(name="Bert"), role=role)
    made = make.series(
        of=role, plan=make.plan(anna, recurrence=Recurrence.MONTHLY, description="Who still needs it?"), by=None
    )
    occurrences.begin(make.act(), made.pk)
    return made


def address(series):
    return f"/reviews/series/{series.pk}/"


def hidden(response):
    """What the page of the check sends again."""
    sent: dict[str, list[str]] = {}
    for field in visit.main(response).all("input"):
        if field.attributes["name"] != "csrfmiddlewaretoken":
            sent.setdefault(field.attributes["name"], []).append(field.attributes["value"])
    return sent


def check(browser, series, **changed):
    """The form as it opens, with something changed, sent to be checked."""
    begun = visit.typed(browser.get(address(series)))
    return browser.post(address(series), {**begun, "step": "check", **changed})


def save(browser, series, checked):
    """Press the button that saves."""
    return browser.post(address(series), {**hidden(checked), "step": "save"}, follow=True)


def changes(response):
    """What the check says will change."""
    return [line.text for line in visit.main(response).all("section")[0].all("li")]


def test_the_form_opens_as_the_series_stands_and_saving_it_so_changes_nothing(browser, series):
    before = plan_of(Series.objects.get())

    checked = check(browser, series)
    response = save(browser, series, checked)

    assert changes(checked) == []
    assert visit.notices(response)[0] == "Nothing was changed: it was set so already."
    assert plan_of(Series.objects.get()) == before
    assert "review.changed" not in seen.events()


@pytest.mark.parametrize(
    "terms",
    [
        {"stages": (StagePlan(Reviewers.SELF, duration=3 * DAY),)},
        {"recurrence": Recurrence.WEEKLY, "occurrences": 4, "stages": (StagePlan(Reviewers.MANAGERS, duration=DAY),)},
        {
            "last_day": (NINE + 90 * DAY).date(),
            "recurrence": Recurrence.MONTHLY,
            "inactive_days": 30,
            "stages": (
                StagePlan(Reviewers.MANAGERS, duration=DAY, moves_on=frozenset({Answered.NOTHING})),
                StagePlan(Reviewers.SELF, duration=DAY, shows_earlier=False),
            ),
        },
        {"needs_reason": False, "told_addresses": ("ciso@example.com",), "extra_text": "Two\r\nlines"},
    ],
)
def test_whatever_was_set_up_opens_as_it_was_set_up(browser, terms):
    made = make.series(of=make.role(), plan=make.plan(make.user(), **terms), at=NINE - HOUR)

    checked = check(browser, made)

    assert changes(checked) == []


def test_the_starts_to_come_are_shown_as_the_series_counts_them(at_nine):
    last_of_january = datetime(2027, 1, 31, 9, tzinfo=UTC)
    plan = make.plan(make.user(), recurrence=Recurrence.MONTHLY, start_at=last_of_january)
    made = make.series(of=make.role(), plan=plan)
    occurrences.begin(make.act(at=last_of_january), made.pk)
    at_nine.move_to(last_of_january + DAY)
    browser = visit.by(make.administrator(), proven_at=last_of_january + DAY)

    checked = check(browser, made, name="Other name")

    assert "31 Mar 2027" in visit.facts(checked)["Then comes again"]


def test_changes_are_shown_saved_and_told_and_the_review_that_runs_keeps_its_rules(browser, admin, series):
    checked = check(browser, series, if_silent="remove", days_1="7")
    response = save(browser, series, checked)

    assert changes(checked) == [
        "Time: 14 days → 7 days",
        "If nobody answers: nothing: they keep it → they lose it",
    ]
    assert visit.notices(response)[0] == "Saved: 2 changes. They count from the next review on."
    review = series.reviews.get()
    assert (review.if_silent, review.ends_at) == ("keep", NINE + 14 * DAY)
    assert seen.entry("review.changed").facts["changes"][0] == {"what": "Time", "old": "14 days", "new": "7 days"}


def test_the_page_says_that_a_review_runs_and_the_check_who_would_review(browser, series):
    page = browser.get(address(series))
    checked = check(browser, series)

    assert visit.notices(page) == [
        "A review runs until 7 Dec 2026, 09:00 UTC. It keeps its rules: what you change counts from the next one on."
    ]
    assert visit.facts(checked)["Starts"] == "23 Dec 2026, 09:00 UTC"
    assert "Anna reviews 1 line: Bert." in [line.text for line in visit.main(checked).all("li")]


def test_of_two_administrators_at_once_the_second_is_told_and_loses_nothing_typed(browser, admin, series):
    begun = visit.typed(browser.get(address(series)))
    save(browser, series, check(browser, series, name="Monthly check"))

    late = browser.post(address(series), {**begun, "name": "Another", "step": "save"})

    assert (late.status_code, visit.sentences(late)) == (
        409,
        ["Ada Admin changed these settings while you were editing. Open them again and repeat your change."],
    )
    assert (visit.typed(late)["name"], Series.objects.get().name) == ("Another", "Monthly check")


def test_a_review_that_begins_meanwhile_is_told(browser, series):
    checked = check(browser, series, name="Monthly check")
    occurrences.begin(make.act(at=NINE + 30 * DAY), series.pk)

    late = save(browser, series, checked)

    assert visit.sentences(late) == [
        "A review began, or the series ended, while you were editing. Open them again and repeat your change."
    ]


def test_going_back_from_the_check_loses_nothing(browser, series):
    checked = check(browser, series, description="Long thought", needs_reason=[])

    back = browser.post(address(series), {**hidden(checked), "step": "edit"})

    found = visit.typed(back)
    assert (found["description"], "needs_reason" in found) == ("Long thought", False)
    assert found["stand"] == Series.objects.get().stand


def test_a_series_that_has_ended_says_so_and_goes_on_with_a_new_start(browser):
    made = make.series(of=make.role(), plan=make.plan(make.user()), at=NINE - 20 * DAY)
    occurrences.begin(make.act(at=NINE - 20 * DAY), made.pk)
    closed = made.reviews.get()
    closed.closed_at = closed.ends_at
    closed.save()

    ended = check(browser, made, name="Over")
    response = save(browser, made, check(browser, made, start_at="2026-12-01T09:00"))

    assert "No further review is to come." in visit.main(ended).text
    assert "Saved: 1 change." in visit.notices(response)[0]
    assert Series.objects.get().next_at == NINE + 8 * DAY


def test_a_deleted_series_has_no_page(browser, series):
    Series.objects.update(deleted_at=NINE)

    response = browser.get(address(series))

    assert response.status_code == 404


def test_owners_are_offered_where_there_are_any(browser, series, user):
    crew = make.series(of=make.group(name="Crew"), plan=make.plan(user))

    def offers_owners(which):
        labels = [label.text for label in visit.main(browser.get(address(which))).all("label")]
        return labels.count("The owners of the group")

    assert (offers_owners(series), offers_owners(crew)) == (0, 3)


def test_what_is_saved_is_shown_on_the_page_of_the_series(browser, series):
    response = save(browser, series, check(browser, series, description="Look twice"))

    assert response.redirect_chain == [(f"/reviews/series/{series.pk}/reviews/", 302)]
    assert visit.facts(response)["Description"] == "Look twice"

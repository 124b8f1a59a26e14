"""The numbers of a week, drawn."""

import pytest

from kernel.period import DAY, HOUR
from tests import make, visit
from tests.make import EASY, NINE
from tests.old_history import archive_all

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def plots(response):
    """What the plots say to whoever does not see them."""
    return [svg.attributes["aria-label"] for svg in visit.main(response).all("svg") if "aria-label" in svg.attributes]


def cards(response):
    """The numbers above the plots."""
    return [card.text for card in visit.main(response).all("li")]


@pytest.fixture
def active(user):
    """John has activated on Sunday and just now."""
    easy = make.eligibility(of=user, role=make.role(terms=EASY), start_at=NINE - 2 * DAY)
    make.activation(by=user, of=easy, at=NINE - DAY)
    make.activation(by=user, of=easy)


def test_the_page_shows_the_last_week_that_is_over(active, auditor):
    response = visit.by(auditor).get("/digest/")

    assert visit.title(response) == "Week 2026-W47"
    assert "Monday 16 November to Sunday 22 November 2026, in UTC." in visit.main(response).text
    assert cards(response) == [
        "1 activation, by 1 person",
        "0 made permanent: an assignment without an end",
        "2 assigned in the portal: 1 eligible, 1 active",
    ]
    each_day, each_week = plots(response)
    assert each_day.endswith("Sat 21: 0, Sun 22: 1")
    assert each_week == (
        "Activations in 12 weeks. W36: 0, W37: 0, W38: 0, W39: 0, W40: 0, W41: 0, W42: 0, W43: 0, W44: 0, W45: 0, "
        "W46: 0, W47: 1"
    )
    assert visit.table(response) == [
        ["Teams Administrator", "Directory", "1", ""],
        ["Security Reader", "Directory", "1", ""],
    ]


def test_the_link_of_the_email_leads_to_its_week(active, auditor):
    response = visit.by(auditor).get("/digest/?week=2026-W48")

    assert visit.title(response) == "Week 2026-W48"
    assert "it is not over yet" in visit.main(response).text
    assert cards(response)[0] == "1 activation, by 1 person"


def test_one_can_go_from_week_to_week_but_not_into_the_future(auditor):
    browser = visit.by(auditor)

    assert visit.links(browser.get("/digest/"))["Earlier"] == "?week=2026-W46"
    assert visit.links(browser.get("/digest/"))["Later"] == "?week=2026-W48"
    assert "Later" not in visit.links(browser.get("/digest/?week=2026-W48"))


@pytest.mark.parametrize("week", ["2026-W49", "2026-W60", "yesterday", "1000-W01", "9999-W52"])
def test_a_week_that_is_none_or_ahead_is_refused_with_a_sentence_and_kept_as_typed(auditor, week):
    response = visit.by(auditor).get("/digest/", {"week": week})

    assert response.status_code == 400
    assert visit.notices(response) == [
        "There is no such week, or it has not begun. Write it like 2026-W47. Here is the last one."
    ]
    assert [field.attributes["value"] for field in visit.main(response).all("input")] == [week]


def test_a_portal_in_which_nobody_holds_anything_says_what_would_be_here(auditor, settings):
    response = visit.by(auditor).get("/digest/?week=2026-W40")

    assert visit.table(response) == []
    assert "No role has anybody" in visit.main(response).text


def test_days_are_those_of_the_portals_zone(user, auditor, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    easy = make.eligibility(of=user, role=make.role(terms=EASY), start_at=NINE - 2 * DAY)
    make.activation(by=user, of=easy, at=NINE - 9 * HOUR)

    response = visit.by(auditor).get("/digest/?week=2026-W48")

    assert "Mon 23: 1" in plots(response)[0]


def test_a_week_whose_events_were_archived_says_what_is_not_counted(active, auditor, folder):
    made = archive_all()

    response = visit.by(auditor).get("/digest/")

    assert visit.notices(response) == [
        f"Events up to 2026-11-23 09:00:00 UTC were archived (last file: {made.file}). What was assigned or made"
        " permanent until then is not counted here; activations are."
    ]
    assert cards(response)[0] == "1 activation, by 1 person"

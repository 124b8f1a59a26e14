"""The page that tells who could do what at a moment in the past."""

import pytest

from kernel.period import DAY, HOUR, MINUTE
from requests_app.operations import approval
from requests_app.queries import past
from tests import make, visit
from tests.make import NINE
from tests.old_history import archive_all

pytestmark = pytest.mark.usefixtures("at_nine", "db")

PATH = "/history/who/"


@pytest.fixture
def world(user, approver):
    """John activated, Alva approved; the day before."""
    role = make.role(approvers=(approver,))
    eligibility = make.eligibility(of=user, role=role, start_at=NINE - 2 * DAY, end_at=NINE + DAY)
    asked = make.role_request(by=user, for_=eligibility, at=NINE - DAY)
    approval.approve(make.act(by=approver, at=NINE - DAY + MINUTE), asked, because="on call")
    return role, asked


def test_it_shows_who_held_what_from_when_until_when_and_why(world, auditor):
    role, asked = world

    page = visit.by(auditor).get(PATH, {"role": role.pk, "moment": "2026-11-22T09:30"})

    assert visit.table(page) == [
        [
            "John Doe",
            "Activated Teams AdministratorDirectory",
            "2026-11-22 09:01:00 UTC",
            "2026-11-22 10:01:00 UTC",
            f"Mailbox migration Request {asked.pk}; approved by Alva Approver",
        ],
        [
            "John Doe",
            "Eligible Teams AdministratorDirectory",
            "2026-11-21 09:00:00 UTC",
            "2026-11-24 09:00:00 UTC",
            "Project Falcon Given by The portal, 21 Nov 2026, 09:00 UTC",
        ],
    ]
    assert visit.links(page)[f"Request {asked.pk}"] == f"/requests/{asked.pk}/"
    assert visit.links(page)["history"] == f"/history/?role_id={role.pk}"


def test_a_person_is_found_by_email_or_name_in_the_readers_zone(world, auditor):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()
    browser = visit.by(auditor)

    shown = [
        [row[1].split()[0] for row in visit.table(browser.get(PATH, {"person": person, "moment": moment}))]
        for person, moment in [
            ("user@example.com", "2026-11-22T18:30"),
            ("John Doe", "2026-11-22T19:30"),
            ("john doe", "2026-11-22T09:30:00+00:00"),
        ]
    ]

    assert shown == [["Activated", "Eligible"], ["Eligible"], ["Activated", "Eligible"]]


def test_the_answer_is_a_link_that_means_the_same_everywhere(world, auditor):
    auditor.time_zone = "Asia/Tokyo"
    auditor.save()

    page = visit.by(auditor).get(PATH, {"person": "John Doe", "moment": "2026-11-22T18:30"})

    (link,) = [one.text for one in visit.main(page).all(of="mono")]
    query = "person=user%40example.com&moment=2026-11-22T18%3A30%3A00%2B09%3A00"
    assert link == f"http://testserver{PATH}?{query}"
    assert len(visit.table(visit.by(auditor).get(f"{PATH}?{query}"))) == 2


def test_a_group_shows_who_was_in_it(auditor, user, stranger):
    role = make.role(name="Teams Reader")
    make.assignment(of=make.group(name="Team", members=(user, stranger)), role=role)

    page = visit.by(auditor).get(PATH, {"role": role.pk, "moment": "2026-11-23T08:00"})

    assert visit.table(page)[0][0] == "John Doe, Sam Strangerthrough the group Team"


def test_before_anything_is_asked_the_form_offers_what_a_link_says(auditor):
    page = visit.by(auditor).get(PATH, {"person": "user@example.com"})

    (field,) = [one for one in visit.main(page).all("input") if one.attributes["name"] == "person"]
    assert (page.status_code, field.attributes["value"], visit.table(page)) == (200, "user@example.com", [])


NO_MOMENT = (
    "That is no moment in UTC. Write it like 2026-11-23T09:00, or with its zone: 2026-11-23T09:00+01:00. "
    "An hour in which the clocks change means none without its zone."
)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"moment": "2026-11-22T09:30"}, "Choose a role, name a person, or both."),
        ({"moment": "", "person": "John Doe"}, "Choose a moment."),
        ({"moment": "yesterday", "person": "John Doe"}, NO_MOMENT),
        ({"moment": "2026-11-23T09:01", "person": "John Doe"}, "That is still to come. Choose a moment in the past."),
        ({"moment": "2026-11-22T09:30", "role": "x"}, "There is no such role. Choose from the list."),
        ({"moment": "2026-11-22T09:30", "person": "Team"}, "Team is a group. Name a person, or choose a role."),
    ],
)
def test_what_makes_no_sense_says_what_to_do(auditor, user, query, sentence):
    make.group(name="Team")

    page = visit.by(auditor).get(PATH, query)

    assert (page.status_code, visit.sentences(page), visit.table(page)) == (400, [sentence], [])


def test_a_person_nobody_knows_is_said(auditor):
    page = visit.by(auditor).get(PATH, {"moment": "2026-11-22T09:30", "person": "Nobody Known"})

    assert (page.status_code, len(visit.sentences(page))) == (400, 1)


def test_nothing_held_is_said(auditor, user):
    page = visit.by(auditor).get(PATH, {"moment": "2026-11-22T09:30", "person": user.email})

    assert "Nothing of this was held at that moment." in visit.main(page).text


def test_more_than_can_be_shown_is_said(auditor, user, stranger, monkeypatch):
    monkeypatch.setattr(past, "MOST", 1)
    role = make.role()
    for somebody in (user, stranger):
        make.eligibility(of=somebody, role=role)

    page = visit.by(auditor).get(PATH, {"role": role.pk, "moment": (NINE - HOUR).isoformat()})

    assert visit.notices(page) == [
        "More than 1 were active or eligible. These are the first; name a role and a person to see the rest."
    ]


def test_it_needs_the_power_to_read_the_history(user):
    assert visit.by(user).get(PATH).status_code == 403


def test_what_cannot_be_known_any_more_because_it_was_archived_is_said(world, auditor, folder):
    role, _asked = world
    made = archive_all()

    page = visit.by(auditor).get(PATH, {"role": role.pk, "moment": "2026-11-22T09:01"})

    assert visit.notices(page) == [
        f"Events up to 2026-11-22 09:01:00 UTC were archived (last file: {made.file}). So who was in a group, and who"
        " was disabled, is shown as of then, and who gave something may be missing. Who held what directly, and for how"
        " long, is complete."
    ]
    assert [row[0] for row in visit.table(page)] == ["John Doe", "John Doe"]

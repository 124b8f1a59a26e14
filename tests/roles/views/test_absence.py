"""The page on which one names a deputy."""

import pytest

from accounts.models import Absence
from kernel.period import DAY
from requests_app.models import RoleRequest
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def typed(deputy, **fields):
    return {"deputy": deputy, "start_at": "", "end_at": "2026-11-30T18:00", **fields}


def test_one_names_a_deputy_and_sees_it_listed(approver, stranger):
    browser = visit.by(approver)

    saved = browser.post("/absence/", typed("Sam Stranger"), follow=True)

    assert visit.notices(saved) == ["Saved. Sam Stranger decides in your place then, and gets an email."]
    assert visit.table(saved) == [
        ["Sam Stranger", "from 23 Nov 2026, 09:00 UTC until 30 Nov 2026, 18:00 UTC", "Away now",
         "End now with Sam Stranger as deputy"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("deputy", "sentence"),
    [
        ("", "This field is required."),
        ("Night shift", "Night shift is a group. Name one person."),
        ("nobody@example.com", "“nobody@example.com” is not known. Write an email, a full name, or a group's name."),
        ("approver@example.com", "Nobody is their own deputy. Name somebody else."),
    ],
)
def test_what_means_no_deputy_is_refused_and_stays_typed(approver, deputy, sentence):
    make.group(name="Night shift")

    response = visit.by(approver).post("/absence/", typed(deputy))

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response)["deputy"] == deputy
    assert seen.events() == []


def test_a_second_absence_in_the_same_time_is_a_conflict(approver, stranger):
    make.absence(of=approver, deputy=stranger, at=make.THE_DAY_BEFORE)

    response = visit.by(approver).post("/absence/", typed("Sam Stranger"))

    assert (response.status_code, visit.sentences(response)) == (
        409,
        ["An absence with Sam Stranger as deputy, until 09:00 UTC on 3 Dec 2026, is in that time. End it first."],
    )


def test_one_comes_back_with_one_press(approver, stranger):
    absence = make.absence(of=approver, deputy=stranger, at=make.THE_DAY_BEFORE)

    ended = visit.by(approver).post(f"/absence/{absence.pk}/end/", follow=True)

    assert visit.notices(ended) == ["Saved. The deputy is told."]
    assert Absence.objects.get().end_at == NINE


def test_nobody_ends_the_absence_of_somebody_else_but_an_administrator(approver, stranger, user, admin):
    absence = make.absence(of=approver, deputy=stranger, at=make.THE_DAY_BEFORE)
    page = f"/absence/{absence.pk}/end/"

    answers = [visit.by(person).post(page).status_code for person in (user, stranger, admin)]

    assert answers == [404, 404, 302]


def test_an_administrator_names_a_deputy_for_somebody_else(approver, stranger, admin):
    page = f"/people/{approver.pk}/absence/"

    saved = visit.by(admin).post(page, typed("Sam Stranger"), follow=True)

    assert visit.title(saved) == "Absences of Alva Approver"
    assert (Absence.objects.get().user, Absence.objects.get().made_by) == (approver, admin)


def test_a_deputy_sees_for_whom_and_finds_the_request(user, approver, stranger):
    role_request = make.role_request(by=user, approvers=(approver,), at=make.THE_DAY_BEFORE + DAY / 2)
    make.absence(of=approver, deputy=stranger, at=make.THE_DAY_BEFORE)
    browser = visit.by(stranger)

    page = browser.get(f"/requests/{role_request.pk}/")

    assert "Sam Stranger decides for Alva Approver, who is away until 3 Dec 2026, 09:00 UTC." in visit.main(page).text
    assert visit.main(browser.get("/absence/")).text.count("Alva Approver") == 1
    browser.post(f"/requests/{role_request.pk}/approve/", {"justification": "On call"})
    assert RoleRequest.objects.get().decisions.get().deputy_for == approver
    assert "Sam Stranger for Alva Approver" in visit.main(browser.get(f"/requests/{role_request.pk}/")).text

"""People, for administrators."""

import pytest
from django.test import Client

from accounts.models import OneTimeCode, User
from accounts.operations import people
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


# --- the list


def test_everybody_is_listed_by_name(admin, user, stranger):
    people.disable(make.act(), stranger)

    response = visit.by(admin).get("/people/")

    assert visit.table(response) == [
        ["Ada Admin", "admin@example.com", "Engineer", "Enabled"],
        ["John Doe", "user@example.com", "Collaboration engineer", "Enabled"],
        ["Sam Stranger", "stranger@example.com", "Trainee", "Disabled"],
    ]


@pytest.mark.parametrize("text", ["doe", "USER@", "collaboration"])
def test_people_are_found_by_name_email_and_job_title(admin, user, text):
    response = visit.by(admin).get("/people/", {"q": text})

    assert [row[0] for row in visit.table(response)] == ["John Doe"]


def test_when_nobody_is_found_the_page_says_so(admin):
    response = visit.by(admin).get("/people/", {"q": "<i>nobody</i>"})

    assert visit.table(response) == []
    assert "Nobody's name, email or job title contains “<i>nobody</i>”." in visit.main(response).text


def test_fifty_people_fit_on_a_page(admin):
    for number in range(51):
        make.user(name=f"Person {number:02}")

    first, last = (visit.by(admin).get("/people/", {"page": page}) for page in ("1", "2"))

    assert (len(visit.table(first)), len(visit.table(last))) == (50, 2)
    assert visit.links(first)["Next"] == "?page=2"


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "999999999999999999999", "\x00"])
def test_a_page_that_does_not_exist_shows_one_that_does(admin, page):
    response = visit.by(admin).get("/people/", {"page": page})

    assert [row[0] for row in visit.table(response)] == ["Ada Admin"]


# --- inviting


def test_an_invited_person_gets_an_email_with_a_link(admin):
    typed = {"name": "Nora New", "email": "Nora@Example.com", "job_title": "Analyst"}

    response = visit.by(admin).post("/people/invite/", typed, follow=True)

    assert visit.title(response) == "Nora New"
    assert visit.notices(response) == ["Nora New is invited. The link in the email works for 7 days."]
    assert seen.emails() == [("invitation", "nora@example.com")]
    assert [entry.actor_name for entry in seen.entries()] == ["Ada Admin", "Ada Admin"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"email": ""}, "This field is required."),
        ({"email": "nora"}, "Enter a valid email address."),
        ({"email": "USER@example.com"}, "There is a person with user@example.com already."),
        ({"name": "x" * 121}, "Ensure this value has at most 120 characters (it has 121)."),
        ({"name": "Nora\x00New"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_invitation_is_refused_and_keeps_what_was_typed(admin, user, changed, sentence):
    typed = {"name": "Nora New", "email": "nora@example.com", "job_title": "Analyst", **changed}

    response = visit.by(admin).post("/people/invite/", typed)

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response) == typed
    assert (User.objects.count(), seen.events()) == (2, [])


# --- one person


def test_the_page_of_a_person_tells_what_is_known(admin, user):
    make.device(of=user)
    make.group(name="Collaboration team", members=(user,))
    Client().post("/sign-in/", {"username": "user@example.com", "password": make.PASSWORD})

    response = visit.by(admin).get(f"/people/{user.pk}/")

    assert visit.facts(response) == {
        "Email": "user@example.com",
        "State": "Enabled",
        "Manager": "–",
        "Groups": "Collaboration team",
        "Second factors": "Phone",
        "Last sign-in": "23 Nov 2026, 09:00 UTC",
    }
    assert visit.buttons(response) == ["Issue an enrolment code", "Disable"]


def test_somebody_who_did_not_accept_can_be_invited_again(admin):
    invited, _secret = make.invitation(at=NINE - make.HOUR)
    browser = visit.by(admin)

    page = browser.get(f"/people/{invited.pk}/")
    response = browser.post(f"/people/{invited.pk}/invite-again/", follow=True)

    assert visit.buttons(page) == ["Issue an enrolment code", "Invite again", "Disable"]
    assert visit.notices(response) == ["Nora New is invited again. The older link no longer works."]
    assert seen.emails() == [("invitation", "new@example.com")]


def test_somebody_who_accepted_is_not_invited_again(admin, user):
    response = visit.by(admin).post(f"/people/{user.pk}/invite-again/", follow=True)

    assert visit.notices(response) == ["John Doe has accepted an invitation already."]
    assert seen.emails() == []


# --- enrolment codes


def issued(response):
    return [code.text for code in visit.main(response).all(of="code")]


def test_an_enrolment_code_is_shown_once_and_works(admin, user):
    response = visit.by(admin).post(f"/people/{user.pk}/enrolment-code/")

    (code,) = issued(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert visit.by(user, proven=False).post("/security/add-device/", {"enrolment_code": code}).status_code == 302
    assert (seen.entry("person.enrolment_code_issued").actor_name, seen.emails()) == ("Ada Admin", [])


def test_a_new_enrolment_code_replaces_the_old_one(admin, user):
    browser = visit.by(admin)
    (old,), (new,) = (issued(browser.post(f"/people/{user.pk}/enrolment-code/")) for _ in range(2))

    answers = [
        visit.by(user, proven=False).post("/security/add-device/", {"enrolment_code": code}).status_code
        for code in (old, new)
    ]

    assert answers == [400, 302]


def test_an_administrator_issues_no_code_to_themselves(admin):
    response = visit.by(admin).post(f"/people/{admin.pk}/enrolment-code/", follow=True)

    assert visit.notices(response) == [
        "You cannot issue a code to yourself. Ask another administrator, or add a device."
    ]
    assert OneTimeCode.objects.count() == 0


def test_a_disabled_person_gets_no_enrolment_code(admin, user):
    people.disable(make.act(), user)

    response = visit.by(admin).post(f"/people/{user.pk}/enrolment-code/", follow=True)

    assert visit.notices(response) == ["John Doe is disabled. Enable them first."]
    assert OneTimeCode.objects.count() == 0


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_somebody_who_does_not_exist_is_not_found(admin, number):
    browser = visit.by(admin)

    statuses = [
        browser.get(f"/people/{number}/").status_code,
        browser.post(f"/people/{number}/enrolment-code/").status_code,
    ]

    assert statuses == [404, 404]

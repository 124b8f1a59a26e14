"""Groups, for administrators."""

import pytest

from accounts.models import Group, Membership
from roles.queries import access
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def test_groups_are_listed_with_how_many_are_in_them(admin, user, stranger):
    make.group(name="Night shift", members=(user, stranger))
    make.group(name="Board")

    response = visit.by(admin).get("/groups/")

    assert visit.table(response) == [["Board", "0"], ["Night shift", "2"]]


def test_a_group_is_made_and_filled(admin, user):
    browser = visit.by(admin)

    made = browser.post("/groups/", {"name": " Night shift ", "description": "On call"}, follow=True)
    group = Group.objects.get()
    added = browser.post(f"/groups/{group.pk}/", {"email": "USER@example.com"}, follow=True)

    assert (visit.title(made), visit.notices(made)) == ("Night shift", ["Night shift is made. Add its members now."])
    assert visit.notices(added) == ["John Doe is in Night shift. What the group holds, they hold from now on."]
    assert [line.text for line in visit.main(added).all("li")] == ["John Doe user@example.com Remove John Doe"]
    assert [entry.kind for entry in seen.entries()][-1] == "group.member_added"


def test_whoever_is_taken_out_loses_what_the_group_holds_at_once(admin, user):
    group = make.group(name="Night shift", members=(user,))
    assignment = make.assignment(of=group)
    before = access(user, assignment.role, at=NINE)

    response = visit.by(admin).post(f"/groups/{group.pk}/remove/{user.pk}/", follow=True)

    assert visit.notices(response) == ["John Doe is no longer in Night shift. What came through it has ended."]
    assert (before.until, access(user, assignment.role, at=NINE)) == (assignment.end_at, None)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "", "description": "x"}, "This field is required."),
        ({"name": "Night shift", "description": "x"}, "There is a group called Night shift already."),
        ({"name": "x" * 121, "description": ""}, "Ensure this value has at most 120 characters (it has 121)."),
        ({"name": "a", "description": "x" * 301}, "Ensure this value has at most 300 characters (it has 301)."),
        ({"name": "a\x00b", "description": ""}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_group_is_refused_and_keeps_what_was_typed(admin, typed, sentence):
    make.group(name="Night shift")

    response = visit.by(admin).post("/groups/", typed)

    assert (response.status_code, visit.sentences(response), visit.typed(response)) == (400, [sentence], typed)
    assert (Group.objects.count(), seen.events()) == (1, [])


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "This field is required."),
        ("john", "Enter a valid email address."),
        ("nobody@example.com", "Nobody enabled has this email. Check it, or invite them first."),
        ("stranger@example.com", "Nobody enabled has this email. Check it, or invite them first."),
    ],
)
def test_somebody_who_cannot_be_added_is_refused_with_a_sentence(admin, stranger, email, sentence):
    stranger.is_enabled = False
    stranger.save()
    group = make.group()

    response = visit.by(admin).post(f"/groups/{group.pk}/", {"email": email})

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response) == {"email": email}
    assert Membership.objects.count() == 0


def test_what_does_not_exist_is_not_found(admin, user):
    group = make.group(members=(user,))
    browser = visit.by(admin)

    answers = [
        browser.get("/groups/999999/"),
        browser.post("/groups/999999/", {"email": user.email}),
        browser.post(f"/groups/999999/remove/{user.pk}/"),
        browser.post(f"/groups/{group.pk}/remove/999999/"),
        browser.post(f"/groups/{'9' * 30}/remove/{user.pk}/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert Membership.objects.count() == 1

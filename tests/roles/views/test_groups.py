"""Groups: for who manages people, and for who owns some."""

import pytest

from accounts.models import Group, Membership
from kernel.period import HOUR
from roles.models import Role
from roles.queries.access import access
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

AT_TEN = "23 Nov 2026, 10:00 UTC"


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
    assert visit.links(added)["Manage with roles"] == f"/groups/{group.pk}/roles/"
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
    assert visit.typed(response)["email"] == email
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


# --- owners


def test_an_owner_sees_their_own_groups_and_manages_who_is_in_them(user, stranger):
    mine = make.group(name="Night shift", owners=(user,))
    make.group(name="Board")
    browser = visit.by(user)

    listed = browser.get("/groups/")
    added = browser.post(f"/groups/{mine.pk}/", {"email": stranger.email}, follow=True)
    removed = browser.post(f"/groups/{mine.pk}/remove/{stranger.pk}/", follow=True)

    assert visit.table(listed) == [["Night shift", "0"]]
    assert visit.buttons(listed) == []
    assert visit.notices(added) == ["Sam Stranger is in Night shift. What the group holds, they hold from now on."]
    assert visit.buttons(added) == ["Remove Sam Stranger", "Add"]
    assert visit.notices(removed) == ["Sam Stranger is no longer in Night shift. What came through it has ended."]


def test_an_owner_does_nothing_that_is_for_who_manages_people(user, stranger):
    mine = make.group(name="Night shift", owners=(user, stranger))
    browser = visit.by(user)

    named = browser.post(f"/groups/{mine.pk}/", {"email": stranger.email, "place": "owner"}, follow=True)
    answers = [
        browser.post("/groups/", {"name": "Mine"}),
        browser.post(f"/groups/{mine.pk}/remove-owner/{stranger.pk}/"),
        browser.post(f"/groups/{mine.pk}/delete/"),
        browser.post(f"/groups/{mine.pk}/roles/"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert visit.notices(named) == ["Sam Stranger is in Night shift. What the group holds, they hold from now on."]
    assert set(mine.owners.all()) == {user, stranger}


def test_the_group_of_somebody_else_is_not_found(user, stranger):
    make.group(owners=(user,))
    other = make.group(owners=(stranger,), members=(stranger,))
    browser = visit.by(user)

    answers = [
        browser.get(f"/groups/{other.pk}/"),
        browser.post(f"/groups/{other.pk}/", {"email": user.email}),
        browser.post(f"/groups/{other.pk}/remove/{stranger.pk}/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_groups_are_in_the_navigation_of_who_owns_one_for_as_long(user, stranger, at_nine):
    team = make.group()
    owner = make.membership_role(of=team, kind=Role.Membership.OWNER)
    make.activation(by=user, of=make.eligibility(of=user, role=owner))
    browser = visit.by(user)
    during, others = browser.get("/"), visit.by(stranger).get("/")
    at_nine.move_to(NINE + HOUR)

    after = browser.get("/")

    def shown(response):
        return [link.text for link in visit.html(response).all("a") if link.attributes["href"] == "/groups/"]

    # Twice: beside the page, and in the menu of a narrow screen.
    assert (shown(during), shown(others), shown(after)) == (["Groups"] * 2, [], [])


def test_an_owner_shows_a_second_factor_before_managing_anything(user):
    mine = make.group(owners=(user,))

    response = visit.by(user, proven=False).get(f"/groups/{mine.pk}/")

    assert response.headers["Location"] == f"/verify/?next=/groups/{mine.pk}/"


def test_owners_are_named_and_removed(admin, user):
    team = make.group(name="Night shift")
    browser = visit.by(admin)

    named = browser.post(f"/groups/{team.pk}/", {"email": user.email, "place": "owner"}, follow=True)
    twice = browser.post(f"/groups/{team.pk}/", {"email": user.email, "place": "owner"})
    removed = browser.post(f"/groups/{team.pk}/remove-owner/{user.pk}/", follow=True)
    again = browser.post(f"/groups/{team.pk}/remove-owner/{user.pk}/", follow=True)

    assert visit.notices(named) == ["John Doe owns Night shift, and says from now on who is in it."]
    assert (twice.status_code, visit.sentences(twice)) == (400, ["John Doe owns Night shift already."])
    assert visit.typed(twice) == {"email": user.email, "place": ["owner"]}
    assert visit.notices(removed) == ["John Doe no longer owns Night shift."]
    assert visit.notices(again) == ["John Doe does not own Night shift."]


# --- what the page says


def test_the_page_says_who_is_in_it_until_when_and_what_it_holds(admin, user, stranger, approver):
    team = make.group(name="Night shift", members=(stranger,), owners=(approver,))
    make.eligibility(of=team, role=make.role(name="Teams Reader"))
    make.assignment(of=team, role=make.role(name="User Administrator"), end_at=None)
    make.role(name="Exchange Administrator", approvers=(team,))
    make.activation(by=user, of=make.eligibility(of=user, role=make.membership_role(of=team)))
    owner = make.membership_role(of=team, kind=Role.Membership.OWNER)
    make.activation(by=admin, of=make.eligibility(of=admin, role=owner))

    page = visit.by(admin).get(f"/groups/{team.pk}/")

    assert [line.text for line in visit.main(page).all("li")] == [
        "Sam Stranger stranger@example.com Remove Sam Stranger",
        f"John Doe For a time through Member of Night shift, until {AT_TEN} End the membership of John Doe",
        "Alva Approver approver@example.com Remove owner Alva Approver",
        f"Ada Admin For a time through Owner of Night shift, until {AT_TEN}",
        "Member of Night shiftAdd assignment to Member of Night shift",
        "Owner of Night shiftAdd assignment to Owner of Night shift",
        "Exchange Administrator",
    ]
    assert visit.table(page) == [
        ["Teams Reader", "Directory", "Eligible", "23 Dec 2026, 09:00 UTC"],
        ["User Administrator", "Directory", "Active", "permanent"],
    ]
    assert "Delete group" not in visit.buttons(page)
    assert visit.table(visit.by(admin).get("/groups/")) == [["Night shift Managed with roles", "1, and 1 for a time"]]


def test_fifty_members_fit_on_a_page(admin):
    team = make.group(members=tuple(make.user(name=f"Person {number:02}") for number in range(51)))

    first, last = (visit.by(admin).get(f"/groups/{team.pk}/", {"page": page}) for page in ("1", "2"))

    assert [sum(text.startswith("Remove") for text in visit.buttons(page)) for page in (first, last)] == [50, 1]


# --- deleted, managed with roles


def test_an_empty_group_is_deleted(admin):
    team = make.group(name="Night shift")
    browser = visit.by(admin)

    deleted = browser.post(f"/groups/{team.pk}/delete/", follow=True)

    assert (visit.title(deleted), visit.notices(deleted)) == ("Groups", ["Night shift is deleted."])
    assert Group.objects.count() == 0


def test_a_group_that_holds_something_is_not_deleted_and_the_page_says_why(admin):
    team = make.group(name="Night shift")
    make.eligibility(of=team)
    browser = visit.by(admin)
    sentence = (
        "Night shift holds a role, or held one, so it stays: who held what must remain readable. "
        "You can take everybody out."
    )

    page = browser.get(f"/groups/{team.pk}/")
    refused = browser.post(f"/groups/{team.pk}/delete/", follow=True)

    assert sentence in visit.main(page).text
    assert (visit.title(refused), visit.notices(refused)) == ("Night shift", [sentence])


def test_managing_a_group_with_roles_is_asked_once_more(admin):
    team = make.group(name="Night shift")
    browser = visit.by(admin)

    asked = browser.get(f"/groups/{team.pk}/roles/")
    done = browser.post(f"/groups/{team.pk}/roles/", follow=True)
    again = browser.post(f"/groups/{team.pk}/roles/", follow=True)

    assert "This cannot be undone" in visit.notices(asked)[0]
    assert visit.notices(done) == ["Night shift is managed with roles. Make people eligible as its members now."]
    assert visit.title(done) == "Night shift Managed with roles"
    assert "Manage with roles" not in visit.links(done)
    assert visit.notices(again) == ["Night shift is managed with roles already."]


def test_what_the_operation_refuses_is_said_on_the_page(admin, user):
    team = make.group(name="Night shift", members=(user,))
    make.assignment(of=team, role=make.role(name="Privileged Role Administrator"), end_at=None)

    response = visit.by(admin).post(f"/groups/{team.pk}/remove/{user.pk}/", follow=True)

    assert "Privileged Role Administrator would have no active holder left." in visit.notices(response)[0]
    assert Membership.objects.count() == 1

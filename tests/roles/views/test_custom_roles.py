"""Roles of one's own: added, edited, retired, deleted."""

import pytest

from roles.models import Role
from tests import make, seen, visit

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def shop(db):
    return make.resource(name="Shop", below=make.resource())


@pytest.fixture
def operator(shop):
    return make.custom_roles.add(make.act(at=make.THE_DAY_BEFORE), shop, name="Operator", description="Runs it")


def test_a_role_is_added_on_a_resource(admin, shop):
    sent = {"name": "Operator", "description": "Runs it", "is_privileged": "on"}

    response = visit.by(admin).post(f"/resources/{shop.pk}/add-role/", sent, follow=True)

    assert visit.title(response) == "Operator"
    assert visit.notices(response) == ["Operator is added, with default settings. Nobody holds it yet."]
    role = Role.objects.get(name="Operator")
    assert (role.resource, role.description, role.is_privileged, role.powers) == (shop, "Runs it", True, [])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Operator"}, "There is a role called Operator on Shop already."),
        ({"name": "x" * 121}, "Ensure this value has at most 120 characters (it has 121)."),
    ],
)
def test_a_wrong_role_is_refused_and_keeps_what_was_typed(admin, shop, operator, typed, sentence):
    response = visit.by(admin).post(f"/resources/{shop.pk}/add-role/", {"description": "Till", **typed})

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response) == {"description": "Till", **typed}
    assert Role.objects.filter(resource=shop).count() == 1


def test_a_role_is_edited_from_its_page(admin, shop, operator):
    browser = visit.by(admin)
    page = browser.get(f"/roles/{operator.pk}/")
    form = browser.get(visit.links(page)["Edit"])

    edited = browser.post(f"/roles/{operator.pk}/edit/", {"name": "Runner", "description": "Runs"}, follow=True)

    assert visit.typed(form) == {"name": "Operator", "description": "Runs it"}
    assert (visit.title(edited), visit.notices(edited)) == ("Runner", ["Runner is saved."])


def test_a_taken_name_is_refused(admin, shop, operator):
    make.role(name="Cashier", on=shop)

    response = visit.by(admin).post(f"/roles/{operator.pk}/edit/", {"name": "Cashier"})

    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["There is a role called Cashier on Shop already."],
    )


def test_a_role_is_retired_with_a_reason_and_shown_as_such(admin, user, shop, operator):
    make.assignment(of=user, role=operator)
    browser = visit.by(admin)

    refused = browser.post(f"/roles/{operator.pk}/retire/", {"because": ""})
    retired = browser.post(f"/roles/{operator.pk}/retire/", {"because": "Shop closes"}, follow=True)

    assert (refused.status_code, visit.sentences(refused)) == (400, ["Say why you retire it."])
    assert visit.title(retired) == "Operator Retired"
    assert visit.notices(retired) == ["Operator is retired. Nobody holds it any more."]
    assert {"Edit", "Add assignment"} & set(visit.links(retired)) == set()
    listed = [row[0] for row in visit.table(browser.get("/roles/"))]
    assert "Operator RetiredRuns it" in listed
    assert visit.table(browser.get(f"/resources/{shop.pk}/"))[0][1] == "Retired"
    (select, *_) = visit.main(browser.get("/assignments/add/")).all("select")
    assert "Operator" not in [option.text for option in select.all("option")]


def test_a_role_with_which_nothing_happened_is_deleted(admin, shop, operator):
    browser = visit.by(admin)
    page = browser.get(f"/roles/{operator.pk}/edit/")

    deleted = browser.post(f"/roles/{operator.pk}/delete/", follow=True)

    assert visit.buttons(page) == ["Save", "Delete role"]
    assert (visit.title(deleted), visit.notices(deleted)) == ("Shop", ["Operator is deleted."])


def test_a_role_with_history_is_offered_to_be_retired(admin, user, operator):
    make.eligibility(of=user, role=operator)
    browser = visit.by(admin)

    page = browser.get(f"/roles/{operator.pk}/edit/")
    refused = browser.post(f"/roles/{operator.pk}/delete/", follow=True)

    assert visit.buttons(page) == ["Save"]
    assert visit.links(page)["Retire role"] == f"/roles/{operator.pk}/retire/"
    assert visit.notices(refused) == ["Something happened with this role, so it is retired, never deleted."]
    assert seen.events() == []


def test_built_in_roles_and_those_of_groups_have_no_such_pages(admin):
    browser = visit.by(admin)
    for role in (make.role(), make.membership_role(of=make.group())):
        answers = [browser.get(f"/roles/{role.pk}/{page}/").status_code for page in ("edit", "retire")]
        deleted = browser.post(f"/roles/{role.pk}/delete/").status_code
        assert (answers, deleted) == ([404, 404], 404)
        assert "Edit" not in visit.links(browser.get(f"/roles/{role.pk}/"))

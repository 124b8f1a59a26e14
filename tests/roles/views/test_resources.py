"""The tree of resources: shown, extended, rearranged."""

import pytest

from kernel.period import HOUR
from roles.models import Resource
from roles.operations import grants
from roles.policy import GrantAsk
from tests import make, seen, visit
from tests.make import IN_30_DAYS, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def directory(db):
    return make.resource()


@pytest.fixture
def shop(directory):
    return make.resource(name="Shop", below=directory)


def options(response):
    """What can be chosen as a place."""
    (select,) = [field for field in visit.main(response).all("select") if field.attributes["name"] == "parent"]
    return [option.text for option in select.all("option")]


# --- shown


def test_resources_are_listed_as_a_tree_with_their_numbers(admin, user, stranger, directory, shop):
    make.resource(name="Counter", below=shop)
    make.resource(name="App", below=directory)
    operator = make.role(name="Operator", on=shop)
    make.eligibility(of=user, role=operator)
    make.eligibility(of=stranger, role=operator, end_at=NINE - HOUR)
    make.assignment(of=make.group(), role=operator)

    response = visit.by(admin).get("/resources/")

    assert visit.table(response) == [
        ["Directory", "Directory", "1", "0", "1"],
        ["└ App, level 2", "Application", "0", "0", "0"],
        ["└ Shop, level 2", "Application", "1", "1", "1"],
        ["└ Counter, level 3", "Application", "0", "0", "0"],
    ]


def test_a_resource_shows_its_place_its_roles_and_who_holds_what_on_it(admin, user, stranger, directory, shop):
    counter = make.resource(name="Counter", below=shop)
    make.resource(name="Drawer", below=counter)
    make.eligibility(of=user, role=make.role(name="Operator", on=shop))
    make.assignment(of=stranger, role=make.role(name="Teams Reader"))
    browser = visit.by(admin)

    active, eligible = (browser.get(f"/resources/{shop.pk}/", {"tab": tab}) for tab in ("active", "eligible"))

    assert list(visit.links(active))[:3] == ["Show health", "Resources", "Directory"]
    assert [line.text for line in visit.main(active).all("li")] == ["Counter Application", "└ Drawer Application"]
    assert visit.table(active) == [
        ["Operator", "In use"],
        ["Sam Strangerstranger@example.com", "Teams Reader", "Directory Above", "23 Dec 2026, 09:00 UTC"],
        ["Ada Adminadmin@example.com", "Global Administrator", "Directory Above", "permanent"],
    ]
    assert visit.table(eligible) == [
        ["Operator", "In use"],
        ["John Doeuser@example.com", "Operator", "Shop", "23 Dec 2026, 09:00 UTC"],
    ]


def test_a_reader_reads_and_finds_no_buttons(auditor, shop):
    browser = visit.by(auditor)

    listed, page = browser.get("/resources/"), browser.get(f"/resources/{shop.pk}/")

    assert "Add resource" not in visit.links(listed)
    assert visit.buttons(page) == []
    assert {"Rename", "Move", "Add role", "Add resource below"} & set(visit.links(page)) == set()


def test_a_group_leads_to_its_members(admin):
    team = make.group(name="Night shift")
    make.membership_role(of=team)

    page = visit.by(admin).get(f"/resources/{team.resource.pk}/")

    assert visit.links(page)["Members"] == f"/groups/{team.pk}/"
    assert "Rename" not in visit.links(page)


# --- added, renamed


def test_a_resource_is_added_where_one_was_looking(admin, directory, shop):
    browser = visit.by(admin)
    offered = browser.get(f"/resources/add/?below={shop.pk}")

    added = browser.post("/resources/add/", {"name": "Counter", "kind": "other", "parent": shop.pk}, follow=True)

    assert visit.typed(offered) == {"name": "", "kind": "application", "parent": str(shop.pk)}
    assert (visit.title(added), visit.notices(added)) == ("Counter", ["Counter is added. Add its roles now."])
    assert Resource.objects.get(name="Counter").parent == shop


def test_a_resource_is_added_at_the_top(admin):
    visit.by(admin).post("/resources/add/", {"name": "Mainframe", "kind": "other", "parent": "top"})

    assert Resource.objects.get(name="Mainframe").parent is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Directory"}, "There is a resource called Directory already."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"kind": "group"}, "Select a valid choice. group is not one of the available choices."),
        ({"parent": "999999"}, "Choose a place from those listed."),
        ({"parent": "9" * 30}, "Choose a place from those listed."),
        ({"parent": ""}, "Choose a place from those listed."),
    ],
)
def test_a_wrong_resource_is_refused_and_keeps_what_was_typed(admin, directory, typed, sentence):
    sent = {"name": "Shop", "kind": "application", "parent": "top", **typed}

    response = visit.by(admin).post("/resources/add/", sent)

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response)["name"] == sent["name"]
    assert seen.events() == []


def test_a_resource_is_renamed_unless_the_name_is_taken(admin, shop):
    browser = visit.by(admin)

    refused = browser.post(f"/resources/{shop.pk}/rename/", {"name": "Directory"})
    renamed = browser.post(f"/resources/{shop.pk}/rename/", {"name": "Web shop"}, follow=True)

    assert (refused.status_code, visit.typed(refused)) == (400, {"name": "Directory"})
    assert visit.sentences(refused) == ["There is a resource called Directory already."]
    assert (visit.title(renamed), visit.notices(renamed)) == ("Web shop", ["It is called Web shop from now on."])


# --- moved


def test_moving_says_what_it_changes_before_it_is_done(admin, user, stranger, directory, shop):
    mainframe = make.resource(name="Mainframe", below=directory)
    make.assignment(of=user, role=make.role(name="Operator", on=mainframe))
    browser = visit.by(admin)

    chosen = browser.get(f"/resources/{shop.pk}/move/", {"parent": mainframe.pk})
    top = browser.get(f"/resources/{shop.pk}/move/", {"parent": "top"})
    moved = browser.post(f"/resources/{shop.pk}/move/", {"parent": mainframe.pk}, follow=True)

    assert [line.text for line in visit.main(chosen).all("li")] == ["Operator for John Doe, assigned on Mainframe"]
    assert "Nobody loses anything here." in visit.main(chosen).text
    assert [line.text for line in visit.main(top).all("li")] == [
        "Global Administrator for Ada Admin, assigned on Directory"
    ]
    assert Resource.objects.get(pk=shop.pk).parent == mainframe
    assert visit.notices(moved) == ["Shop is now below Mainframe."]


def test_only_places_that_are_possible_are_offered(admin, directory, shop):
    make.resource(name="Counter", below=shop)
    make.resource(name="App", below=directory)
    make.membership_role(of=make.group(name="Night shift"))

    response = visit.by(admin).get(f"/resources/{shop.pk}/move/")

    assert options(response) == ["At the top", "Directory", "App"]


def test_a_place_that_is_not_possible_is_refused(admin, directory, shop):
    counter = make.resource(name="Counter", below=shop)
    browser = visit.by(admin)

    for parent in (counter.pk, shop.pk, "x", ""):
        response = browser.post(f"/resources/{shop.pk}/move/", {"parent": parent})
        assert (response.status_code, visit.sentences(response)) == (400, ["Choose a place from those listed."])
    assert browser.get(f"/resources/{shop.pk}/move/", {"parent": counter.pk}).status_code == 400
    assert Resource.objects.get(pk=shop.pk).parent == directory


def test_what_keeps_it_where_it_is_is_said_before_and_after(admin, user, directory, shop):
    ask = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")
    grants.assign(make.act(), make.role(), ask, to=user, on=shop)
    browser = visit.by(admin)
    sentence = (
        "Somebody is active in Teams Administrator just here, a role of a resource that would not be above any more. "
        "Remove that assignment first."
    )

    shown = browser.get(f"/resources/{shop.pk}/move/", {"parent": "top"})
    refused = browser.post(f"/resources/{shop.pk}/move/", {"parent": "top"})

    assert (visit.notices(shown), visit.buttons(shown)) == ([sentence], ["Show what changes"])
    assert (refused.status_code, visit.sentences(refused)) == (400, [sentence])


def test_of_many_who_are_concerned_the_first_are_named_and_the_rest_counted(admin, directory):
    mainframe = make.resource(name="Mainframe", below=directory)
    shop = make.resource(name="Shop", below=directory)
    operator = make.role(name="Operator", on=mainframe)
    for _ in range(21):
        make.eligibility(of=make.user(), role=operator)

    response = visit.by(admin).get(f"/resources/{shop.pk}/move/", {"parent": mainframe.pk})

    assert [line.text for line in visit.main(response).all("li")][20:] == ["and 1 more"]


# --- deleted


def test_an_empty_resource_is_deleted(admin, directory, shop):
    browser = visit.by(admin)
    page = browser.get(f"/resources/{shop.pk}/")

    deleted = browser.post(f"/resources/{shop.pk}/delete/", follow=True)

    assert visit.buttons(page) == ["Delete resource"]
    assert (visit.title(deleted), visit.notices(deleted)) == ("Resources", ["Shop is deleted."])


def test_a_resource_with_roles_is_not_deleted_and_the_page_says_why(admin, shop):
    make.role(name="Operator", on=shop)
    browser = visit.by(admin)
    sentence = "Shop has roles. Delete them first; a retired role keeps it for good."

    page, refused = browser.get(f"/resources/{shop.pk}/"), browser.post(f"/resources/{shop.pk}/delete/", follow=True)

    assert sentence in visit.main(page).text
    assert (visit.title(refused), visit.notices(refused)) == ("Shop", [sentence])


@pytest.mark.parametrize("page", ["", "rename/", "move/", "delete/", "add-role/"])
def test_what_does_not_exist_is_not_found(admin, page):
    browser = visit.by(admin)

    assert browser.post(f"/resources/999999/{page}", {"name": "x"}).status_code in (404, 405)
    assert browser.get(f"/resources/{'9' * 30}/{page}").status_code in (404, 405)

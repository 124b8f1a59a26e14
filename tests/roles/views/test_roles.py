"""Roles: the list, and one role."""

from dataclasses import replace

import pytest

from kernel.period import HOUR
from roles.models import Role
from roles.operations import catalogue
from roles.terms import DEFAULTS
from tests import make, visit

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def all_roles(db):
    """The built-in roles."""
    catalogue.load(make.act(at=make.THE_DAY_BEFORE))


def names(response):
    return [link.text for cell in visit.main(response).all("td") for link in cell.all("a")][::2]


def settings_page(role):
    return f"/roles/{role.pk}/settings/"


# --- the list


def test_all_118_roles_are_listed_page_by_page(all_roles, admin):
    browser = visit.by(admin)
    pages = [browser.get("/roles/", {"page": page}) for page in "123"]

    listed = [name for page in pages for name in names(page)]

    assert listed == sorted(listed, key=str.casefold)
    assert (len(listed), len(set(listed))) == (118, 118)
    assert "1–50 of 118" in visit.main(pages[0]).text


@pytest.mark.parametrize(
    "text", ["Teams Administrator", "ams administr", "TEAMS ADMINISTRATOR", "  Teams Administrator "]
)
def test_search_finds_the_teams_administrator(all_roles, admin, text):
    response = visit.by(admin).get("/roles/", {"q": text})

    assert names(response) == ["Teams Administrator"]


def test_a_search_that_finds_nothing_says_so_in_the_words_that_were_typed(all_roles, admin):
    response = visit.by(admin).get("/roles/", {"q": "<script>alert(1)</script>\x00"})

    assert visit.table(response) == []
    assert visit.main(response).all("script") == []
    assert "No role has “<script>alert(1)</script>” in its name or description." in visit.main(response).text


def test_the_list_shows_which_roles_differ_from_the_defaults(all_roles, admin):
    make.change_settings(of=Role.objects.get(name="Teams Reader"), to=DEFAULTS, by=admin)
    teams = Role.objects.get(name="Teams Administrator")
    make.change_terms(of=teams, to=replace(DEFAULTS.activation, max_duration=2 * HOUR))

    listed = {row[0]: row[2:4] for row in visit.table(visit.by(admin).get("/roles/?q=teams"))}
    changed = visit.by(admin).get("/roles/?changed=yes")

    assert {name.partition(" Privileged")[0]: cells for name, cells in listed.items() if "Teams R" in name} == {
        name: ["Default", "–"] for name in listed if "Teams R" in name
    }
    assert [row[1:4] for row in visit.table(changed)] == [
        ["Directory", "Changed", "23 Nov 2026, 09:00 UTCby the portal"]
    ]
    assert names(changed) == ["Teams Administrator"]


def test_a_role_with_named_approvers_differs_from_the_defaults(all_roles, admin, approver):
    make.change_settings(of=Role.objects.get(name="Teams Reader"), to=DEFAULTS, approvers=(approver,))

    assert names(visit.by(admin).get("/roles/?changed=yes")) == ["Teams Reader"]


def test_when_no_role_was_changed_the_filter_says_so(all_roles, admin):
    response = visit.by(admin).get("/roles/?changed=yes")

    assert "No role's settings differ from the defaults." in visit.main(response).text


def test_an_auditor_sees_the_roles_but_no_way_to_change_them(auditor):
    role = make.role()
    browser = visit.by(auditor)

    found = [browser.get("/roles/"), browser.get(f"/roles/{role.pk}/")]

    assert [page.status_code for page in found] == [200, 200]
    assert all("Settings" not in words for page in found for words in visit.links(page))
    assert browser.get(settings_page(role)).status_code == 403
    assert browser.post(settings_page(role), {}).status_code == 403


# --- one role


def test_the_page_of_a_role_tells_its_people(admin, user, approver):
    role = make.role(approvers=(approver,))
    make.eligibility(of=user, role=role)
    make.assignment(of=make.group(name="Night shift"), role=role, end_at=None)

    response = visit.by(admin).get(f"/roles/{role.pk}/")

    assert visit.table(response) == [
        ["John Doeuser@example.com", "Eligible", "22 Nov 2026, 09:00 UTC", "23 Dec 2026, 09:00 UTC"],
        ["Night shiftgroup", "Active", "22 Nov 2026, 09:00 UTC", "permanent"],
    ]


def test_the_page_of_a_role_tells_what_it_takes_to_activate_it_and_who_is_asked(admin, approver):
    role = make.role(terms=make.ActivationTerms(needs_ticket=True), approvers=(approver,))

    response = visit.by(admin).get(f"/roles/{role.pk}/")

    assert visit.facts(response) == {
        "Activation maximum duration": "8 h",
        "On activation, require": "a second factor",
        "Require a justification on activation": "yes",
        "Shortest justification": "0 characters",
        "Require a ticket on activation": "yes",
        "Pattern of ticket numbers": "any",
        "Warn before the end": "15 min",
        "Require approval to activate": "yes",
        "Approvals needed": "1",
        "Approvers of the second stage": "no second stage",
        "Approvals needed in the second stage": "no second stage",
        "Time to decide": "1 day",
        "Remind approvers at half time": "yes",
        "Escalate after": "never",
        "Escalate to": "nobody",
        "Approvers have to give a reason": "yes",
        "Approvers have to show a second factor": "no",
        # Named by address in the settings, and by name as whoever is asked now.
        "Approvers": "1 person: Alva Approver. 1 approval is needed.",
    }
    assert "approver@example.com" in visit.main(response).text


def test_a_role_without_approval_asks_nobody(admin):
    response = visit.by(admin).get(f"/roles/{make.role().pk}/")

    assert "Who is asked now" not in visit.main(response).text


def test_the_page_of_a_role_tells_how_it_may_be_assigned(admin):
    response = visit.by(admin).get(f"/roles/{make.role().pk}/?tab=assignment")

    assert visit.facts(response) == {
        "Allow permanent eligible assignment": "yes",
        "Expire eligible assignments after": "365 days",
        "Allow permanent active assignment": "yes",
        "Expire active assignments after": "180 days",
        "Require a second factor of whoever assigns active": "no",
        "Require a justification of whoever assigns active": "yes",
    }


def test_the_page_of_a_role_tells_who_is_written_to(auditor, admin):
    response = visit.by(auditor).get(f"/roles/{make.role().pk}/?tab=notification")

    headings = [heading.text for heading in visit.main(response).all("h3")]
    told = list(
        zip((term.text for term in visit.main(response).all("dt")), visit.main(response).all("dd"), strict=True)
    )
    assert headings == ["Members assigned eligible", "Members assigned active", "Eligible members activate"]
    assert [(what, who.text) for what, who in told[:3]] == [
        ("Emails to administrators", "Ada Admin"),
        ("Emails to the person it is about", "whoever is eligible"),
        ("Emails to approvers", "Ada Admin"),
    ]
    assert told[-1][1].text == "nobody: no approval is needed"


@pytest.mark.parametrize("tab", ["", "nonsense", "activation"])
def test_the_first_tab_is_what_it_takes_to_activate(admin, tab):
    response = visit.by(admin).get(f"/roles/{make.role().pk}/", {"tab": tab})

    assert [link.text for link in visit.main(response).all("a") if "aria-current" in link.attributes] == ["Activation"]
    assert "Activation maximum duration" in visit.facts(response)


def test_the_settings_of_a_role_are_opened_at_the_same_tab(admin):
    role = make.role()

    response = visit.by(admin).get(f"/roles/{role.pk}/?tab=notification")

    assert visit.links(response)["Settings"] == f"/roles/{role.pk}/settings/?tab=notification"


def test_a_role_that_nobody_has_says_so(admin):
    response = visit.by(admin).get(f"/roles/{make.role().pk}/")

    assert "Nobody is eligible for it or active in it." in visit.main(response).text


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_a_role_that_does_not_exist_is_not_found(admin, number):
    browser = visit.by(admin)

    assert browser.get(f"/roles/{number}/").status_code == 404
    assert browser.get(f"/roles/{number}/settings/").status_code == 404

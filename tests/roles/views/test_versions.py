"""The versions of a role's settings, and going back to one."""

from dataclasses import replace

import pytest

from kernel.period import HOUR, MINUTE
from roles.models import RolePolicy, SettingsVersion
from roles.terms import DEFAULTS, ActivationTerms
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

TWO_HOURS = replace(DEFAULTS, activation=ActivationTerms(max_duration=2 * HOUR))


@pytest.fixture
def role(admin):
    """A role set twice: to two hours, and to the defaults with a ticket."""
    made = make.role()
    make.change_settings(of=made, to=TWO_HOURS, by=admin, at=NINE - HOUR)
    ticket = replace(DEFAULTS, activation=ActivationTerms(needs_ticket=True))
    make.change_settings(of=made, to=ticket, by=admin, at=NINE - 30 * MINUTE)
    return made


def page_of(role):
    return f"/roles/{role.pk}/versions/"


def revert(browser, role, **sent):
    return browser.post(f"{page_of(role)}revert/", sent)


def test_every_version_says_who_changed_what_and_when(role, admin):
    response = visit.by(admin).get(page_of(role))

    back, compare = "Go back to this version", "Compare with version"
    assert visit.table(response) == [
        [
            "2 Now",
            "23 Nov 2026, 08:30 UTCby Ada Admin",
            "Activation maximum duration: 2 h is now 8 hRequire a ticket on activation: no is now yes",
            "",
        ],
        [
            "1",
            "23 Nov 2026, 08:00 UTCby Ada Admin",
            "Activation maximum duration: 8 h is now 2 h",
            f"{compare} 1{back} 1",
        ],
        ["0", "–", "As the role came", f"{compare} 0{back} 0"],
    ]


def test_each_version_can_be_compared_with_what_is_set_now(role, admin):
    browser = visit.by(admin)

    compared = browser.get(visit.links(browser.get(page_of(role)))["Compare with version 1"])

    assert visit.table(compared) == [
        ["Activation maximum duration Differs", "8 h", "2 h"],
        ["Require a ticket on activation Differs", "yes", "no"],
    ]


def test_a_role_that_was_never_changed_says_so(admin):
    response = visit.by(admin).get(page_of(make.role()))

    assert "Never changed" in visit.main(response).text
    assert visit.table(response) == []


def test_a_long_story_is_told_page_by_page_without_a_gap(admin):
    role = make.role()
    for number in range(1, 28):
        wanted = replace(DEFAULTS, activation=ActivationTerms(decision_window=number * HOUR))
        make.change_settings(of=role, to=wanted, at=NINE - HOUR)
    browser = visit.by(admin)

    pages = [visit.table(browser.get(page_of(role), {"page": page})) for page in "12"]

    assert [len(page) for page in pages] == [25, 3]
    assert [row[2] for row in (pages[0][-1], pages[1][0])] == [
        "Time to decide: 2 h is now 3 h",
        "Time to decide: 1 h is now 2 h",
    ]


def test_one_goes_back_with_one_press(role, admin):
    response = visit.by(admin).post(f"{page_of(role)}revert/", {"number": "1", "version": "2"}, follow=True)

    assert visit.notices(response) == ["The settings of Teams Administrator are those of version 1 again."]
    assert visit.table(response)[0][0] == "3 Now"
    assert RolePolicy.objects.get(role=role).settings() == TWO_HOURS
    assert seen.entries()[0].because == "Back to version 1"


def test_the_buttons_send_the_version_one_looks_at(role, admin):
    response = visit.by(admin).get(page_of(role))

    forms = [form for form in visit.main(response).all("form") if form.attributes.get("method") == "post"]
    sent = [{field.attributes["name"]: field.attributes["value"] for field in form.all("input")[1:]} for form in forms]
    assert sent == [{"number": "1", "version": "2"}, {"number": "0", "version": "2"}]
    assert {form.attributes["action"] for form in forms} == {f"{page_of(role)}revert/"}


def test_going_back_to_what_is_so_already_says_so(role, admin):
    browser = visit.by(admin)
    revert(browser, role, number="1", version="2")

    response = browser.post(f"{page_of(role)}revert/", {"number": "1", "version": "3"}, follow=True)

    assert visit.notices(response)[-1] == "Nothing was changed: the settings were so already."
    assert RolePolicy.objects.get(role=role).version == 3


def test_whoever_looked_at_older_settings_is_told_so_and_shown_the_new_ones(role, admin):
    response = revert(visit.by(admin), role, number="0", version="1")

    assert response.status_code == 409
    (sentence,) = visit.notices(response)
    assert sentence.startswith("Ada Admin changed these settings")
    assert RolePolicy.objects.get(role=role).version == 2


@pytest.mark.parametrize(
    "sent", [{"number": "1"}, {"version": "2"}, {"number": "x", "version": "2"}, {"number": "9" * 30, "version": "2"}]
)
def test_what_was_sent_incompletely_changes_nothing(role, admin, sent):
    response = revert(visit.by(admin), role, **sent)

    assert response.status_code == 400
    assert visit.notices(response) == ["This page was sent incompletely. Open it again and send it once more."]
    assert len(visit.table(response)) == 3
    assert SettingsVersion.objects.count() == 3


def test_an_auditor_reads_the_versions_and_changes_none(role, auditor):
    browser = visit.by(auditor)
    response = browser.get(page_of(role))

    assert ("Go back to this version 1" in visit.buttons(response), len(visit.table(response))) == (False, 3)
    assert revert(browser, role, number="1", version="2").status_code == 403


def test_versions_of_a_role_that_does_not_exist_are_not_found(admin):
    browser = visit.by(admin)

    assert browser.get("/roles/999999/versions/").status_code == 404
    assert browser.post("/roles/999999/versions/revert/", {"number": "1", "version": "2"}).status_code == 404


def test_one_gets_there_from_the_role(role, auditor):
    links = visit.links(visit.by(auditor).get(f"/roles/{role.pk}/"))

    assert (links["Versions"], links["Export JSON"]) == (page_of(role), f"/roles/{role.pk}/settings.json")
    assert links["Compare"] == f"/roles/compare/?left=role-{role.pk}&right=defaults"
    assert "Save as template" not in links

"""Roles: the list, one role, its settings."""

from dataclasses import replace

import pytest

from kernel.period import HOUR, MINUTE
from roles.models import Assignment, Role, RolePolicy
from roles.operations import catalogue
from roles.policy import DEFAULTS
from tests import make, seen, visit
from tests.make import NINE

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


def test_the_page_of_a_role_tells_its_settings_and_its_people(admin, user, approver):
    role = make.role(terms=make.ActivationTerms(max_duration=8 * HOUR, needs_ticket=True), approvers=(approver,))
    make.eligibility(of=user, role=role)
    make.assignment(of=make.group(name="Night shift"), role=role, end_at=None)

    response = visit.by(admin).get(f"/roles/{role.pk}/")

    assert visit.facts(response) == {
        "Activation": "at most 8 h",
        "Second factor": "required",
        "Justification": "required",
        "Ticket": "required",
        "Approval": "required, within 1 day",
        "Approvers": "Alva Approver",
        "Eligible": "permanent allowed",
        "Active": "permanent allowed",
    }
    assert visit.table(response) == [
        ["John Doeuser@example.com", "Eligible", "22 Nov 2026, 09:00 UTC", "23 Dec 2026, 09:00 UTC"],
        ["Night shiftgroup", "Active", "22 Nov 2026, 09:00 UTC", "permanent"],
    ]


def test_where_nobody_is_named_the_page_says_that_the_administrators_approve(admin):
    role = make.role(terms=make.ActivationTerms(needs_approval=True))

    response = visit.by(admin).get(f"/roles/{role.pk}/")

    assert visit.facts(response)["Approvers"] == "Global and Privileged Role Administrators who are active: Ada Admin"


def test_a_role_that_nobody_has_says_so(admin):
    response = visit.by(admin).get(f"/roles/{make.role().pk}/")

    assert "Nobody is eligible for it or active in it." in visit.main(response).text


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_a_role_that_does_not_exist_is_not_found(admin, number):
    browser = visit.by(admin)

    assert browser.get(f"/roles/{number}/").status_code == 404
    assert browser.get(f"/roles/{number}/settings/").status_code == 404


# --- settings

AS_IN_THE_ARTICLE = {
    "activation_max_duration": "480",
    "needs_second_factor": ["on"],
    "needs_justification": ["on"],
    "needs_ticket": ["on"],
    "needs_approval": ["on"],
    "decision_window_duration": "24",
    "eligible_max_duration": "365",
    "active_max_duration": "180",
    "version": "1",
}


def test_the_form_shows_the_settings_as_they_stand(admin):
    response = visit.by(admin).get(settings_page(make.role()))

    assert visit.typed(response) == {
        "activation_max_duration": "480",
        "needs_second_factor": ["on"],
        "needs_justification": ["on"],
        "decision_window_duration": "24",
        "permanent_eligible_allowed": ["on"],
        "eligible_max_duration": "365",
        "permanent_active_allowed": ["on"],
        "active_max_duration": "180",
        "version": "0",
    }
    assert "Never changed: these are the defaults." in visit.main(response).text


def test_saved_settings_show_who_changed_them_and_when(admin, approver):
    role = make.role()
    browser = visit.by(admin)
    team = make.group(name="Service managers")
    wanted = {
        **AS_IN_THE_ARTICLE,
        "version": "0",
        "approvers": [str(approver.pk)],
        "approver_groups": [str(team.pk)],
    }

    saved = browser.post(settings_page(role), wanted, follow=True)

    assert visit.notices(saved) == ["The settings of Teams Administrator are saved: 5 changes."]
    assert "Changed last by Ada Admin, 23 Nov 2026, 09:00 UTC." in visit.main(saved).text
    assert visit.facts(saved)["Approvers"] == "Alva Approver, Service managers"
    assert visit.typed(browser.get(settings_page(role))) == {**wanted, "version": "1"}
    assert seen.entry("settings.changed").facts["changes"] == [
        {"what": "Require a ticket on activation", "old": "no", "new": "yes"},
        {"what": "Require approval to activate", "old": "no", "new": "yes"},
        {"what": "Allow permanent eligible assignment", "old": "yes", "new": "no"},
        {"what": "Allow permanent active assignment", "old": "yes", "new": "no"},
        {
            "what": "Approvers",
            "old": "Global and Privileged Role Administrators",
            "new": "Alva Approver (approver@example.com), Service managers (group)",
        },
    ]


def test_saving_what_is_so_already_changes_nothing(admin):
    role = make.role()
    browser = visit.by(admin)

    saved = browser.post(settings_page(role), visit.typed(browser.get(settings_page(role))), follow=True)

    assert visit.notices(saved) == ["Nothing was changed: the settings were so already."]
    assert (RolePolicy.objects.get(role=role).version, seen.events()) == (0, [])


@pytest.mark.parametrize("minutes", ["30", "1440"])
def test_the_shortest_and_the_longest_activation_can_be_chosen(admin, minutes):
    role = make.role()

    visit.by(admin).post(settings_page(role), {**AS_IN_THE_ARTICLE, "version": "0", "activation_max_duration": minutes})

    assert RolePolicy.objects.get(role=role).activation_max_duration == int(minutes) * MINUTE


REQUIRED = "This field is required."
NO_CHOICE = "Select a valid choice. {} is not one of the available choices."


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        *(
            ("activation_max_duration", minutes, "Choose a maximum from 0.5 to 24 hours, in half hours.")
            for minutes in ("0", "29", "45", "1500", "1470", "-30", "eight", "480.0", "1e2", "9" * 30)
        ),
        ("activation_max_duration", "", REQUIRED),
        ("activation_max_duration", None, REQUIRED),
        ("decision_window_duration", "0", "Choose from 1 to 168 whole hours."),
        ("decision_window_duration", "-1", "Choose from 1 to 168 whole hours."),
        ("decision_window_duration", "169", "Choose from 1 to 168 whole hours."),
        ("decision_window_duration", "9" * 30, "Choose from 1 to 168 whole hours."),
        ("decision_window_duration", "soon", "Choose from 1 to 168 whole hours."),
        ("decision_window_duration", "1.5", "Choose from 1 to 168 whole hours."),
        ("decision_window_duration", "", REQUIRED),
        ("decision_window_duration", None, REQUIRED),
        *(("eligible_max_duration", days, NO_CHOICE.format(days)) for days in ("0", "-15", "16", "366", "year")),
        ("eligible_max_duration", None, REQUIRED),
        *(("active_max_duration", days, NO_CHOICE.format(days)) for days in ("0", "-15", "16", "366", "year")),
        ("active_max_duration", None, REQUIRED),
        ("approvers", ["999999"], NO_CHOICE.format("999999")),
        ("approvers", ["9" * 30], "Choose from those listed."),
        ("approvers", ["alva"], "“alva” is not a valid value."),
        ("approver_groups", ["999999"], NO_CHOICE.format("999999")),
        ("approver_groups", ["\x00"], "Null characters are not allowed."),
    ],
)
def test_a_wrong_setting_is_refused_and_keeps_what_was_typed(admin, field, value, sentence):
    role = make.role()
    make.group()
    before = RolePolicy.objects.filter(role=role).values().get()
    typed = {**AS_IN_THE_ARTICLE, "version": "0", field: value}
    sent = {name: each for name, each in typed.items() if each is not None}

    response = visit.by(admin).post(settings_page(role), sent)

    kept = visit.typed(response)
    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert {name: kept.get(name) for name in sent if name != field} == {
        name: each for name, each in sent.items() if name != field
    }
    assert RolePolicy.objects.filter(role=role).values().get() == before
    assert seen.events() == []


@pytest.mark.parametrize("value", ["0", "-1", "169", "soon", "1.5"])
def test_a_wrong_number_of_hours_is_still_in_the_form(admin, value):
    typed = {**AS_IN_THE_ARTICLE, "version": "0", "decision_window_duration": value}

    response = visit.by(admin).post(settings_page(make.role()), typed)

    assert visit.typed(response) == typed


@pytest.mark.parametrize("version", [None, "", "x", "-"])
def test_settings_without_the_version_they_were_read_in_change_nothing(admin, version):
    role = make.role()
    sent = {name: value for name, value in {**AS_IN_THE_ARTICLE, "version": version}.items() if value is not None}

    response = visit.by(admin).post(settings_page(role), sent)

    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["This page was sent incompletely. Open it again and send it once more."],
    )
    assert RolePolicy.objects.get(role=role).version == 0


def test_whoever_saves_second_is_told_who_was_first(admin):
    other = make.user(name="Otto Other")
    make.assignment(of=other, role=make.role(name="Privileged Role Administrator"))
    role = make.role()
    slow = visit.by(admin)
    typed = visit.typed(slow.get(settings_page(role)))
    visit.by(other).post(settings_page(role), {**typed, "activation_max_duration": "60"})

    response = slow.post(settings_page(role), {**typed, "activation_max_duration": "120"})

    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["Otto Other changed these settings while you were editing. Open them again and repeat your change."],
    )
    assert visit.typed(response)["activation_max_duration"] == "120"
    assert RolePolicy.objects.get(role=role).activation_max_duration == HOUR


def test_a_disabled_person_cannot_be_named_as_approver(admin, approver):
    role = make.role()
    approver.is_enabled = False
    approver.save()

    response = visit.by(admin).post(
        settings_page(role), {**AS_IN_THE_ARTICLE, "version": "0", "approvers": [str(approver.pk)]}
    )

    assert visit.sentences(response) == [NO_CHOICE.format(approver.pk)]


def test_whoever_lost_the_power_meanwhile_saves_nothing(admin):
    role = make.role()
    browser = visit.by(admin)
    page = browser.get(settings_page(role))
    Assignment.objects.update(end_at=NINE)

    response = browser.post(settings_page(role), {**AS_IN_THE_ARTICLE, "version": "0"})

    assert (page.status_code, response.status_code) == (200, 403)
    assert RolePolicy.objects.get(role=role).version == 0

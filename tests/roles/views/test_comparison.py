"""Settings beside each other: two of them, or those of all roles."""

from dataclasses import replace

import pytest

from kernel.period import HOUR
from roles.models import Role, SettingsVersion
from roles.operations import catalogue
from roles.terms import DEFAULTS, ActivationTerms
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

TWO_HOURS = replace(DEFAULTS, activation=ActivationTerms(max_duration=2 * HOUR))


def compare(browser, left, right, **rest):
    return browser.get("/roles/compare/", {"left": left, "right": right, **rest})


def differing(response):
    return [row for row in visit.table(response) if "Differs" in row[0]]


def subtitle(response):
    (head,) = visit.main(response).all(of="page-head")
    return head.all("p")[0].text


# --- two


def test_a_role_is_compared_with_a_template(auditor):
    role, template = make.role(terms=TWO_HOURS.activation), make.template(name="Strict")

    response = compare(visit.by(auditor), f"role-{role.pk}", f"template-{template.pk}")

    assert differing(response) == [["Activation maximum duration Differs", "2 h", "8 h"]]
    assert len(visit.table(response)) == 33
    assert subtitle(response) == "Teams Administrator and Template Strict differ in 1 setting."
    assert [cell.text for cell in visit.main(response).all("th")] == [
        "Setting",
        "Teams Administrator",
        "Template Strict",
    ]


def test_only_the_differences_can_be_shown(auditor):
    role = make.role(terms=replace(TWO_HOURS.activation, needs_ticket=True))

    response = compare(visit.by(auditor), f"role-{role.pk}", "defaults", only="on")

    assert visit.table(response) == [
        ["Activation maximum duration Differs", "2 h", "8 h"],
        ["Require a ticket on activation Differs", "yes", "no"],
    ]
    assert subtitle(response) == "Teams Administrator and Defaults of roles differ in 2 settings."


def test_what_is_set_alike_says_so(auditor):
    role = make.role()

    response = compare(visit.by(auditor), f"role-{role.pk}", "defaults", only="on")

    assert subtitle(response) == "Teams Administrator and Defaults of roles are set alike."
    assert "Every setting is the same on both sides." in visit.main(response).text


def test_the_defaults_of_groups_are_others(auditor):
    response = compare(visit.by(auditor), "defaults", "group-defaults", only="on")

    assert visit.table(response) == [
        ["Allow permanent eligible assignment Differs", "yes", "no"],
        ["Allow permanent active assignment Differs", "yes", "no"],
    ]


def test_a_version_is_compared_and_stays_chosen(auditor):
    role = make.role(terms=TWO_HOURS.activation)
    version = SettingsVersion.objects.get(number=0)

    response = compare(visit.by(auditor), f"role-{role.pk}", f"version-{version.pk}")

    assert subtitle(response) == "Teams Administrator and Teams Administrator, version 0 differ in 1 setting."
    chosen = [one.text for one in visit.main(response).all("option") if "selected" in one.attributes]
    assert chosen == ["Teams Administrator", "Teams Administrator, version 0"]


def test_everything_that_can_be_compared_can_be_chosen(auditor):
    role, template = make.role(name="Operator", on=make.resource(name="Shop")), make.template(name="Strict")

    response = visit.by(auditor).get("/roles/compare/")

    select = visit.main(response).all("select")[1]
    security = Role.objects.get(name="Security Reader")
    assert [(one.attributes["value"], one.text) for one in select.all("option")] == [
        ("", "Choose"),
        ("defaults", "Defaults of roles"),
        ("group-defaults", "Defaults of groups"),
        (f"template-{template.pk}", "Strict"),
        (f"role-{role.pk}", "Operator"),
        (f"role-{security.pk}", "Security Reader"),
    ]
    assert [group.attributes["label"] for group in select.all("optgroup")] == ["Defaults", "Templates", "Roles"]


def test_one_side_can_be_chosen_beforehand(auditor):
    response = visit.by(auditor).get("/roles/compare/?left=group-defaults")

    chosen = [one.attributes["value"] for one in visit.main(response).all("option") if "selected" in one.attributes]
    assert (response.status_code, chosen, visit.table(response)) == (200, ["group-defaults", ""], [])


@pytest.mark.parametrize(
    "said",
    ["nothing", "role-", "role-x", "role-²", "role-999999", f"role-{'9' * 30}", "template-999999", "version-999999",
     "group-1", "role--1", "\x00"],
)  # fmt: skip
def test_what_does_not_exist_is_not_compared(auditor, said):
    response = compare(visit.by(auditor), said, "defaults")

    assert (response.status_code, visit.table(response)) == (400, [])
    assert visit.sentences(response) in (["Choose from those listed."], ["Null characters are not allowed."])


def test_two_sides_have_to_be_chosen(auditor):
    response = compare(visit.by(auditor), "defaults", "")

    assert (response.status_code, visit.sentences(response)) == (400, ["This field is required."])


# --- all


@pytest.fixture
def all_roles(db):
    """The built-in roles, one of them set otherwise."""
    catalogue.load(make.act(at=make.THE_DAY_BEFORE))
    ticket = replace(TWO_HOURS, activation=replace(TWO_HOURS.activation, needs_ticket=True))
    make.change_settings(of=Role.objects.get(name="Teams Reader"), to=ticket, at=make.THE_DAY_BEFORE)


def rows(response):
    """Each role with its cells."""
    (body,) = visit.main(response).all("tbody")
    return {row.all("th")[0].text: [cell.text for cell in row.all("td")] for row in body.all("tr")}


AS_IT_COMES = [
    "8 h", "yes", "yes", "no", "no", "administrators", "24 h", "never", "yes", "365 days", "yes", "180 days", "no",
    "yes", "default",
]  # fmt: skip


def test_all_118_roles_stand_side_by_side_and_what_deviates_is_marked(all_roles, auditor):
    response = visit.by(auditor).get("/roles/matrix/")

    found = rows(response)
    assert (len(found), list(found)) == (118, sorted(found, key=str.casefold))
    assert found["Teams Administrator"] == AS_IT_COMES
    assert found["Teams Reader2 deviate"] == [
        "2 h (differs from the default: 8 h)",
        *AS_IT_COMES[1:3],
        "yes (differs from the default: no)",
        *AS_IT_COMES[4:],
    ]
    assert [mark.text for body in visit.main(response).all("tbody") for mark in body.all(of="deviates")] == [
        "2 h",
        "yes",
    ]
    assert "118 roles, 1 of them deviates from the defaults." in visit.main(response).text


def test_every_column_says_what_it_is(all_roles, auditor):
    response = visit.by(auditor).get("/roles/matrix/?q=teams+reader")

    heads = visit.main(response).all("thead")[0].all("th")[1:]
    assert len(heads) == len(AS_IT_COMES)
    assert all(len(head.text) < len(head.attributes["title"]) or head.text == "Time to decide" for head in heads)


def test_only_what_deviates_can_be_shown(all_roles, auditor):
    response = visit.by(auditor).get("/roles/matrix/?deviating=yes")

    assert list(rows(response)) == ["Teams Reader2 deviate"]
    assert "1 role, 1 of them deviates from the defaults." in visit.main(response).text


def test_roles_are_found_by_name(all_roles, auditor):
    response = visit.by(auditor).get("/roles/matrix/", {"q": " teams r\x00"})

    assert list(rows(response)) == ["Teams Reader2 deviate"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?q=<nothing>", "No role fits “<nothing>”."),
        ("?q=<nothing>&deviating=yes", "No role fits “<nothing>” and deviates."),
        ("?q=&deviating=yes", "No role's settings deviate from the defaults."),
    ],
)
def test_where_no_role_is_found_the_page_says_why(auditor, query, sentence):
    response = visit.by(auditor).get(f"/roles/matrix/{query}")

    assert sentence in visit.main(response).text


def test_retired_roles_are_left_out(auditor):
    make.role(name="Teams Reader")
    Role.objects.filter(name="Teams Reader").update(retired_at=NINE)

    assert list(rows(visit.by(auditor).get("/roles/matrix/"))) == ["Security Reader"]


def test_very_many_roles_are_shown_page_by_page(auditor):
    shop = make.resource(name="Shop")
    roles = Role.objects.bulk_create(Role(resource=shop, name=f"Role {number}") for number in range(200))
    make.policies(roles)
    browser = visit.by(auditor)

    pages = [rows(browser.get("/roles/matrix/", {"page": page})) for page in "12"]

    assert [len(page) for page in pages] == [200, 1]


def test_the_matrix_can_be_scrolled_by_keyboard(auditor):
    (card,) = visit.main(visit.by(auditor).get("/roles/matrix/")).all(of="matrix-card")

    assert (card.attributes["tabindex"], card.attributes["role"], card.attributes["aria-label"]) == (
        "0",
        "region",
        "Roles and their settings",
    )

"""Applying a template: what it would change, role by role, and doing it."""

from dataclasses import replace

import pytest

from kernel.period import HOUR
from roles.models import Assignment, Role, RolePolicy
from roles.terms import DEFAULTS, ActivationTerms, ApprovalTerms, ApproverKind, Named, Stage
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

STRICT = replace(DEFAULTS, activation=ActivationTerms(max_duration=2 * HOUR, needs_ticket=True))


@pytest.fixture
def template(db):
    return make.template(name="Strict", of=STRICT)


@pytest.fixture
def roles(db):
    """One role as it comes, and one that is set as the template says."""
    return [make.role(name="Teams Administrator"), make.role(name="Teams Reader", terms=STRICT.activation)]


def page_of(template):
    return f"/templates/{template.pk}/apply/"


def preview(browser, template, *roles):
    return browser.get(page_of(template), {"role": [role.pk for role in roles]})


def hidden(response):
    """What the button would send along."""
    fields = [field.attributes for field in visit.main(response).all("input")]
    return [(field["name"], field["value"]) for field in fields if field["name"] != "csrfmiddlewaretoken"]


def settings_of(*roles):
    return [RolePolicy.objects.get(role=role).settings() for role in roles]


def test_the_preview_says_role_by_role_what_would_change(template, roles, admin):
    response = preview(visit.by(admin), template, *roles)

    assert visit.table(response) == [
        [
            "Teams Administrator",
            "Activation maximum duration: 8 h would be 2 hRequire a ticket on activation: no would be yes",
        ],
        ["Teams Reader", "Nothing: it is set so already"],
    ]
    assert visit.buttons(response) == ["Change 1 role"]
    assert hidden(response) == [("version", "1"), ("seen", f"{roles[0].pk}-0"), ("seen", f"{roles[1].pk}-1")]
    assert settings_of(*roles) == [DEFAULTS, STRICT]


def test_what_was_previewed_is_changed_with_one_press(template, roles, admin):
    other = make.role(name="User Administrator")
    browser = visit.by(admin)
    shown = preview(browser, template, *roles, other)
    sent = {"version": "1", "seen": [value for name, value in hidden(shown) if name == "seen"]}

    response = browser.post(page_of(template), sent, follow=True)

    assert visit.buttons(shown) == ["Change 2 roles"]
    assert visit.notices(response) == ["Strict is applied: the settings of 2 roles have changed."]
    assert response.redirect_chain == [(f"/templates/{template.pk}/", 302)]
    assert settings_of(*roles, other) == [STRICT] * 3
    assert seen.events() == ["settings.changed", "settings.changed", "template.applied"]


def test_where_one_role_has_changed_one_is_counted(template, roles, admin):
    response = visit.by(admin).post(page_of(template), {"version": "1", "seen": f"{roles[0].pk}-0"}, follow=True)

    assert visit.notices(response) == ["Strict is applied: the settings of 1 role has changed."]


def test_where_nothing_would_change_there_is_nothing_to_press(template, roles, admin):
    response = preview(visit.by(admin), template, roles[1])

    assert visit.buttons(response) == []
    assert "Nothing would change: choose other roles" in visit.links(response)


def test_the_way_back_keeps_what_was_chosen(template, roles, admin):
    browser = visit.by(admin)

    back = visit.links(preview(browser, template, roles[0]))["Choose other roles"]

    assert back == f"/templates/{template.pk}/?role={roles[0].pk}"


def test_a_role_that_was_changed_meanwhile_is_named_and_shown_as_it_is_now(template, roles, admin):
    make.change_settings(of=roles[0], to=replace(DEFAULTS, activation=ActivationTerms(needs_ticket=True)), by=admin)

    response = visit.by(admin).post(
        page_of(template), {"version": "1", "seen": [f"{role.pk}-{number}" for number, role in enumerate(roles)]}
    )

    assert response.status_code == 409
    (sentence,) = visit.notices(response)
    assert sentence.startswith("Teams Administrator: Ada Admin changed these settings")
    assert visit.table(response)[0] == ["Teams Administrator", "Activation maximum duration: 8 h would be 2 h"]
    assert hidden(response)[1] == ("seen", f"{roles[0].pk}-1")


def test_a_template_that_was_changed_meanwhile_is_shown_as_it_is_now(template, roles, admin):
    make.replace_template(template, of=replace(STRICT, activation=ActivationTerms(needs_ticket=True)), by=admin)

    response = visit.by(admin).post(page_of(template), {"version": "1", "seen": f"{roles[0].pk}-0"})

    assert (response.status_code, visit.notices(response)) == (
        409,
        ["Ada Admin changed the template Strict while you were looking at it. Look at it again."],
    )
    assert visit.table(response) == [["Teams Administrator", "Require a ticket on activation: no would be yes"]]
    assert hidden(response)[0] == ("version", "2")
    assert settings_of(roles[0]) == [DEFAULTS]


def test_whoever_is_named_and_not_here_is_told_before_and_after(roles, admin):
    stage = Stage((Named(ApproverKind.USER, "nobody@example.com"),))
    template = make.template(of=replace(STRICT, approval=ApprovalTerms(stages=(stage,))))
    browser = visit.by(admin)

    before = preview(browser, template, roles[0])
    after = browser.post(page_of(template), {"version": "1", "seen": f"{roles[0].pk}-0"})

    told = (
        "Somebody named here is missing Nobody here has the email nobody@example.com. "
        "Until they are here, this template cannot be applied."
    )
    assert visit.notices(before) == [told]
    assert visit.notices(after) == [
        "Teams Administrator: Nobody enabled has the email nobody@example.com. Name somebody else.",
        told,
    ]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"version": "1"},
        {"seen": "1-0"},
        {"version": "x", "seen": "1-0"},
        {"version": "1", "seen": ["1-0", "x"]},
        {"version": "1", "seen": "1"},
        {"version": "1", "seen": f"{'9' * 30}-0"},
    ],
)
def test_what_was_sent_incompletely_changes_nothing(template, admin, sent):
    response = visit.by(admin).post(page_of(template), sent)

    assert (response.status_code, visit.notices(response)) == (
        400,
        ["This page was sent incompletely. Open it again and send it once more."],
    )
    assert seen.events() == []


@pytest.mark.parametrize("number", ["999999", "9" * 30, "x", "\x00"])
def test_a_role_that_is_not_there_cannot_be_chosen(template, admin, number):
    response = visit.by(admin).get(page_of(template), {"role": number})

    assert response.status_code == 400
    assert len(visit.notices(response)) == 1
    assert visit.table(response) == []


def test_a_retired_role_cannot_be_chosen(template, roles, admin):
    Role.objects.filter(pk=roles[0].pk).update(retired_at=NINE)

    response = preview(visit.by(admin), template, *roles)

    assert (response.status_code, visit.notices(response)) == (
        400,
        ["One of these roles is not there any more. Choose again."],
    )


def test_no_more_roles_are_chosen_than_an_address_can_hold(template, admin):
    shop = make.resource(name="Shop", below=make.resource())
    made = Role.objects.bulk_create(Role(resource=shop, name=f"Role {number}") for number in range(201))

    response = preview(visit.by(admin), template, *made)

    assert (response.status_code, visit.notices(response)) == (400, ["Choose at most 200 roles at a time."])


def test_where_no_role_is_chosen_the_page_says_where_to_choose(template, admin):
    response = visit.by(admin).get(page_of(template))

    assert "Tick the roles on the page of the template" in visit.main(response).text
    assert visit.buttons(response) == []


def test_whoever_lost_the_power_meanwhile_applies_nothing(template, roles, admin):
    browser = visit.by(admin)
    Assignment.objects.update(end_at=NINE, removed_at=NINE)

    response = browser.post(page_of(template), {"version": "1", "seen": f"{roles[0].pk}-0"})

    assert (response.status_code, settings_of(roles[0])) == (403, [DEFAULTS])

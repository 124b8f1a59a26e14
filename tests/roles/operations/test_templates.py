"""Templates of settings: kept, replaced, removed, applied."""

from dataclasses import replace

import pytest

from accounts.models import User
from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from roles.documents import settings_to
from roles.models import Role, RolePolicy, SettingsTemplate
from roles.operations import templates
from roles.operations.templates import Seen
from roles.terms import DEFAULTS, ActivationTerms, ApprovalTerms, ApproverKind, Named, Stage
from tests import make, seen
from tests.make import NINE, THE_DAY_BEFORE

pytestmark = pytest.mark.postgres

STRICT = replace(DEFAULTS, activation=ActivationTerms(max_duration=2 * HOUR, needs_ticket=True))
NONSENSE = replace(DEFAULTS, activation=ActivationTerms(max_duration=MINUTE))


def naming(email):
    """Settings with an approver who may not be here."""
    stage = Stage((Named(ApproverKind.USER, email),))
    return replace(STRICT, approval=ApprovalTerms(stages=(stage,)))


@pytest.fixture
def template(db):
    """A template as it was made the day before."""
    return make.template(name="Strict", of=STRICT)


@pytest.fixture
def roles(db):
    """Three roles: as they come, set in part as the template says, and set so already."""
    half = ActivationTerms(max_duration=2 * HOUR)
    return [
        make.role(name="Teams Administrator"),
        make.role(name="Teams Reader", terms=half),
        make.role(name="User Administrator", terms=STRICT.activation),
    ]


def versions(roles):
    """The roles with the versions of their settings as they are now."""
    return {role.pk: RolePolicy.objects.get(role=role).version for role in roles}


def everything():
    """All templates and settings."""
    return list(SettingsTemplate.objects.order_by("pk").values()), list(RolePolicy.objects.order_by("pk").values())


def refused(act, call, *args, **words):
    """Why this is refused; everything has to be as it was."""
    before = everything()
    with pytest.raises(Refused) as caught:
        call(act, *args, **words)
    assert (everything(), seen.events(at=act.at)) == (before, [])
    return caught.value


# --- keeping


def test_settings_are_kept_under_a_name(admin):
    templates.save(make.act(by=admin), STRICT, name=" Strict ", description=" For what matters ")

    kept = SettingsTemplate.objects.get()
    assert (kept.name, kept.description, kept.settings()) == ("Strict", "For what matters", STRICT)
    assert (kept.version, kept.changed_at, kept.changed_by) == (1, NINE, admin)
    entry = seen.entry("template.made")
    assert (entry.facts, entry.actor_id) == ({"template": "Strict"}, admin.pk)


def test_the_portal_itself_may_keep_settings(db):
    assert templates.save(make.act(), STRICT, name="Strict").changed_by is None


def test_somebody_named_who_is_not_here_does_not_hinder_keeping(admin):
    wanted = naming("nobody@example.com")

    assert templates.save(make.act(by=admin), wanted, name="Elsewhere").settings() == wanted


def test_only_who_holds_the_power_keeps_settings(auditor):
    assert refused(make.act(by=auditor), templates.save, STRICT, name="Strict").codes == ("power",)


def test_every_reason_against_keeping_is_told_at_once(auditor):
    refusal = refused(make.act(by=auditor), templates.save, NONSENSE, name=" ", description="x" * 301)

    assert [(one.code, one.field) for one in refusal.refusals] == [
        ("power", None),
        ("name", "name"),
        ("description", "description"),
        ("max_duration", "activation_max_duration"),
    ]


def test_a_name_that_is_too_long_is_refused(admin):
    refusal = refused(make.act(by=admin), templates.save, STRICT, name="x" * 121)

    assert str(refusal) == "Use at most 120 characters."


# --- replacing


@pytest.mark.parametrize("name", ["Strict", "STRICT"])
def test_a_template_is_not_replaced_by_accident(template, admin, name):
    refusal = refused(make.act(by=admin), templates.save, DEFAULTS, name=name)

    assert (refusal.codes, refusal.refusals[0].field) == (("taken",), "name")
    assert str(refusal) == "There is a template called Strict. Replace it, or choose another name."


def test_whoever_looked_at_a_template_may_replace_it(template, admin):
    wanted = replace(STRICT, activation=replace(STRICT.activation, max_duration=HOUR))

    saved = templates.save(
        make.act(by=admin), wanted, name="Strict", description="Tighter", replaces=Seen(template.pk, 1)
    )

    kept = SettingsTemplate.objects.get()
    assert saved == kept == template
    assert (kept.settings(), kept.description, kept.version, kept.changed_by) == (wanted, "Tighter", 2, admin)
    assert seen.events() == ["template.replaced"]
    assert seen.entry("template.replaced").facts == {
        "template": "Strict",
        "changes": [{"what": "Activation maximum duration", "old": "2 h", "new": "1 h"}],
    }


def test_a_template_that_was_changed_meanwhile_is_not_replaced(template, admin):
    other = make.administrator(name="Olga Other", email="olga@example.com")
    templates.save(make.act(by=other, at=THE_DAY_BEFORE), DEFAULTS, name="Strict", replaces=Seen(template.pk, 1))

    refusal = refused(make.act(by=admin), templates.save, STRICT, name="Strict", replaces=Seen(template.pk, 1))

    assert (refusal.codes, str(refusal)) == (
        ("template_version",),
        "Olga Other changed the template Strict while you were looking at it. Look at it again.",
    )


def test_having_looked_at_one_template_replaces_no_other(template, admin):
    other = make.template(name="Easy")

    refusal = refused(make.act(by=admin), templates.save, STRICT, name="Strict", replaces=Seen(other.pk, 1))

    assert refusal.codes == ("taken",)


def test_a_template_that_was_to_be_replaced_and_is_gone_is_made_anew(template, admin):
    templates.remove(make.act(by=admin, at=THE_DAY_BEFORE), template, version=1)

    templates.save(make.act(by=admin), STRICT, name="Strict", replaces=Seen(7, 1))

    assert seen.events() == ["template.made"]


# --- removing


def test_a_removed_template_is_still_in_the_history(template, admin):
    templates.remove(make.act(by=admin), template, version=1)

    assert list(SettingsTemplate.objects.all()) == []
    assert seen.events() == ["template.removed"]
    assert seen.entry("template.removed").facts == {"template": "Strict", "settings": settings_to(STRICT)}


def test_only_who_holds_the_power_removes_a_template(template, auditor):
    assert refused(make.act(by=auditor), templates.remove, template, version=1).codes == ("power",)


def test_a_template_that_was_changed_meanwhile_is_not_removed(template, admin):
    refusal = refused(make.act(by=admin), templates.remove, template, version=0)

    assert str(refusal) == "The portal changed the template Strict while you were looking at it. Look at it again."


def test_a_template_is_removed_once(template, admin):
    SettingsTemplate.objects.all().delete()

    refusal = refused(make.act(by=admin), templates.remove, template, version=1)

    assert str(refusal) == "The template Strict was removed meanwhile. Choose another one."


# --- applying


def test_a_template_is_applied_to_many_roles_at_once(template, roles, admin):
    changed = templates.apply(make.act(by=admin), template, versions(roles), version=1)

    ticket = {"what": "Require a ticket on activation", "old": "no", "new": "yes"}
    duration = {"what": "Activation maximum duration", "old": "8 h", "new": "2 h"}
    assert {role.name: changes for role, changes in changed.items()} == {
        "Teams Administrator": [duration, ticket],
        "Teams Reader": [ticket],
        "User Administrator": [],
    }
    policies = [RolePolicy.objects.get(role=role) for role in roles]
    assert [policy.settings() for policy in policies] == [STRICT] * 3
    assert [policy.version for policy in policies] == [1, 2, 1]


def test_the_history_tells_what_was_applied_to_which_roles(template, roles, admin):
    templates.apply(make.act(by=admin), template, versions(roles), version=1)

    entries = seen.entries()
    assert [(entry.kind, entry.role_name, entry.because) for entry in entries] == [
        ("settings.changed", "Teams Administrator", "Template Strict"),
        ("settings.changed", "Teams Reader", "Template Strict"),
        ("template.applied", "", ""),
    ]
    assert entries[-1].facts == {"template": "Strict", "roles": ["Teams Administrator", "Teams Reader"]}


def test_what_changes_no_role_is_not_told(template, roles, admin):
    assert templates.apply(make.act(by=admin), template, versions(roles[2:]), version=1) == {roles[2]: []}

    assert seen.events() == []


def test_a_role_that_is_not_chosen_stays_as_it_is(template, roles, admin):
    templates.apply(make.act(by=admin), template, versions(roles[1:]), version=1)

    assert RolePolicy.objects.get(role=roles[0]).settings() == DEFAULTS


def test_one_role_that_was_changed_meanwhile_keeps_all_of_them_as_they_are(template, roles, admin):
    looked_at = versions(roles)
    make.change_settings(of=roles[1], to=DEFAULTS, by=admin, at=THE_DAY_BEFORE)

    refusal = refused(make.act(by=admin), templates.apply, template, looked_at, version=1)

    assert (refusal.codes, refusal.refusals[0].field) == (("version",), None)
    assert str(refusal).startswith("Teams Reader: Ada Admin changed these settings while you were editing.")


def test_every_role_that_cannot_be_set_so_is_named(roles, admin):
    template = make.template(of=naming("nobody@example.com"))
    shop = make.role(name="Operator", on=make.resource(name="Shop", below=make.resource()))

    refusal = refused(make.act(by=admin), templates.apply, template, versions([roles[0], shop]), version=1)

    assert [one.sentence for one in refusal.refusals] == [
        "Teams Administrator: Nobody enabled has the email nobody@example.com. Name somebody else.",
        "Operator (Shop): Nobody enabled has the email nobody@example.com. Name somebody else.",
    ]


def test_a_break_glass_account_comes_as_approver_through_no_template(roles, admin):
    make.user(email="glass@example.com")
    User.objects.filter(email="glass@example.com").update(is_break_glass=True)
    template = make.template(of=naming("glass@example.com"))

    refusal = refused(make.act(by=admin), templates.apply, template, versions(roles[:1]), version=1)

    assert refusal.codes == ("break_glass",)


def test_a_retired_role_is_left_as_it_is(template, roles, admin):
    Role.objects.filter(pk=roles[0].pk).update(retired_at=THE_DAY_BEFORE)

    refusal = refused(make.act(by=admin), templates.apply, template, versions(roles), version=1)

    assert str(refusal) == "Teams Administrator: It is retired. Leave it out."


def test_a_template_that_was_changed_meanwhile_is_not_applied(template, roles, admin):
    make.replace_template(template, by=admin, of=DEFAULTS)

    refusal = refused(make.act(by=admin), templates.apply, template, versions(roles), version=1)

    assert str(refusal) == "Ada Admin changed the template Strict while you were looking at it. Look at it again."


def test_a_template_that_was_removed_meanwhile_is_not_applied(template, roles, admin):
    SettingsTemplate.objects.all().delete()

    assert refused(make.act(by=admin), templates.apply, template, versions(roles), version=1).codes == ("gone",)


def test_applied_to_no_role_is_a_mistake(template, admin):
    refusal = refused(make.act(by=admin), templates.apply, template, {}, version=1)

    assert str(refusal) == "Choose at least one role."


def test_only_who_holds_the_power_applies_a_template(template, roles, auditor):
    refusal = refused(make.act(by=auditor), templates.apply, template, versions(roles), version=1)

    assert refusal.codes == ("power",)

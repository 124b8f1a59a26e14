"""Templates kept and applied at the same moment."""

from functools import partial

from roles.models import RolePolicy, SettingsTemplate
from roles.operations import templates
from roles.terms import DEFAULTS, ActivationTerms, Settings
from tests import make, seen
from tests.races.together import at_once, done, refusals

STRICT = Settings(activation=ActivationTerms(needs_ticket=True))


def test_of_two_templates_of_one_name_one_is_made(user):
    outcomes = at_once(*[partial(templates.save, make.act(), STRICT, name="Strict")] * 2)

    assert refusals(outcomes) == [("taken",)]
    assert list(SettingsTemplate.objects.all()) == done(outcomes)
    assert seen.events() == ["template.made"]


def test_of_two_templates_applied_to_the_same_roles_one_sets_them_all(user):
    roles = [make.role(name=name) for name in ("Teams Administrator", "Teams Reader", "User Administrator")]
    wishes = [make.template(of=STRICT), make.template(of=Settings(activation=ActivationTerms(needs_approval=True)))]
    ways = ({role.pk: 0 for role in roles}, {role.pk: 0 for role in reversed(roles)})

    outcomes = at_once(
        *(partial(templates.apply, make.act(), wish, way, version=1) for wish, way in zip(wishes, ways, strict=True))
    )

    assert refusals(outcomes) == [("version",) * 3]
    won = wishes[outcomes.index(done(outcomes)[0])].settings()
    assert [policy.settings() for policy in RolePolicy.objects.filter(role__in=roles)] == [won] * 3
    assert won != DEFAULTS

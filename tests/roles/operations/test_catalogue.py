"""Bringing in the built-in roles."""

import csv

from kernel.powers import EVERY_POWER, READING_POWERS
from roles.models import Resource, Role, RolePolicy
from roles.operations import catalogue, resources
from roles.powers import ADMINISTRATORS, POWERS_BY_TEMPLATE
from roles.terms import DEFAULTS
from tests import make, seen
from tests.make import NINE


def test_every_built_in_role_comes_with_default_settings(db):
    with catalogue.BUILT_IN.open(encoding="utf-8", newline="") as file:
        names = sorted(row["name"] for row in csv.DictReader(file))

    added = catalogue.load(make.act())

    assert added == len(names) == 118
    assert sorted(Role.objects.values_list("name", flat=True)) == names
    assert {policy.settings() for policy in RolePolicy.objects.all()} == {DEFAULTS}
    assert RolePolicy.objects.count() == 118
    assert Resource.objects.get().kind == Resource.Kind.DIRECTORY
    assert seen.entry("catalogue.loaded").facts == {"count": 118}


def test_loading_again_adds_and_tells_nothing(db):
    catalogue.load(make.act())

    added = catalogue.load(make.act(at=NINE + make.DAY))

    assert (added, Role.objects.count(), seen.events(at=NINE + make.DAY)) == (0, 118, [])


def test_a_role_that_is_missing_is_added_and_settings_stay(db):
    role = make.role(terms=make.EASY)

    added = catalogue.load(make.act())

    assert added == 117
    assert RolePolicy.objects.get(role=role).settings().activation == make.EASY


def test_loading_again_finds_a_directory_that_was_renamed(db):
    catalogue.load(make.act())
    resources.rename(make.act(), Resource.objects.get(), name="Contoso")
    Role.objects.filter(name="Teams Reader").delete()

    assert catalogue.load(make.act()) == 1
    assert [resource.name for resource in Resource.objects.all()] == ["Contoso"]


def test_the_roles_with_power_over_the_portal_are_those_we_name(db):
    catalogue.load(make.act())

    powerful = {str(role.template_id): set(role.powers) for role in Role.objects.exclude(powers=[])}

    assert powerful == {template: set(powers) for template, powers in POWERS_BY_TEMPLATE.items()}
    assert {Role.objects.get(template_id=template).name for template in ADMINISTRATORS} == {
        "Global Administrator",
        "Privileged Role Administrator",
    }
    assert set(Role.objects.get(name="Global Administrator").powers) == EVERY_POWER
    assert set(Role.objects.get(name="Security Reader").powers) == READING_POWERS


def test_privileged_roles_are_marked_as_such(db):
    catalogue.load(make.act())

    assert Role.objects.get(name="Global Administrator").is_privileged
    assert not Role.objects.get(name="Message Center Reader").is_privileged

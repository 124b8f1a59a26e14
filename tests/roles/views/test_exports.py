"""Settings as a file to download."""

import json
from dataclasses import replace

import pytest

from roles.documents import settings_to
from roles.terms import DEFAULTS, ActivationTerms
from tests import make, visit

pytestmark = pytest.mark.usefixtures("at_nine", "db")

STRICT = replace(DEFAULTS, activation=ActivationTerms(needs_ticket=True))


def test_the_settings_of_a_role_are_a_file(auditor):
    role = make.role(terms=STRICT.activation)

    response = visit.by(auditor).get(f"/roles/{role.pk}/settings.json")

    assert json.loads(response.content) == {
        "format": "pim-role-settings/1",
        "name": "Teams Administrator",
        "description": "Settings of Teams Administrator",
        "settings": settings_to(STRICT),
    }
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="teams-administrator.json"'


def test_a_role_elsewhere_than_in_the_directory_says_where(auditor):
    role = make.role(name="Operator", on=make.resource(name="Shop", below=make.resource()))

    response = visit.by(auditor).get(f"/roles/{role.pk}/settings.json")

    assert json.loads(response.content)["name"] == "Operator (Shop)"
    assert response.headers["Content-Disposition"] == 'attachment; filename="operator-shop.json"'


def test_a_name_is_never_longer_than_can_be_brought_in_again(auditor):
    role = make.role(name="O" * 110, on=make.resource(name="S" * 100, below=make.resource()))

    exported = json.loads(visit.by(auditor).get(f"/roles/{role.pk}/settings.json").content)

    assert (len(exported["name"]), len(exported["description"])) == (120, 132)


def test_a_template_is_a_file(auditor):
    template = make.template(name="Größer", of=STRICT, description="For what matters")

    response = visit.by(auditor).get(f"/templates/{template.pk}.json")

    assert json.loads(response.content) == {
        "format": "pim-role-settings/1",
        "name": "Größer",
        "description": "For what matters",
        "settings": settings_to(STRICT),
    }
    assert response.headers["Content-Disposition"] == 'attachment; filename="groer.json"'


def test_a_name_without_letters_still_makes_a_file(auditor):
    template = make.template(name="“…”")

    response = visit.by(auditor).get(f"/templates/{template.pk}.json")

    assert response.headers["Content-Disposition"] == 'attachment; filename="settings.json"'


def test_what_does_not_exist_is_not_exported(auditor):
    browser = visit.by(auditor)

    assert [browser.get(f"/{path}").status_code for path in ("roles/999/settings.json", "templates/999.json")] == [
        404,
        404,
    ]

"""What an administrator does to a person and what they hold."""

import pytest

from accounts.models import User
from accounts.operations import people
from roles.models import Assignment
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def test_a_disabled_person_can_be_enabled_again(admin, user):
    browser = visit.by(admin)

    disabled = browser.post(f"/people/{user.pk}/disable/", follow=True)
    enabled = browser.post(f"/people/{user.pk}/enable/", follow=True)

    assert (visit.notices(disabled), visit.facts(disabled)["State"]) == (
        ["John Doe is disabled. Whatever they held has ended."],
        "Disabled",
    )
    assert (visit.notices(enabled), visit.facts(enabled)["State"]) == (["John Doe is enabled."], "Enabled")
    assert seen.events() == ["person.disabled", "person.enabled"]


@pytest.mark.parametrize(("verb", "word"), [("disable", "disabled"), ("enable", "enabled")])
def test_what_is_so_already_is_said_to_be_so(admin, user, verb, word):
    if verb == "disable":
        people.disable(make.act(at=NINE - make.HOUR), user)

    response = visit.by(admin).post(f"/people/{user.pk}/{verb}/", follow=True)

    assert visit.notices(response) == [f"John Doe is {word} already."]
    assert seen.events() == []


def test_administrators_do_not_disable_themselves(admin):
    response = visit.by(admin).post(f"/people/{admin.pk}/disable/", follow=True)

    assert visit.notices(response) == ["You cannot disable yourself. Ask another administrator."]
    assert User.objects.get(pk=admin.pk).is_enabled


def test_whoever_lost_the_power_meanwhile_changes_nothing(admin, user):
    browser = visit.by(admin)
    page = browser.get(f"/people/{user.pk}/")
    Assignment.objects.update(end_at=NINE, removed_at=NINE)

    response = browser.post(f"/people/{user.pk}/disable/")

    assert (page.status_code, response.status_code) == (200, 403)
    assert User.objects.get(pk=user.pk).is_enabled


@pytest.mark.parametrize("verb", ["delete", "DISABLE", "disable/enable", ""])
def test_a_made_up_verb_is_not_found(admin, user, verb):
    response = visit.by(admin).post(f"/people/{user.pk}/{verb}/")

    assert response.status_code == 404


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_somebody_who_does_not_exist_is_not_found(admin, number):
    response = visit.by(admin).post(f"/people/{number}/disable/")

    assert response.status_code == 404

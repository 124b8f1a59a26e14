"""Favourites and sets of roles."""

import pytest

from kernel.refusal import Refused
from requests_app.models import Favourite, RoleSet, RoleSetLine
from requests_app.operations import offers
from tests import make, seen

pytestmark = pytest.mark.postgres


def refused(call, *args, **kwargs):
    """Why this is refused."""
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.codes


def test_a_favourite_is_kept_once_and_taken_away(user):
    eligibility, act = make.eligibility(of=user), make.act(by=user)

    for _ in range(2):
        offers.mark(act, eligibility, is_favourite=True)

    assert list(Favourite.objects.values_list("user", "role", "scope")) == [
        (user.pk, eligibility.role_id, eligibility.scope_id)
    ]
    offers.mark(act, eligibility, is_favourite=False)
    assert (Favourite.objects.count(), seen.events()) == (0, [])


def test_nobody_marks_what_they_are_not_eligible_for(user, stranger):
    eligibility = make.eligibility(of=user)

    assert refused(offers.mark, make.act(by=stranger), eligibility, is_favourite=True) == ("not_eligible",)


def test_a_set_of_the_same_name_is_replaced(user):
    first, second = make.eligibility(of=user), make.eligibility(of=user, role=make.role(name="Teams Reader"))
    act = make.act(by=user)
    offers.save_set(act, [first], name="Monday patching")

    kept = offers.save_set(act, [second, second], name=" Monday patching ")

    assert list(RoleSet.objects.all()) == [kept]
    assert [line.role for line in kept.lines.all()] == [second.role]


@pytest.mark.parametrize(("name", "code"), [("  ", "no_name"), ("x" * 81, "long_name")])
def test_a_set_has_a_name(user, name, code):
    eligibility = make.eligibility(of=user)

    assert refused(offers.save_set, make.act(by=user), [eligibility], name=name) == (code,)


def test_a_set_holds_something_one_is_eligible_for(user, stranger):
    theirs = make.eligibility(of=stranger)

    assert refused(offers.save_set, make.act(by=user), [], name="Mine") == ("empty",)
    assert refused(offers.save_set, make.act(by=user), [theirs], name="Mine") == ("not_eligible",)
    assert RoleSet.objects.count() == 0


def test_nobody_has_more_than_thirty_sets_but_may_replace_one(user):
    eligibility, act = make.eligibility(of=user), make.act(by=user)
    for number in range(30):
        offers.save_set(act, [eligibility], name=f"Set {number}")

    codes = refused(offers.save_set, act, [eligibility], name="One more")

    assert codes == ("many_sets",)
    offers.save_set(act, [eligibility], name="Set 7")
    assert RoleSet.objects.count() == 30


def test_a_set_is_deleted_by_its_owner_only(user, stranger):
    kept = offers.save_set(make.act(by=user), [make.eligibility(of=user)], name="Mine")

    assert refused(offers.delete_set, make.act(by=stranger), kept) == ("not_yours",)
    offers.delete_set(make.act(by=user), kept)
    assert (RoleSet.objects.count(), RoleSetLine.objects.count()) == (0, 0)

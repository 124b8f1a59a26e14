"""People, groups and one-time codes, as the database keeps them."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Group, Membership, OneTimeCode, User
from kernel.period import HOUR
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_there_is_one_person_for_an_email_whatever_its_case(user):
    double = User(email="USER@example.com", display_name="Impostor", created_at=NINE)

    with pytest.raises(IntegrityError, match="one_person_per_email"), transaction.atomic():
        double.save()


@pytest.mark.parametrize("typed", ["user@example.com", "USER@Example.com", "  user@example.com "])
def test_people_are_found_by_email_whatever_its_case(typed, user):
    assert User.objects.get_by_natural_key(typed) == user


@pytest.mark.parametrize("typed", ["", None, "nobody@example.com", "user"])
def test_nobody_is_found_by_another_email(typed, user):
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(typed)


def test_people_are_found_by_name_email_and_job_title(user, stranger):
    assert [list(User.objects.named(text)) for text in ("john", "user@", "collaboration", "nobody")] == [
        [user], [user], [user], [],
    ]  # fmt: skip


def test_somebody_is_once_in_a_group(user):
    team = make.group(members=(user,))

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(group=team, user=user, added_at=NINE)


def test_two_groups_never_have_the_same_name():
    make.group(name="Night shift")

    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(name="Night shift")


@pytest.mark.parametrize(
    ("changed", "at", "usable"),
    [
        ({}, NINE, True),
        ({}, NINE + 24 * HOUR - MICROSECOND, True),
        ({}, NINE + 24 * HOUR, False),
        ({"used_at": NINE}, NINE, False),
        ({"tries": 4}, NINE, True),
        ({"tries": 5}, NINE, False),
    ],
)
def test_a_code_opens_until_it_is_used_out_of_time_or_guessed_at_too_often(changed, at, usable, user):
    code = make.permit(of=user)
    OneTimeCode.objects.filter(pk=code.pk).update(**changed) if changed else None

    assert OneTimeCode.objects.usable(at).exists() == usable


def test_nobody_is_a_superuser(user):
    assert not hasattr(user, "is_superuser")
    assert not hasattr(user, "is_staff")

"""Sign-in by email and password."""

import pytest

from accounts.backends import PasswordBackend
from accounts.operations import people
from tests import make


@pytest.mark.parametrize("email", ["user@example.com", "USER@example.com"])
def test_the_right_password_lets_one_in(email, user):
    assert PasswordBackend().authenticate(None, username=email, password=make.PASSWORD) == user


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("user@example.com", "wrong"),
        ("user@example.com", ""),
        ("user@example.com", None),
        ("nobody@example.com", make.PASSWORD),
        (None, None),
    ],
)
def test_nothing_else_does(email, password, user):
    assert PasswordBackend().authenticate(None, username=email, password=password) is None


def test_who_was_only_added_has_no_password_to_sign_in_with(db):
    people.add(make.act(), address="new@example.com", name="Nora New")

    assert PasswordBackend().authenticate(None, username="new@example.com", password="") is None


def test_who_is_disabled_stays_out_and_their_session_ends(user):
    assert PasswordBackend().get_user(user.pk) == user

    people.disable(make.act(), user)

    assert PasswordBackend().authenticate(None, username=user.email, password=make.PASSWORD) is None
    assert PasswordBackend().get_user(user.pk) is None

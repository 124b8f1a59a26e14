"""Telling the history who came in, who did not, and who left."""

from accounts.operations import sign_in
from tests import make, seen


def test_coming_and_going_is_told(user):
    sign_in.succeeded(make.act(by=user, proven=False))
    sign_in.ended(make.act(by=user))

    came, left = seen.entries()
    assert (came.kind, left.kind) == ("person.signed_in", "person.signed_out")
    assert {(entry.actor_id, entry.person_id, entry.ip) for entry in (came, left)} == {
        (user.pk, user.pk, "203.0.113.7")
    }


def test_a_wrong_password_is_told_of_the_person_it_was_tried_on(user):
    sign_in.failed(make.act(), address=" USER@example.com ")

    (entry,) = seen.entries()
    assert (entry.kind, entry.outcome, entry.actor_id) == ("person.sign_in_failed", "refused", None)
    assert (entry.person_id, entry.facts) == (user.pk, {"email": "USER@example.com"})


def test_an_email_nobody_has_is_told_as_it_was_typed_and_cut(db):
    sign_in.failed(make.act(), address="x" * 1000)

    (entry,) = seen.entries()
    assert (entry.person_id, entry.person_name, entry.facts) == (None, "", {"email": "x" * 254})

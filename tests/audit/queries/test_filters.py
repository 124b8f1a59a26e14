"""Which entries fit what somebody wants to see."""

import pytest

from accounts.events import SignedIn, SignedOut
from audit.events import About
from audit.log import record
from audit.models import Entry
from audit.queries import pages
from audit.queries.filters import Filters, filtered, parts
from kernel.period import DAY
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def tell(*, at=NINE, kind=SignedIn, by=None, role="", person="", scope="", person_id=None, role_id=None, **told):
    about = About(role_name=role, person_name=person, scope_name=scope, person_id=person_id, role_id=role_id)
    return record(make.act(by=by, at=at), kind(**told), about=about)


def fitting(**wanted):
    """What a file of it holds; its page, which is read in parts, holds the same."""
    filters = Filters(**wanted)
    found = list(filtered(Entry.objects.all(), filters))
    assert pages.page(parts([Entry.objects.all()], filters)).entries == found
    assert pages.counted(parts([Entry.objects.all()], filters)).split()[0] == str(len(found))
    return found


def test_without_filters_everything_is_shown():
    first, second = tell(), tell(at=NINE - 500 * DAY)

    assert fitting() == [first, second]


def test_one_kind_or_several_can_be_chosen():
    came = tell()
    left = tell(kind=SignedOut, at=NINE - DAY)

    assert fitting(kinds=("person.signed_out",)) == [left]
    assert fitting(kinds=("person.signed_out", "person.signed_in")) == [came, left]


def test_a_span_includes_its_start_and_not_its_end():
    tell(at=NINE - MICROSECOND)
    begun = tell(at=NINE)
    last = tell(at=NINE + DAY - MICROSECOND)
    tell(at=NINE + DAY)

    assert fitting(start=NINE, end=NINE + DAY) == [last, begun]


@pytest.mark.parametrize(
    ("said", "told"), [("person", {"person": "Nora Needle"}), ("role", {"role": "Needle Administrator"}),
                       ("scope", {"scope": "The needles"})]
)  # fmt: skip
def test_person_role_and_scope_are_found_by_part_of_their_name_and_nowhere_else(said, told):
    tell(because="needle")
    found = tell(**told)

    assert fitting(**{said: "needle"}) == [found]


def test_the_actor_is_found_by_part_of_their_name_and_nowhere_else(user):
    tell(person=user.name)
    found = tell(by=user)

    assert fitting(actor="ohn d") == [found]


def test_what_was_tried_in_vain_is_told_from_what_was_done():
    done = tell()
    refused = tell(outcome="refused", at=NINE - DAY)

    assert (fitting(is_refused=True), fitting(is_refused=False), len(fitting())) == ([refused], [done], 2)


def test_a_person_by_number_is_what_they_did_and_what_was_done_to_them(user, stranger):
    did = tell(by=user)
    had_done = tell(person_id=user.pk, at=NINE - DAY)
    tell(by=stranger, person_id=stranger.pk)

    assert fitting(person_id=user.pk)[:2] == [did, had_done]
    assert {entry.actor_id == user.pk or entry.person_id == user.pk for entry in fitting(person_id=user.pk)} == {True}


def test_a_role_by_number_is_that_role_whatever_it_was_called():
    old, new = tell(role="Old name", role_id=7), tell(role="New name", role_id=7, at=NINE - DAY)
    tell(role="Old name", role_id=8)

    assert fitting(role_id=7) == [old, new]


def test_filters_add_up():
    tell(role="Teams Administrator")
    tell(kind=SignedOut, role="Exchange Administrator")
    both = tell(kind=SignedOut, role="Teams Administrator", because="On call")

    assert fitting(kinds=("person.signed_out",), role="teams", text="call", start=NINE) == [both]

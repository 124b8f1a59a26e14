"""A table of moves."""

import pytest

from kernel.lifecycle import Lifecycle

DOOR = Lifecycle(start="open", moves={"open": {"shut"}, "shut": {"open", "locked"}, "locked": set()})


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [("open", "shut", True), ("shut", "locked", True), ("open", "locked", False), ("locked", "open", False)],
)
def test_only_the_moves_of_the_table_are_allowed(before, after, allowed):
    assert DOOR.allows(before, after) == allowed


def test_a_status_that_is_not_in_the_table_is_an_error():
    with pytest.raises(KeyError):
        DOOR.allows("ajar", "open")


@pytest.mark.parametrize(("after", "before"), [("shut", ("open",)), ("open", ("shut",)), ("ajar", ())])
def test_the_statuses_before_one_are_those_that_lead_to_it(after, before):
    assert DOOR.before(after) == before


def test_what_has_no_way_out_is_final():
    assert DOOR.final == ("locked",)

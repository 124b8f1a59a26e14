"""Short sequences played by hand, through the machine that plays any: each leads to where chance seldom comes."""

from typing import Any

import pytest

from kernel.period import HOUR, MINUTE
from tests.requests_app.test_any_sequence import AnySequence

SEQUENCES: dict[str, list[tuple[Any, ...]]] = {
    "what waits lapses when its ground is gone": [
        ("ask", "john", "guarded", 0, 1, None),
        ("remove_eligibility", 0),
        ("a_while_passes", 1, True),
    ],
    "what nobody decided in time is asked for anew": [
        ("ask", "john", "guarded", 0, 1, None),
        ("half_a_day_passes", 12),
        ("a_while_passes", 1, True),
        ("it_is_the_moment", False),
        ("decide", 0, "alva", "approve"),
        ("cancel", 0),
        ("ask", "john", "guarded", 0, 1, None),
    ],
    "nothing lasts longer than the eligibility": [
        ("ask", "john", "free", 0, 8, None),
        ("a_while_passes", 240, False),
        ("extend", 0, 8),
        ("it_is_the_moment", False),
        ("a_while_passes", 1, True),
    ],
    "what begins shortly before the end of the eligibility ends with it": [
        ("a_while_passes", 540, False),
        ("ask", "john", "free", 0, 4, None),
        ("it_is_the_moment", False),
        ("a_while_passes", 1, True),
    ],
    "who leaves the team keeps what is theirs": [
        ("ask", "jane", "free", 0, 8, None),
        ("ask", "jane", "guarded", 0, 1, None),
        ("join_or_leave", "jane"),
        ("a_while_passes", 1, True),
        ("join_or_leave", "jane"),
        ("a_while_passes", 1, True),
    ],
    "who leaves the team loses what came through it": [
        ("join_or_leave", "john"),
        ("ask", "john", "free", 1, 8, None),
        ("join_or_leave", "john"),
        ("a_while_passes", 1, True),
    ],
    "a role is held once, whichever eligibility it came from": [
        ("join_or_leave", "john"),
        ("ask", "john", "free", 1, 4, None),
        ("ask", "john", "free", 0, 4, None),
        ("ask", "john", "guarded", 1, 4, None),
        ("ask", "john", "guarded", 0, 4, None),
        ("decide", 0, "alva", "approve"),
        ("a_while_passes", 1, True),
    ],
    "removing one eligibility leaves the others": [
        ("join_or_leave", "john"),
        ("ask", "john", "free", 1, 4, None),
        ("ask", "jane", "free", 0, 4, None),
        ("remove_eligibility", 0),
        ("a_while_passes", 1, True),
    ],
    "what was called off is in nobody's way": [
        ("ask", "john", "free", 0, 1, HOUR),
        ("deactivate", 0),
        ("ask", "john", "free", 0, 8, None),
        ("a_while_passes", 60, True),
    ],
    "what is scheduled begins by itself": [
        ("ask", "john", "free", 0, 1, 5 * MINUTE),
        ("it_is_the_moment", False),
        ("a_while_passes", 1, True),
        ("a_while_passes", 60, True),
    ],
    "what begins where another ends stands": [
        ("ask", "john", "free", 0, 1, None),
        ("ask", "john", "free", 0, 4, HOUR),
        ("extend", 1, 8),
        ("a_while_passes", 240, True),
    ],
    "what is scheduled is in the way of what would last into it": [
        ("ask", "john", "free", 0, 4, HOUR),
        ("ask", "john", "free", 0, 1, None),
        ("a_while_passes", 1, True),
    ],
    "nothing begins at the end of the eligibility": [
        ("a_while_passes", 540, False),
        ("ask", "john", "free", 0, 1, HOUR),
    ],
    "what was approved first is in the way of the other": [
        ("ask", "john", "guarded", 0, 4, HOUR),
        ("decide", 0, "alva", "approve"),
        ("ask", "john", "guarded", 0, 1, None),
        ("a_while_passes", 29, True),
        ("decide", 0, "ben", "approve"),
    ],
    "an extension outlives nothing that was deactivated": [
        ("ask", "john", "guarded", 0, 1, None),
        ("decide", 0, "alva", "approve"),
        ("a_while_passes", 5, True),
        ("extend", 0, 8),
        ("deactivate", 0),
        ("decide", 0, "ben", "approve"),
        ("a_while_passes", 1, True),
        ("extend", 0, 8),
    ],
    "an extension nobody decided ends with its activation": [
        ("ask", "john", "guarded", 0, 1, None),
        ("decide", 0, "alva", "approve"),
        ("extend", 0, 8),
        ("it_is_the_moment", False),
        ("a_while_passes", 1, True),
    ],
    "an approved extension lasts from then": [
        ("ask", "john", "guarded", 0, 8, None),
        ("decide", 0, "alva", "approve"),
        ("a_while_passes", 5, True),
        ("extend", 0, 8),
        ("decide", 0, "ben", "approve"),
        ("a_while_passes", 1, True),
    ],
    "an extension of what is over is in nobody's way": [
        ("ask", "john", "guarded", 0, 8, None),
        ("decide", 0, "alva", "approve"),
        ("a_while_passes", 29, True),
        ("extend", 0, 8),
        ("deactivate", 0),
        ("ask", "john", "guarded", 0, 1, None),
        ("a_while_passes", 1, True),
    ],
    "a new eligibility is asked for while the old one's request waits": [
        ("ask", "jane", "guarded", 0, 8, None),
        ("decide", 0, "alva", "approve"),
        ("half_a_day_passes", 9),
        ("ask", "jane", "guarded", 0, 4, None),
        ("remove_eligibility", 0),
        ("make_eligible", "jane", "guarded", 400),
        ("ask", "jane", "guarded", 0, 4, None),
        ("a_while_passes", 1, True),
    ],
    "nobody approves for themself": [
        ("ask", "jane", "guarded", 0, 1, None),
        ("decide", 0, "john", "approve"),
    ],
    "what is younger than five minutes is not deactivated": [
        ("ask", "john", "free", 0, 1, None),
        ("a_while_passes", 1, False),
        ("deactivate", 0),
        ("a_while_passes", 4, False),
        ("deactivate", 0),
        ("a_while_passes", 1, True),
        ("revoke", 0),
    ],
    "an extension is warned of again": [
        ("ask", "john", "free", 0, 1, None),
        ("a_while_passes", 45, True),
        ("extend", 0, 8),
        ("a_while_passes", 465, True),
        ("a_while_passes", 1, True),
    ],
    "nobody is reminded of what lapsed": [
        ("ask", "john", "guarded", 0, 1, None),
        ("remove_eligibility", 0),
        ("half_a_day_passes", 12),
    ],
    "the time to decide ends with the eligibility": [
        ("a_while_passes", 540, True),
        ("ask", "jane", "guarded", 0, 1, None),
        ("it_is_the_moment", True),
    ],
    "what has no ground is not approved": [
        ("ask", "john", "guarded", 0, 1, None),
        ("remove_eligibility", 0),
        ("decide", 0, "alva", "approve"),
    ],
    "an extension that adds nothing is refused": [
        ("ask", "john", "free", 0, 8, None),
        ("extend", 0, 8),
    ],
    "at its end it is over": [
        ("ask", "john", "free", 0, 1, None),
        ("it_is_the_moment", False),
        ("a_while_passes", 1, True),
    ],
    "extending clears what has lost its ground": [
        ("join_or_leave", "john"),
        ("ask", "john", "guarded", 1, 1, None),
        ("decide", 0, "alva", "approve"),
        ("ask", "john", "guarded", 0, 1, HOUR),
        ("join_or_leave", "john"),
        ("extend", 0, 8),
        ("a_while_passes", 1, True),
    ],
    "at its last moment it is over whoever looks": [
        ("a_while_passes", 540, True),
        ("ask", "jane", "guarded", 0, 1, None),
        ("it_is_the_moment", False),
        ("a_while_passes", 1, True),
    ],
    "what lasts less than the warning is not warned of": [
        ("a_while_passes", 585, False),
        ("ask", "john", "free", 0, 1, None),
        ("a_while_passes", 1, True),
    ],
}
"""What is done, one after the other: the name of a rule of the machine, and what it is given."""


@pytest.mark.django_db
@pytest.mark.parametrize("name", SEQUENCES)
def test_the_rules_hold_after_each_step(name: str) -> None:
    machine = AnySequence()
    try:
        machine.begin()
        for rule, *given in SEQUENCES[name]:
            getattr(machine, rule)(*given)
            machine.active_is_who_the_rules_say()
            machine.the_history_tells_all_of_it_and_nothing_else()
            machine.the_emails_owed_are_those_written()
    finally:
        machine.teardown()

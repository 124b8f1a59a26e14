"""Who is meant by a line that somebody typed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.operations.people import disable
from roles.queries import principals
from roles.terms import MANAGER, ApproverKind, Named
from tests import make
from tests.make import THE_DAY_BEFORE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

ALVA = Named(ApproverKind.USER, "approver@example.com")
SHIFT = Named(ApproverKind.GROUP, "Night shift")
ADVICE = "Write an email, a full name, a group's name, or manager."


def meant(*lines):
    found = principals.read(list(lines))
    return sorted(found.named), found.sentences


@pytest.mark.parametrize(
    "line",
    [
        "approver@example.com",
        "APPROVER@example.com",
        "Alva Approver",
        "alva approver",
        "Alva Approver (approver@example.com)",
        "Alva Approver <approver@example.com>",
    ],
)
def test_a_person_is_meant_by_email_or_by_name(approver, line):
    assert meant(line) == ([ALVA], [])


@pytest.mark.parametrize("line", ["Night shift", "night SHIFT", "Night shift (group)"])
def test_a_group_is_meant_by_name(line):
    make.group(name="Night shift")

    assert meant(line) == ([SHIFT], [])


@pytest.mark.parametrize("line", ["manager", "Manager", "manager of whoever asks"])
def test_the_manager_is_meant_by_that_word(line):
    assert meant(line) == ([MANAGER], [])


def test_a_name_in_another_script_is_found_as_it_stands(db):
    make.user(name="Ömer Ünal", email="omer@example.com")

    assert meant("Ömer Ünal") == ([Named(ApproverKind.USER, "omer@example.com")], [])


def test_the_same_one_named_twice_is_named_once(approver):
    assert meant("approver@example.com", "Alva Approver") == ([ALVA], [])


@pytest.mark.parametrize("one", [ALVA, SHIFT, MANAGER, Named(ApproverKind.GROUP, "manager")])
def test_what_is_written_means_the_same_again(approver, one):
    make.group(name="Night shift")
    make.group(name="manager")

    assert meant(principals.written(one)) == ([one], [])


def test_a_name_that_two_people_or_a_person_and_a_group_have_means_neither(db):
    make.user(name="Kim Lee", email="kim@example.com")
    make.user(name="Kim Lee", email="lee@example.com")
    make.user(name="Night shift", email="shift@example.com")
    make.group(name="Night shift")

    assert meant("Kim Lee", "Night shift") == (
        [],
        [
            "“Kim Lee” may be Kim Lee (kim@example.com) or Kim Lee (lee@example.com). Write which.",
            "“Night shift” may be Night shift (shift@example.com) or Night shift (group). Write which.",
        ],
    )
    assert meant("Night shift (group)", "Night shift (shift@example.com)", "Kim Lee (lee@example.com)")[1] == []


def test_of_two_people_with_one_name_the_enabled_one_is_meant(db):
    gone = make.user(name="Kim Lee", email="kim@example.com")
    make.user(name="Kim Lee", email="lee@example.com")
    disable(make.act(at=THE_DAY_BEFORE), gone)

    assert meant("Kim Lee") == ([Named(ApproverKind.USER, "lee@example.com")], [])


def test_who_is_disabled_or_kept_for_emergencies_is_refused(approver, other_approver):
    disable(make.act(at=THE_DAY_BEFORE), approver)
    other_approver.is_break_glass = True
    other_approver.save()

    assert meant("Alva Approver", "second.approver@example.com") == (
        [],
        [
            "Alva Approver (approver@example.com) is disabled. Name somebody else.",
            "Ben Second (second.approver@example.com) is a break-glass account. It never approves.",
        ],
    )


@pytest.mark.parametrize(
    ("line", "suggested"),
    [
        ("Alva", "Alva Approver (approver@example.com)"),
        ("Alva Aprover", "Alva Approver (approver@example.com)"),
        ("aprover@example.com", "Alva Approver (approver@example.com)"),
        ("approver@example.org", "Alva Approver (approver@example.com)"),
        ("Nigt shift", "Night shift (group)"),
        ("Night shifts (group)", "Night shift (group)"),
        ("second.approver", "Ben Second (second.approver@example.com)"),
    ],
)
def test_for_a_line_that_means_nobody_the_likeliest_are_suggested(approver, other_approver, line, suggested):
    make.group(name="Night shift")

    assert meant(line) == ([], [f"“{line}” is not known. Did you mean {suggested}?"])


def test_at_most_three_are_suggested_the_likeliest_first(db):
    for number in range(5):
        make.user(name=f"Kim Lee {number}", email=f"kim{number}@example.com")

    (sentence,) = meant("Kim Lee")[1]

    assert sentence == (
        "“Kim Lee” is not known. Did you mean Kim Lee 0 (kim0@example.com), Kim Lee 1 (kim1@example.com) "
        "or Kim Lee 2 (kim2@example.com)?"
    )


@pytest.mark.parametrize("line", ["%", "_", "Zzyzx", "💥", "(group)", "@", "x" * 40_000])
def test_where_nobody_is_like_it_the_sentence_says_what_to_write(approver, line):
    assert meant(line) == ([], [f"“{line[:60]}” is not known. {ADVICE}"])


def test_who_could_not_approve_is_not_suggested(approver, other_approver):
    disable(make.act(at=THE_DAY_BEFORE), approver)
    other_approver.is_break_glass = True
    other_approver.save()

    assert meant("Alva", "Ben") == ([], [f"“{name}” is not known. {ADVICE}" for name in ("Alva", "Ben")])


def test_many_lines_cost_as_many_queries_as_one(approver):
    counts = []

    for lines in (["Alva Approver", "x"], [f"nobody{number}" for number in range(100)] + ["approver@example.com"]):
        with CaptureQueriesContext(connection) as captured:
            principals.read(lines)
        counts.append(len(captured))

    assert counts == [4, 4]

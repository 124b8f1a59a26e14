"""The rules for assigning a role and for its settings, one by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.act import Act, Proof
from accounts.models import User
from kernel.period import DAY, HOUR, MINUTE
from roles import policy
from roles.policy import EXPIRY_CHOICES, WARNING_CHOICES, GrantAsk, assess_grant, assess_settings
from roles.terms import (
    CELLS,
    DEFAULTS,
    MANAGER,
    ActivationTerms,
    ApprovalTerms,
    ApproverKind,
    GrantTerms,
    Named,
    Notice,
    Notices,
    SecondFactor,
    Settings,
    Stage,
)
from tests.make import MICROSECOND, NINE

ACT = Act(None, NINE)
FREE = GrantTerms(permanent_allowed=True, max_duration=30 * DAY)
STRICT = GrantTerms(permanent_allowed=False, max_duration=30 * DAY)
CAREFUL = GrantTerms(needs_second_factor=True, needs_justification=True)
ADA = User(display_name="Ada Admin")
ASK = GrantAsk(start_at=NINE, end_at=NINE + 30 * DAY)


def told(refusal):
    return refusal and (refusal.code, refusal.field)


@pytest.mark.parametrize(
    ("start_at", "is_refused"),
    [
        (NINE, False),
        (NINE + 365 * DAY, False),
        (NINE - 15 * MINUTE, False),
        (NINE - 15 * MINUTE - MICROSECOND, True),
        (NINE - DAY, True),
    ],
)
def test_an_assignment_starts_now_or_later(start_at, is_refused):
    refusal = policy.starts_now_or_later(FREE, replace(ASK, start_at=start_at), ACT)

    assert told(refusal) == (("start_past", "start_at") if is_refused else None)


@pytest.mark.parametrize(
    ("end_at", "is_refused"),
    [
        (None, False),
        (NINE + 5 * MINUTE, False),
        (NINE + 5 * MINUTE - MICROSECOND, True),
        (NINE, True),
        (NINE - DAY, True),
    ],
)
def test_an_assignment_lasts_five_minutes_at_least(end_at, is_refused):
    refusal = policy.ends_after_start(FREE, replace(ASK, end_at=end_at), ACT)

    assert told(refusal) == (("too_short", "end_at") if is_refused else None)


def test_an_assignment_that_began_a_little_earlier_still_lasts_five_minutes_from_now():
    ask = replace(ASK, start_at=NINE - 14 * MINUTE, end_at=NINE + 4 * MINUTE)

    refusal = policy.ends_after_start(FREE, ask, ACT)

    assert told(refusal) == ("too_short", "end_at")


@pytest.mark.parametrize(
    ("terms", "end_at", "is_refused"),
    [(FREE, None, False), (STRICT, None, True), (STRICT, NINE + DAY, False), (FREE, NINE + DAY, False)],
)
def test_permanent_is_only_where_it_is_allowed(terms, end_at, is_refused):
    refusal = policy.permanent_only_where_allowed(terms, replace(ASK, end_at=end_at), ACT)

    assert told(refusal) == (("permanent", "end_at") if is_refused else None)


@pytest.mark.parametrize(
    ("terms", "end_at", "is_refused"),
    [
        (STRICT, NINE + 30 * DAY, False),
        (STRICT, NINE + 30 * DAY + MICROSECOND, True),
        (STRICT, None, False),
        (FREE, NINE + 3650 * DAY, False),
    ],
)
def test_where_permanent_is_not_allowed_nothing_is_longer_than_the_cap(terms, end_at, is_refused):
    refusal = policy.not_longer_than_allowed(terms, replace(ASK, end_at=end_at), ACT)

    assert told(refusal) == (("too_long", "end_at") if is_refused else None)


@pytest.mark.parametrize(
    ("start_at", "end_at", "field"),
    [
        (NINE + 3650 * DAY, None, None),
        (NINE, NINE + 3650 * DAY, None),
        (NINE + 3650 * DAY + MICROSECOND, None, "start_at"),
        (NINE, NINE + 3650 * DAY + MICROSECOND, "end_at"),
    ],
)
def test_nobody_plans_further_than_ten_years(start_at, end_at, field):
    refusal = policy.within_ten_years(FREE, GrantAsk(start_at, end_at), ACT)

    assert told(refusal) == (field and ("too_far", field))


def test_the_refusals_name_the_longest_that_is_allowed():
    permanent = policy.permanent_only_where_allowed(STRICT, replace(ASK, end_at=None), ACT)
    too_long = policy.not_longer_than_allowed(STRICT, replace(ASK, end_at=NINE + 31 * DAY), ACT)

    assert permanent.sentence == (
        "This role may not be assigned permanently. Choose an end at most 30 days after the start."
    )
    assert too_long.sentence == "That is 1 day too long. This role may be assigned for at most 30 days."


def test_what_is_allowed_is_not_refused():
    assert assess_grant(STRICT, ASK, ACT) == []


def test_every_reason_is_told_at_once():
    past = GrantAsk(start_at=NINE - DAY, end_at=NINE - DAY)
    forever = GrantAsk(start_at=NINE - DAY, end_at=None)
    long = GrantAsk(start_at=NINE - DAY, end_at=NINE + 30 * DAY)

    assert [refusal.code for refusal in assess_grant(STRICT, past, ACT)] == ["start_past", "too_short"]
    assert [refusal.code for refusal in assess_grant(STRICT, forever, ACT)] == ["start_past", "permanent"]
    assert [refusal.code for refusal in assess_grant(STRICT, long, ACT)] == ["start_past", "too_long"]


# --- settings


def settings(**activation):
    return Settings(activation=ActivationTerms(**activation))


def test_every_role_comes_with_the_numbers_of_the_product_we_match():
    assert (
        Settings(
            activation=ActivationTerms(
                max_duration=8 * HOUR,
                second_factor=SecondFactor.SHOWN,
                proof_window=10 * MINUTE,
                needs_justification=True,
                needs_ticket=False,
                needs_approval=False,
                decision_window=24 * HOUR,
                warning=15 * MINUTE,
            ),
            eligible=GrantTerms(permanent_allowed=True, max_duration=365 * DAY),
            active=GrantTerms(permanent_allowed=True, max_duration=180 * DAY, needs_justification=True),
        )
        == DEFAULTS
    )
    assert assess_settings(DEFAULTS) == []


@pytest.mark.parametrize(
    ("max_duration", "is_refused"),
    [
        (30 * MINUTE, False),
        (24 * HOUR, False),
        (90 * MINUTE, False),
        (30 * MINUTE - MICROSECOND, True),
        (0 * HOUR, True),
        (-HOUR, True),
        (24 * HOUR + 30 * MINUTE, True),
        (45 * MINUTE, True),
        (HOUR + timedelta(seconds=1), True),
    ],
)
def test_an_activation_may_last_from_half_an_hour_to_a_day_in_half_hours(max_duration, is_refused):
    refusals = assess_settings(settings(max_duration=max_duration))

    assert [told(refusal) for refusal in refusals] == (
        [("max_duration", "activation_max_duration")] if is_refused else []
    )


@pytest.mark.parametrize(
    ("window", "is_refused"),
    [
        (HOUR, False),
        (168 * HOUR, False),
        (HOUR - MICROSECOND, True),
        (2 * HOUR + 30 * MINUTE, True),
        (168 * HOUR + MICROSECOND, True),
        (0 * HOUR, True),
        (-DAY, True),
    ],
)
def test_deciding_may_take_from_an_hour_to_a_week(window, is_refused):
    refusals = assess_settings(settings(decision_window=window))

    assert [told(refusal) for refusal in refusals] == (
        [("decision_window", "decision_window_duration")] if is_refused else []
    )


@pytest.mark.parametrize(
    ("warning", "maximum", "is_refused"),
    [
        *((choice, 8 * HOUR, False) for choice in WARNING_CHOICES),
        (20 * MINUTE, 8 * HOUR, True),
        (-5 * MINUTE, 8 * HOUR, True),
        (15 * MINUTE, 30 * MINUTE, False),
        (30 * MINUTE, 30 * MINUTE, True),
        (HOUR, HOUR, True),
        (30 * MINUTE, HOUR, False),
    ],
)
def test_the_warning_is_one_of_the_listed_times_and_shorter_than_an_activation_may_be(warning, maximum, is_refused):
    refusals = assess_settings(settings(warning=warning, max_duration=maximum))

    assert [told(refusal) for refusal in refusals] == ([("warning", "warning_duration")] if is_refused else [])


@pytest.mark.parametrize("choice", EXPIRY_CHOICES)
def test_the_listed_expiries_may_be_chosen(choice):
    terms = GrantTerms(max_duration=choice)

    assert assess_settings(replace(DEFAULTS, eligible=terms, active=terms)) == []


@pytest.mark.parametrize("kind", ["eligible", "active"])
@pytest.mark.parametrize("duration", [0 * DAY, 14 * DAY, 366 * DAY, 15 * DAY + MICROSECOND, -15 * DAY])
def test_no_other_expiry_may_be_chosen(kind, duration):
    refusals = assess_settings(replace(DEFAULTS, **{kind: GrantTerms(max_duration=duration)}))

    assert [told(refusal) for refusal in refusals] == [("expiry", f"{kind}_max_duration")]


def test_everything_wrong_with_the_settings_is_told_at_once():
    nonsense = GrantTerms(max_duration=DAY)
    wanted = Settings(
        ActivationTerms(max_duration=DAY + HOUR, decision_window=0 * HOUR), eligible=nonsense, active=nonsense
    )

    assert [refusal.field for refusal in assess_settings(wanted)] == [
        "activation_max_duration", "decision_window_duration", "eligible_max_duration", "active_max_duration",
    ]  # fmt: skip


@pytest.mark.parametrize(("length", "is_refused"), [(0, False), (500, False), (501, True), (-1, True)])
def test_a_justification_may_have_to_be_up_to_500_characters(length, is_refused):
    refusals = assess_settings(settings(justification_min_length=length))

    assert [told(refusal) for refusal in refusals] == (
        [("justification_min_length", "justification_min_length")] if is_refused else []
    )


@pytest.mark.parametrize(
    ("pattern", "is_refused"),
    [("", False), ("INC-[0-9]+", False), ("x" * 200, False), ("x" * 201, True), ("INC-[0-9", True), ("*", True)],
)
def test_a_pattern_of_ticket_numbers_is_a_regular_expression(pattern, is_refused):
    refusals = assess_settings(settings(ticket_pattern=pattern))

    assert [told(refusal) for refusal in refusals] == ([("ticket_pattern", "ticket_pattern")] if is_refused else [])


def approval(*stages, **terms):
    return replace(DEFAULTS, approval=ApprovalTerms(stages, **terms))


def people(count):
    return tuple(Named(ApproverKind.USER, f"p{number}@example.com") for number in range(count))


@pytest.mark.parametrize(
    ("wanted", "reasons"),
    [
        (approval(Stage()), []),
        (approval(Stage(quorum=10), Stage(quorum=10)), []),
        (approval(), [("stages", "second_quorum")]),
        (approval(Stage(), Stage(), Stage()), [("stages", "second_quorum")]),
        (approval(Stage(quorum=0)), [("quorum", "first_quorum")]),
        (approval(Stage(quorum=11)), [("quorum", "first_quorum")]),
        (approval(Stage(), Stage(quorum=0)), [("quorum", "second_quorum")]),
        (approval(Stage(), Stage(quorum=11)), [("quorum", "second_quorum")]),
        (approval(Stage(people(200)), Stage(people(200))), []),
        (approval(Stage(people(201))), [("approvers", "approvers")]),
        (approval(Stage(), Stage(people(201))), [("approvers", "second_approvers")]),
        (approval(Stage(), escalation=people(200), escalation_after=HOUR), []),
        (approval(Stage(), escalation=people(201), escalation_after=HOUR), [("approvers", "escalation")]),
    ],
)
def test_approval_has_one_stage_or_two_that_can_be_met(wanted, reasons):
    assert [told(refusal) for refusal in assess_settings(wanted)] == reasons


@pytest.mark.parametrize(
    ("after", "escalation", "reasons"),
    [
        (None, (), []),
        (MINUTE, (MANAGER,), []),
        (24 * HOUR - MICROSECOND, (MANAGER,), []),
        (24 * HOUR, (MANAGER,), [("escalation_after", "escalation_after_duration")]),
        (MINUTE - MICROSECOND, (MANAGER,), [("escalation_after", "escalation_after_duration")]),
        (HOUR, (), [("escalation", "escalation")]),
        (None, (MANAGER,), [("escalation", "escalation")]),
    ],
)
def test_escalation_comes_before_the_time_to_decide_is_over_and_to_somebody(after, escalation, reasons):
    refusals = assess_settings(approval(Stage(), escalation_after=after, escalation=escalation))

    assert [told(refusal) for refusal in refusals] == reasons


LONGEST = f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 60}.example"


@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        (("ops@example.com",), None),
        (tuple(f"ops{number}@example.com" for number in range(20)), None),
        (tuple(f"ops{number}@example.com" for number in range(21)), "addresses"),
        (("ops",), "address"),
        (("",), "address"),
        ((f"{'a' * 3}{LONGEST}",), None),
        ((f"{'a' * 4}{LONGEST}{'m' * 60}",), "address"),
    ],
)
@pytest.mark.parametrize("cell", CELLS[:-1])
def test_emails_go_to_addresses(cell, addresses, code):
    cells = tuple(Notice(addresses=addresses) if each == cell else Notice() for each in CELLS)

    refusals = assess_settings(replace(DEFAULTS, notices=Notices(cells)))

    assert [told(refusal) for refusal in refusals] == ([(code, f"{cell[0]}_{cell[1]}_addresses")] if code else [])


def test_only_those_who_may_approve_are_asked_to_approve():
    cells = (*(Notice() for _ in CELLS[:-1]), Notice(addresses=("ops@example.com",)))

    refusals = assess_settings(replace(DEFAULTS, notices=Notices(cells)))

    assert [told(refusal) for refusal in refusals] == [("only_approvers", "activation_approvers_addresses")]


# --- who assigns


@pytest.mark.parametrize(
    ("terms", "act", "is_refused"),
    [
        (FREE, Act(ADA, NINE), False),
        (CAREFUL, Act(None, NINE), False),
        (CAREFUL, Act(ADA, NINE), True),
        (CAREFUL, Act(ADA, NINE, proof=Proof("totp", "Phone", NINE - 10 * MINUTE + MICROSECOND)), False),
        (CAREFUL, Act(ADA, NINE, proof=Proof("totp", "Phone", NINE - 10 * MINUTE)), True),
    ],
)
def test_whoever_assigns_may_have_to_show_a_second_factor(terms, act, is_refused):
    refusal = policy.second_factor_of_assigner(terms, ASK, act)

    assert told(refusal) == (("second_factor", None) if is_refused else None)


@pytest.mark.parametrize(
    ("terms", "justification", "is_refused"), [(FREE, "", False), (CAREFUL, "On call", False), (CAREFUL, " ", True)]
)
def test_whoever_assigns_may_have_to_say_why(terms, justification, is_refused):
    refusal = policy.justification_of_assigner(terms, replace(ASK, justification=justification), ACT)

    assert told(refusal) == (("justification", "justification") if is_refused else None)


# --- enough approvers


@pytest.mark.parametrize(
    ("stages", "quorums", "is_enough"),
    [
        ([set()], [1], False),
        ([{1}], [1], True),
        ([{1}], [2], False),
        ([{1, 2}], [2], True),
        ([{1}, {1}], [1, 1], False),
        ([{1}, {2}], [1, 1], True),
        ([{1, 2}, {1, 2}], [1, 1], True),
        ([{1, 2}, {1, 2}], [2, 1], False),
        ([{1, 2, 3}, {1}], [2, 1], True),
        ([{1, 2}, set()], [1, 1], False),
    ],
)
def test_each_stage_finds_its_approvers_and_nobody_decides_twice(stages, quorums, is_enough):
    assert policy.enough(stages, quorums) == is_enough

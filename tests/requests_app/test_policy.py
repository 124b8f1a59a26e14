"""The rules for activating a role, one by one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from accounts.act import Act, Proof
from kernel.period import DAY, HOUR, MINUTE
from requests_app import policy
from requests_app.policy import ActivationAsk, assess, assess_again
from roles.terms import ActivationTerms, ApprovalTerms, SecondFactor
from tests.make import EASY, MICROSECOND, NINE

TERMS = ActivationTerms(max_duration=2 * HOUR)
ASK = ActivationAsk(duration=HOUR, justification="Mailbox migration")
SECOND = timedelta(seconds=1)


def act(*, shown_at: datetime | None = NINE) -> Act:
    """Nobody in particular, at nine; the second factor was shown then, or never."""
    return Act(None, NINE, proof=Proof("totp", "Phone", shown_at) if shown_at else None)


def test_what_the_terms_ask_for_is_enough():
    assert assess(TERMS, ASK, act()) == []


@pytest.mark.parametrize(
    ("shown_at", "code"),
    [
        (NINE, None),
        (NINE - 10 * MINUTE + MICROSECOND, None),
        (NINE - 10 * MINUTE, "second_factor"),
        (NINE - DAY, "second_factor"),
        (NINE + MICROSECOND, "second_factor"),
        (None, "second_factor"),
    ],
)
def test_the_second_factor_has_to_be_shown_within_ten_minutes_before(shown_at, code):
    refusal = policy.second_factor(TERMS, ASK, act(shown_at=shown_at))

    assert (refusal.code if refusal else None) == code


def test_a_shorter_window_asks_for_a_fresher_proof():
    short = replace(TERMS, proof_window=MINUTE)

    assert policy.second_factor(short, ASK, act(shown_at=NINE - 59 * SECOND)) is None
    assert policy.needs_fresh_proof(short, act(shown_at=NINE - MINUTE))


def test_no_second_factor_is_needed_where_the_terms_ask_for_none():
    assert policy.second_factor(replace(TERMS, second_factor=SecondFactor.NONE), ASK, act(shown_at=None)) is None


@pytest.mark.parametrize(
    ("duration", "code"),
    [
        (2 * HOUR, None),
        (2 * HOUR + MINUTE, "too_long"),
        (2 * HOUR + MICROSECOND, "too_long"),
        (5 * MINUTE, None),
        (5 * MINUTE - MICROSECOND, "too_short"),
        (0 * MINUTE, "too_short"),
        (-HOUR, "too_short"),
        (90 * MINUTE, None),
        (90 * MINUTE + SECOND, "not_minutes"),
    ],
)
def test_the_duration_lies_between_five_minutes_and_the_maximum_in_whole_minutes(duration, code):
    refusal = policy.duration(TERMS, replace(ASK, duration=duration), act())

    assert (refusal and (refusal.code, refusal.field)) == (code and (code, "duration"))


@pytest.mark.parametrize(
    ("start_at", "code"),
    [
        (None, None),
        (NINE, None),
        (NINE - 15 * MINUTE, None),
        (NINE - 15 * MINUTE - MICROSECOND, "start_past"),
        (NINE - DAY, "start_past"),
        (NINE + 30 * DAY, None),
        (NINE + 30 * DAY + MICROSECOND, "start_far"),
    ],
)
def test_the_start_is_now_or_within_thirty_days(start_at, code):
    refusal = policy.start(TERMS, replace(ASK, start_at=start_at), act())

    assert (refusal and (refusal.code, refusal.field)) == (code and (code, "start_at"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("On call", None),
        ("", "justification"),
        (" \n\t", "justification"),
        ("x" * 2000, None),
        ("x" * 2001, "justification_long"),
    ],
)
def test_a_reason_is_given_and_not_a_novel(text, code):
    refusal = policy.justification(TERMS, replace(ASK, justification=text), act())

    assert (refusal and (refusal.code, refusal.field)) == (code and (code, "justification"))


@pytest.mark.parametrize(("text", "code"), [("", None), ("x" * 2001, "justification_long")])
def test_where_no_reason_is_asked_for_one_may_be_given_but_still_not_a_novel(text, code):
    refusal = policy.justification(EASY, replace(ASK, justification=text), act())

    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("x" * 20, None), ("x" * 19, "justification_short"), (f" {'x' * 19} \n", "justification_short")],
)
def test_a_reason_is_as_long_as_the_role_asks_for(text, code):
    refusal = policy.justification(replace(TERMS, justification_min_length=20), replace(ASK, justification=text), act())

    assert (refusal and (refusal.code, refusal.field)) == (code and (code, "justification"))
    if refusal:
        assert refusal.sentence == "Write at least 20 characters: who reads it has to understand why."


def test_where_no_reason_is_asked_for_it_may_be_short():
    terms = replace(TERMS, needs_justification=False, justification_min_length=20)

    assert policy.justification(terms, replace(ASK, justification="x"), act()) is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("INC-7", None),
        (" INC-7 ", None),
        ("INC-", "ticket_pattern"),
        ("INC-7 or so", "ticket_pattern"),
        ("see INC-7", "ticket_pattern"),
        ("", "ticket_number"),
    ],
)
def test_the_whole_number_of_a_ticket_matches_the_pattern_of_the_role(number, code):
    terms = replace(TERMS, needs_ticket=True, ticket_pattern="INC-[0-9]+")

    refusal = policy.ticket_number(terms, replace(ASK, ticket_number=number), act())

    assert (refusal and (refusal.code, refusal.field)) == (code and (code, "ticket_number"))
    if code == "ticket_pattern":
        assert refusal.sentence.endswith("it has to match INC-[0-9]+")


def test_where_no_ticket_is_asked_for_the_pattern_asks_for_nothing():
    terms = replace(TERMS, ticket_pattern="INC-[0-9]+")

    assert policy.ticket_number(terms, replace(ASK, ticket_number="7"), act()) is None


@pytest.mark.parametrize("needed", [True, False])
@pytest.mark.parametrize("field", ["ticket_number", "ticket_system"])
def test_a_ticket_has_a_hundred_characters_at_most(field, needed):
    terms, rule = replace(TERMS, needs_ticket=needed), getattr(policy, field)

    refusals = [rule(terms, replace(ASK, **{field: "x" * length}), act()) for length in (100, 101)]

    assert [refusal and (refusal.code, refusal.field) for refusal in refusals] == [None, (f"{field}_long", field)]


@pytest.mark.parametrize("rule", [policy.ticket_number, policy.ticket_system])
@pytest.mark.parametrize(
    ("needed", "text", "is_refused"),
    [
        (True, "INC-1", False),
        (True, "", True),
        (True, "  ", True),
        (False, "", False),
        (False, "INC-1", False),
    ],
)
def test_number_and_system_of_a_ticket_are_given_where_the_terms_ask_for_it(rule, needed, text, is_refused):
    ask = replace(ASK, **{rule.__name__: text})

    refusal = rule(replace(TERMS, needs_ticket=needed), ask, act())

    assert (refusal and (refusal.code, refusal.field)) == ((rule.__name__,) * 2 if is_refused else None)


def test_every_reason_is_told_at_once():
    terms = replace(TERMS, needs_ticket=True)
    ask = ActivationAsk(duration=3 * HOUR, start_at=NINE - DAY)

    refusals = assess(terms, ask, act(shown_at=None))

    assert [refusal.code for refusal in refusals] == [
        "second_factor", "too_long", "start_past", "justification", "ticket_number", "ticket_system",
    ]  # fmt: skip


def test_a_rule_that_fails_to_run_refuses(monkeypatch):
    def broken(terms, ask, act):
        raise ZeroDivisionError

    monkeypatch.setattr(policy, "ACTIVATION_RULES", (*policy.ACTIVATION_RULES, broken))

    with pytest.raises(ZeroDivisionError):
        assess(TERMS, ASK, act())


def test_at_the_decision_the_proof_counts_as_it_was_when_asking():
    decided_at = NINE + 23 * HOUR

    assert assess_again(TERMS, ASK, act(), at=decided_at) == []


def test_at_the_decision_a_start_that_has_passed_meanwhile_counts_as_at_once():
    ask = replace(ASK, start_at=NINE + HOUR)

    assert assess_again(TERMS, ask, act(), at=NINE + 20 * HOUR) == []


def test_at_the_decision_tightened_terms_win():
    tightened = replace(TERMS, max_duration=30 * MINUTE, needs_ticket=True)

    refusals = assess_again(tightened, ASK, act(), at=NINE + HOUR)

    assert [refusal.code for refusal in refusals] == ["too_long", "ticket_number", "ticket_system"]


# --- deciding


@pytest.mark.parametrize(
    ("quorums", "approved", "stage", "complete"),
    [
        ([1], [], 1, False),
        ([1], [1], 1, True),
        ([2], [1], 1, False),
        ([2], [1, 1], 1, True),
        ([1, 1], [1], 2, False),
        ([1, 1], [1, 2], 2, True),
        ([2, 1], [1], 1, False),
        ([2, 1], [1, 2], 1, False),
        ([1], [1, 1, 2], 1, True),
    ],
)
def test_the_open_stage_is_the_first_that_lacks_approvals(quorums, approved, stage, complete):
    assert (policy.open_stage(quorums, approved), policy.is_complete(quorums, approved)) == (stage, complete)


@pytest.mark.parametrize(
    ("terms", "because", "shown_at", "codes"),
    [
        ({}, "On call", None, []),
        ({}, " ", None, ["justification"]),
        ({"needs_reason": False}, " ", None, []),
        ({"needs_reason": False}, "x" * 2000, None, []),
        ({"needs_reason": False}, "x" * 2001, None, ["justification_long"]),
        ({"needs_second_factor": True}, "On call", None, ["decider_second_factor"]),
        ({"needs_second_factor": True}, "On call", NINE - 10 * MINUTE, ["decider_second_factor"]),
        ({"needs_second_factor": True}, "On call", NINE - 10 * MINUTE + SECOND, []),
        ({"needs_second_factor": True}, "", None, ["decider_second_factor", "justification"]),
    ],
)
def test_what_is_asked_of_whoever_decides(terms, because, shown_at, codes):
    refusals = policy.assess_decision(ApprovalTerms(**terms), because, act(shown_at=shown_at))

    assert [refusal.code for refusal in refusals] == codes

"""Settings as a document, and in words."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given

from kernel.document import Misread
from kernel.period import HOUR, MINUTE
from roles.documents import changes, lines, settings_from, settings_to
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
from tests.strategies import every_settings

ADA = Named(ApproverKind.USER, "ada@example.com")
TEAM = Named(ApproverKind.GROUP, "Night shift")


@given(every_settings())
def test_whatever_can_be_set_comes_back_from_its_document(wanted):
    assert settings_from(settings_to(wanted)) == wanted


@given(every_settings())
def test_whatever_can_be_set_comes_back_from_json(wanted):
    assert settings_from(json.loads(json.dumps(settings_to(wanted)))) == wanted


@given(every_settings())
def test_a_document_of_the_same_settings_is_the_same_document(wanted):
    assert settings_to(settings_from(settings_to(wanted))) == settings_to(wanted)


def wrong(document):
    """What is said of this document."""
    with pytest.raises(Misread) as caught:
        settings_from(document)
    return str(caught.value)


def every_key(value, path=()):
    """The way to every key of a document."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, dict):
            yield (*path, key)
        if isinstance(inner, dict | list):
            yield from every_key(inner, (*path, key))


FULL = settings_to(
    replace(
        DEFAULTS,
        approval=ApprovalTerms(stages=(Stage((ADA,)), Stage((TEAM,))), escalation=(MANAGER,), escalation_after=HOUR),
    )
)


def written(path):
    """A way as a sentence names it."""
    words = ["settings"]
    for step in path:
        words.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(words)


ADDED_LATER = ("activation", "warning_minutes")


@pytest.mark.parametrize("path", [path for path in every_key(FULL) if path != ADDED_LATER], ids=written)
def test_every_key_that_is_missing_is_named(path):
    document = copy.deepcopy(FULL)
    *above, last = path
    inner = document
    for step in above:
        inner = inner[step]
    del inner[last]

    assert wrong(document) == f"{written(path)} is missing."


def test_a_document_of_an_earlier_release_warns_as_every_role_does_by_default():
    without = replace(DEFAULTS, activation=replace(DEFAULTS.activation, warning=0 * MINUTE))
    document = settings_to(without)
    assert settings_from(document) == without

    del document["activation"]["warning_minutes"]

    assert settings_from(document) == DEFAULTS


@pytest.mark.parametrize("path", list(every_key(FULL)), ids=written)
def test_every_value_of_the_wrong_type_is_named(path):
    document = copy.deepcopy(FULL)
    *above, last = path
    inner = document
    for step in above:
        inner = inner[step]
    inner[last] = 1.5

    assert wrong(document).startswith(f"{written(path)} has to be ")


@pytest.mark.parametrize("path", [(), *(path for path in every_key(FULL) if path[-1] in ("activation", "active"))])
def test_a_key_that_means_nothing_is_named_instead_of_passed_over(path):
    document = copy.deepcopy(FULL)
    inner = document
    for step in path:
        inner = inner[step]
    inner["need_approval"] = True

    assert wrong(document) == f"{written((*path, 'need_approval'))} is not known here. Take it out."


def with_approver(kind, name):
    document = copy.deepcopy(FULL)
    document["approval"]["stages"][0]["approvers"] = [{"kind": kind, "name": name}]
    return document


def test_an_approver_needs_a_name_unless_it_is_the_manager():
    place = "settings.approval.stages[0].approvers[0].name"

    assert wrong(with_approver("user", "")) == f"{place} has to be the email of a person or the name of a group."
    assert wrong(with_approver("group", "")) == f"{place} has to be the email of a person or the name of a group."
    assert wrong(with_approver("manager", "Ada")) == f"{place} has to be empty, for a manager."


def test_an_email_is_found_however_it_is_written_and_a_group_only_as_it_is_called():
    person, team = with_approver("user", "Ada@Example.com"), with_approver("group", "Night shift")

    assert [settings_from(one).approval.stages[0].approvers for one in (person, team)] == [(ADA,), (TEAM,)]


def test_whoever_is_named_twice_is_one_approver():
    document = copy.deepcopy(FULL)
    document["approval"]["stages"][0]["approvers"] *= 2

    assert settings_from(document).approval.stages[0].approvers == (ADA,)


def test_a_kind_of_email_that_is_missing_or_there_twice_is_named():
    missing, twice = copy.deepcopy(FULL), copy.deepcopy(FULL)
    missing["notices"].pop(1)
    twice["notices"][1] = twice["notices"][0]

    assert wrong(missing) == "settings.notices lacks occasion eligible for audience holder."
    assert wrong(twice) == ("settings.notices[1] is there twice: occasion eligible for audience administrators.")


# --- in words


EVERYTHING_ELSE = Settings(
    activation=ActivationTerms(
        max_duration=90 * MINUTE,
        second_factor=SecondFactor.FRESH,
        needs_justification=False,
        justification_min_length=20,
        needs_ticket=True,
        ticket_pattern="INC-[0-9]+",
        needs_approval=True,
        decision_window=48 * HOUR,
    ),
    approval=ApprovalTerms(
        stages=(Stage((ADA, TEAM), 2), Stage((MANAGER,))),
        reminds_at_half_time=False,
        escalation_after=HOUR,
        escalation=(TEAM,),
        needs_reason=False,
        needs_second_factor=True,
    ),
    eligible=GrantTerms(permanent_allowed=False, max_duration=15 * 24 * HOUR),
    active=GrantTerms(permanent_allowed=False, max_duration=30 * 24 * HOUR, needs_second_factor=True),
    notices=Notices((Notice(by_default=False, addresses=("soc@example.com",), only_critical=True),) * len(CELLS)),
)


def test_every_setting_is_told_in_words_when_it_changes():
    assert [(one["what"], one["old"], one["new"]) for one in changes(DEFAULTS, EVERYTHING_ELSE)] == [
        ("Activation maximum duration", "8 h", "1 h 30 min"),
        ("On activation, require", "a second factor", "a fresh second factor on every activation"),
        ("Require a justification on activation", "yes", "no"),
        ("Shortest justification", "0 characters", "20 characters"),
        ("Require a ticket on activation", "no", "yes"),
        ("Pattern of ticket numbers", "any", "INC-[0-9]+"),
        ("Require approval to activate", "no", "yes"),
        ("Approvers", "Global and Privileged Role Administrators", "ada@example.com, Night shift (group)"),
        ("Approvals needed", "1", "2"),
        ("Approvers of the second stage", "no second stage", "manager of whoever asks"),
        ("Approvals needed in the second stage", "no second stage", "1"),
        ("Time to decide", "1 day", "2 days"),
        ("Remind approvers at half time", "yes", "no"),
        ("Escalate after", "never", "1 h"),
        ("Escalate to", "nobody", "Night shift (group)"),
        ("Approvers have to give a reason", "yes", "no"),
        ("Approvers have to show a second factor", "no", "yes"),
        ("Allow permanent eligible assignment", "yes", "no"),
        ("Expire eligible assignments after", "365 days", "15 days"),
        ("Allow permanent active assignment", "yes", "no"),
        ("Expire active assignments after", "180 days", "30 days"),
        ("Require a second factor of whoever assigns active", "no", "yes"),
        ("Require a justification of whoever assigns active", "yes", "no"),
        *(
            (f"{occasion}: emails to {audience}", "on", "off, soc@example.com, only critical")
            for occasion in ("Members assigned eligible", "Members assigned active", "Eligible members activate")
            for audience in ("administrators", "the person it is about", "approvers")
        ),
    ]


def test_what_is_alike_changes_nothing():
    assert changes(EVERYTHING_ELSE, EVERYTHING_ELSE) == []
    assert lines(DEFAULTS).keys() == lines(EVERYTHING_ELSE).keys()

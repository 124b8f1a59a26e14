"""Settings as a file."""

import json
from dataclasses import replace

import pytest
from hypothesis import given

from kernel.document import Misread
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refusal, Refused
from roles import files
from roles.documents import settings_to
from roles.files import SettingsFile
from roles.policy import assess_settings
from roles.terms import (
    CELLS,
    DEFAULTS,
    ActivationTerms,
    ApprovalTerms,
    GrantTerms,
    Notice,
    Notices,
    Settings,
    Stage,
)
from tests.strategies import every_settings

AS_IT_IS = {"format": "pim-role-settings/1", "name": "Strict", "description": "", "settings": settings_to(DEFAULTS)}


@given(every_settings())
def test_whatever_can_be_set_comes_back_from_a_file(wanted):
    file = SettingsFile("Strict", "For what matters", wanted)

    assert files.read(files.written(file)) == file


def test_a_file_can_be_read_by_people():
    text = files.written(SettingsFile("Größer", "For “what matters”", DEFAULTS))

    assert text.splitlines()[:6] == [
        "{",
        '  "format": "pim-role-settings/1",',
        '  "name": "Größer",',
        '  "description": "For “what matters”",',
        '  "settings": {',
        '    "activation": {',
    ]
    assert text.endswith("}\n")


def test_the_mark_an_editor_puts_first_is_no_part_of_a_file():
    assert files.read("\ufeff" + json.dumps(AS_IT_IS)) == SettingsFile("Strict", "", DEFAULTS)


def test_spaces_around_a_name_are_no_part_of_it():
    text = json.dumps(AS_IT_IS | {"name": " Strict ", "description": " For all "})

    assert files.read(text) == SettingsFile("Strict", "For all", DEFAULTS)


HOW = "Paste what was exported by a portal like this one."
OTHER_FORMAT = "The format has to be pim-role-settings/1. Export the settings again from a portal of this version."
NO_FORMAT = f'This is not a file of settings: "format": "pim-role-settings/1" is missing. {HOW}'
NESTED = f"This is nested too deeply to be settings. {HOW}"
DEEP = '{"a":' * 900 + "1" + "}" * 900


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{\n  nonsense", f"This is not JSON: it cannot be read from line 2, column 3 on. {HOW}"),
        ("", f"This is not JSON: it cannot be read from line 1, column 1 on. {HOW}"),
        ("[]", NO_FORMAT),
        ("7", NO_FORMAT),
        ("null", NO_FORMAT),
        ("{}", NO_FORMAT),
        ('{"format": "pim-role-settings/2"}', OTHER_FORMAT),
        ('{"format": 1}', OTHER_FORMAT),
        ("9" * 5000, f"This holds a number with too many digits. {HOW}"),
        ("[" * 100_000, NESTED),
        (
            json.dumps(AS_IT_IS).replace('"settings": {', f'"settings": {{"deep": {DEEP}, ', 1),
            NESTED,
        ),
        ('{"format": 1, "format": 1}', "format is there twice in one object. Keep one of them."),
        (json.dumps({"format": files.FORMAT}), "file.name is missing."),
        (json.dumps(AS_IT_IS | {"name": 7}), "file.name has to be text in quotation marks."),
        (json.dumps(AS_IT_IS | {"name": "x" * 121}), "file.name has to be text of at most 120 characters."),
        (
            json.dumps(AS_IT_IS | {"description": "x" * 301}),
            "file.description has to be text of at most 300 characters.",
        ),
        (json.dumps(AS_IT_IS | {"settings": []}), "settings has to be an object in braces, with activation in it."),
        (json.dumps(AS_IT_IS | {"colour": "red"}), "file.colour is not known here. Take it out."),
    ],
    ids=range(18),
)
def test_whatever_is_wrong_with_a_file_is_said(text, sentence):
    with pytest.raises(Misread) as caught:
        files.read(text)

    assert str(caught.value) == sentence


NONSENSE = Settings(
    activation=ActivationTerms(
        max_duration=10 * MINUTE, decision_window=MINUTE, justification_min_length=900, ticket_pattern="("
    ),
    approval=ApprovalTerms(stages=(Stage(quorum=0), Stage(quorum=0), Stage()), escalation_after=DAY),
    eligible=GrantTerms(max_duration=HOUR),
    active=GrantTerms(max_duration=HOUR),
    notices=Notices((Notice(addresses=("nobody",)),) * len(CELLS)),
)


def test_every_rule_names_the_place_in_the_file():
    refusals = assess_settings(NONSENSE)

    placed = files.placed(Refused(*refusals)).refusals

    assert [refusal.sentence.partition(": ")[0] for refusal in placed] == [
        "settings.activation.max_minutes",
        "settings.activation.decision_minutes",
        "settings.eligible.max_minutes",
        "settings.active.max_minutes",
        "settings.activation.justification_min_length",
        "settings.activation.ticket_pattern",
        "settings.approval.stages",
        "settings.approval.stages[0].quorum",
        "settings.approval.stages",
        "settings.approval.escalation_minutes",
        "settings.approval.escalation",
        *(f"settings.notices, {occasion} for {audience}" for occasion, audience in CELLS),
        "settings.notices, activation for approvers",
    ]
    assert {refusal.field for refusal in placed} == {None}


def test_where_one_chooses_from_a_list_the_file_is_told_what_is_possible():
    wanted = replace(DEFAULTS, eligible=GrantTerms(max_duration=HOUR))

    (refusal,) = files.placed(Refused(*assess_settings(wanted))).refusals

    assert refusal.sentence == (
        "settings.eligible.max_minutes: Choose one of the listed durations. "
        "In minutes: 21600, 43200, 129600, 259200, 525600."
    )


def test_what_is_not_about_the_settings_stays_as_it_is():
    refused = Refused(Refusal("name", "Give the template a name.", "name"))

    assert files.placed(refused).refusals == refused.refusals


def test_a_pattern_no_machine_bears_is_refused():
    wanted = replace(DEFAULTS, activation=ActivationTerms(ticket_pattern="a{99999999999999999999}"))

    assert [refusal.code for refusal in assess_settings(wanted)] == ["ticket_pattern"]

"""Whoever approves may allow less than was asked for, never more."""

from dataclasses import replace

import pytest

from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from requests_app.models import Decision, RoleRequest
from requests_app.operations import approval
from requests_app.queries.allowing import Allowance
from roles.models import Assignment
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.django_db

LATER = NINE + 2 * HOUR


@pytest.fixture
def place(db):
    """Something below the directory."""
    return make.resource(name="Shop", below=make.resource())


@pytest.fixture
def two_stages(user, approver, other_approver):
    """John asks for four hours; Alva decides, then Ben."""
    rounds = make.stages(make.stage(approver), make.stage(other_approver))
    return make.role_request(by=user, approval=rounds, asking_for=make.ask(duration=4 * HOUR))


@pytest.fixture
def one_stage(user, approver):
    """John asks for four hours; Alva decides."""
    return make.role_request(by=user, approvers=(approver,), asking_for=make.ask(duration=4 * HOUR))


def approve(role_request, by, **less):
    return approval.approve(make.act(by=by), role_request, because="Fine", allowing=Allowance(**less))


def test_less_is_granted_and_what_was_asked_for_stays(one_stage, approver, place):
    decision = approve(one_stage, approver, duration=2 * HOUR, start_at=LATER, scope=place)

    granted, kept = Assignment.objects.get(role_request=one_stage), RoleRequest.objects.get()
    assert (granted.start_at, granted.end_at, granted.scope) == (LATER, LATER + 2 * HOUR, place)
    assert (kept.duration, kept.start_at, kept.scope) == (4 * HOUR, None, make.resource())
    assert (decision.allowed_duration, decision.allowed_start_at, decision.allowed_scope) == (2 * HOUR, LATER, place)


def test_the_history_and_the_email_tell_what_was_allowed(one_stage, approver, user):
    approve(one_stage, approver, duration=2 * HOUR)

    (told,) = make.Email.objects.filter(template="your_request_decided")
    assert seen.entry("request.approved").facts["allowed"] == "2 h instead of 4 h"
    assert told.facts["allowed"] == "2 h instead of 4 h"


def test_a_later_stage_narrows_what_an_earlier_one_allowed(two_stages, approver, other_approver, place):
    approve(two_stages, approver, duration=2 * HOUR)
    with pytest.raises(Refused) as refused:
        approve(two_stages, other_approver, duration=3 * HOUR)
    approve(two_stages, other_approver, scope=place)

    granted = Assignment.objects.get(role_request=two_stages)
    assert refused.value.codes == ("allowed_longer",)
    assert (granted.start_at + 2 * HOUR, granted.scope) == (granted.end_at, place)


@pytest.mark.parametrize(
    ("less", "code"),
    [
        ({"duration": 4 * HOUR + MINUTE}, "allowed_longer"),
        ({"duration": 4 * MINUTE}, "allowed_short"),
        ({"duration": HOUR + MINUTE / 2}, "not_minutes"),
        ({"start_at": NINE - HOUR}, "start_past"),
        ({"start_at": NINE + 31 * 24 * HOUR}, "start_far"),
        ({"start_at": make.IN_30_DAYS}, "after_eligibility"),
    ],
)
def test_what_is_not_less_is_refused(one_stage, approver, less, code):
    with pytest.raises(Refused) as refused:
        approve(one_stage, approver, **less)

    assert (refused.value.codes, Decision.objects.count()) == ((code,), 0)


def test_a_start_before_the_one_asked_for_is_refused(user, approver):
    asked = make.role_request(by=user, approvers=(approver,), asking_for=make.ask(start_at=LATER))

    with pytest.raises(Refused) as refused:
        approve(asked, approver, start_at=LATER - MINUTE)

    assert refused.value.codes == ("allowed_earlier",)


def test_a_scope_beside_or_above_is_refused(user, approver, place):
    other = make.resource(name="Elsewhere", below=make.resource())
    asked = make.role_request(by=user, approvers=(approver,), on=place)

    for scope in (other, make.resource()):
        with pytest.raises(Refused) as refused:
            approve(asked, approver, scope=scope)
        assert refused.value.codes == ("allowed_scope",)


def test_less_is_held_against_what_is_active_there(user, approver, place):
    role = make.role(approvers=(approver,))
    eligibility = make.eligibility(of=user, role=role)
    approve(make.role_request(by=user, for_=eligibility, on=place), approver)
    asked = make.role_request(by=user, for_=eligibility)

    with pytest.raises(Refused) as refused:
        approve(asked, approver, scope=place)

    assert refused.value.codes == ("active_already",)


def test_what_the_settings_forbid_by_now_can_be_allowed_shorter(one_stage, approver):
    make.change_terms(
        of=one_stage.role, to=make.ActivationTerms(needs_approval=True, max_duration=HOUR), approvers=(approver,)
    )

    approve(one_stage, approver, duration=HOUR)

    assert Assignment.objects.get(role_request=one_stage).end_at == NINE + HOUR


@pytest.mark.parametrize(
    ("less", "code"), [({"start_at": LATER}, "allowed_start"), ({"scope": "place"}, "allowed_scope")]
)
def test_of_an_extension_only_the_time_is_shortened(one_stage, approver, user, place, less, code):
    running = make.activation(
        by=user, of=make.eligibility(of=user, role=make.role(name="Teams Reader", terms=make.EASY))
    )
    RoleRequest.objects.filter(pk=one_stage.pk).update(extends=running)

    with pytest.raises(Refused) as refused:
        approve(one_stage, approver, **{name: place if value == "place" else value for name, value in less.items()})

    assert refused.value.codes == (code,)


def test_an_extension_that_is_shortened_to_nothing_is_refused(user, approver):
    role = make.role(name="Teams Reader", terms=make.EASY)
    running = make.activation(by=user, of=make.eligibility(of=user, role=role), duration=3 * HOUR)
    make.change_terms(of=role, to=replace(make.EASY, needs_approval=True), approvers=(approver,))
    asked = make.extension(of=running, duration=4 * HOUR)

    with pytest.raises(Refused) as refused:
        approve(asked, approver, duration=3 * HOUR)

    assert (refused.value.codes, refused.value.refusals[0].field) == (("not_later",), "duration")
    assert Decision.objects.count() == 0
    approve(asked, approver, duration=3 * HOUR + MINUTE)
    assert Assignment.objects.get(pk=running.pk).end_at == NINE + 3 * HOUR + MINUTE

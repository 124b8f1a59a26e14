"""Getting in at the same moment."""

from functools import partial

from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import OneTimeCode, User
from accounts.operations import codes, groups, people, second_factor
from tests import make, seen
from tests.races.together import at_once, done, refusals


def test_one_code_shown_eight_times_at_once_counts_once(user):
    device = make.device(of=user)
    code = make.code(device)
    devices = [TOTPDevice.objects.get(pk=device.pk) for _ in range(8)]

    outcomes = at_once(*(partial(second_factor.show, make.act(by=user), each, code=code) for each in devices))

    assert len(done(outcomes)) == 1
    assert sorted(seen.events()) == ["second_factor.refused"] * 7 + ["second_factor.shown"]


def test_a_recovery_code_shown_four_times_at_once_counts_once(user):
    code, *_rest = second_factor.make_recovery_codes(make.act(by=user, at=make.THE_DAY_BEFORE))
    devices = [StaticDevice.objects.get() for _ in range(4)]

    outcomes = at_once(*(partial(second_factor.show, make.act(by=user), each, code=code) for each in devices))

    assert len(done(outcomes)) == 1
    assert StaticToken.objects.count() == 9


def test_recovery_codes_made_twice_at_once_are_ten(user):
    make_them = partial(second_factor.make_recovery_codes, make.act(by=user))

    at_once(make_them, make_them)

    assert (StaticDevice.objects.count(), StaticToken.objects.count()) == (1, 10)


def test_a_page_opened_four_times_at_once_proposes_one_device(user):
    propose = partial(second_factor.propose, make.act(by=user), name="Phone")

    proposed = at_once(propose, propose, propose, propose)

    assert len({device.key for device in proposed}) == TOTPDevice.objects.count() == 1
    assert second_factor.propose(make.act(by=user), name="Phone") == proposed[0]


def test_one_enrolment_code_used_four_times_at_once_adds_one_device(user):
    act = make.act(by=user, proven=False)
    permit = make.permit(of=user)
    proposed = second_factor.propose(act, name="Phone")
    code = make.code(proposed)
    devices = [TOTPDevice.objects.get(pk=proposed.pk) for _ in range(4)]

    outcomes = at_once(
        *(partial(second_factor.add, act, each, code=code, name="Phone", permit=permit) for each in devices)
    )

    assert len(done(outcomes)) == 1
    assert seen.events() == ["second_factor.added"]


def test_an_enrolment_code_is_used_once_for_two_devices_at_once(user):
    permit = make.permit(of=user)

    outcomes = at_once(*[partial(codes.use, permit, at=make.NINE)] * 4)

    assert sorted(outcomes) == [False, False, False, True]


def test_guesses_at_once_all_count(user):
    make.permit(of=user)

    at_once(*[partial(codes.check_enrolment, make.act(by=user), "AAAAA-AAAAA")] * 4)

    assert OneTimeCode.objects.get().tries == 4


def test_an_invitation_accepted_four_times_at_once_is_accepted_once(db):
    person, secret = make.invitation(at=make.THE_DAY_BEFORE)
    passwords = [f"{make.PASSWORD}-{number}" for number in range(4)]

    outcomes = at_once(
        *(partial(people.accept_invitation, make.act(), secret=secret, password=password) for password in passwords)
    )

    assert refusals(outcomes) == [("invitation",)] * 3
    winner = outcomes.index(done(outcomes)[0])
    assert User.objects.get(pk=person.pk).check_password(passwords[winner])
    assert seen.events() == ["person.invitation_accepted"]


def test_somebody_added_four_times_at_once_is_one_person(db):
    add = partial(people.add, make.act(), address="new@example.com", name="Nora New")

    outcomes = at_once(add, add, add, add)

    assert refusals(outcomes) == [("taken",)] * 3
    assert User.objects.count() == 1


def test_somebody_disabled_twice_at_once_is_disabled_once(user):
    outcomes = at_once(*[partial(people.disable, make.act(), user)] * 2)

    assert refusals(outcomes) == [("disabled",)]
    assert seen.events() == ["person.disabled"]


def test_a_group_made_twice_at_once_is_one_group(db):
    outcomes = at_once(*[partial(groups.make, make.act(), name="Night shift")] * 2)

    assert refusals(outcomes) == [("taken",)]
    assert seen.events() == ["group.made"]


def test_joining_a_group_twice_at_once_is_told_once(user):
    team = make.group()

    at_once(*[partial(groups.add, make.act(), team, user)] * 4)

    assert seen.events() == ["group.member_added"]

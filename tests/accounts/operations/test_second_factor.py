"""Second factors: shown, added, replaced. Devices go by the machine's clock, which stands still here."""

from datetime import timedelta

import pytest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.act import Proof
from accounts.models import OneTimeCode
from accounts.operations import codes, people, second_factor
from kernel.period import MINUTE
from kernel.refusal import Refused
from tests import make, seen
from tests.make import NINE

pytestmark = pytest.mark.postgres

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock():
    """The machine's clock stands at nine until it is moved."""
    with make.clock_at() as clock:
        yield clock


@pytest.fixture
def device(user):
    """The person's phone, made a day before."""
    with make.clock_at(make.THE_DAY_BEFORE):
        return make.device(of=user)


def refused(function, act, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        function(act, *args, **kwargs)
    return caught.value.codes


# --- shown


def test_the_right_code_is_a_proof(user, device):
    proof = second_factor.show(make.act(by=user, proven=False), device, code=make.code(device))

    assert proof == Proof("totp", "Phone", NINE)
    (entry,) = seen.entries()
    assert (entry.kind, entry.person_id) == ("second_factor.shown", user.pk)
    assert (entry.proof_method, entry.proof_device, entry.proof_at) == ("totp", "Phone", NINE)


def test_a_code_may_be_typed_with_a_gap(user, device):
    code = make.code(device)

    assert second_factor.show(make.act(by=user), device, code=f" {code[:3]} {code[3:]}").method == "totp"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_may_be_half_a_minute_wrong(steps, user, device):
    assert second_factor.show(make.act(by=user), device, code=make.code(device, steps=steps)).device == "Phone"


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_phone_may_not_be_a_minute_wrong(steps, user, device):
    assert refused(second_factor.show, make.act(by=user), device, code=make.code(device, steps=steps)) == ("code",)


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "-1"])
def test_a_wrong_code_is_refused_and_told(code, user, device):
    assert refused(second_factor.show, make.act(by=user, proven=False), device, code=code) == ("code",)

    (entry,) = seen.entries()
    assert (entry.kind, entry.outcome, entry.facts) == ("second_factor.refused", "refused", {"device": "Phone"})
    assert (entry.actor_id, entry.proof_method) == (user.pk, "")


def test_a_code_counts_once(user, device, clock):
    code = make.code(device)
    second_factor.show(make.act(by=user), device, code=code)

    clock.shift(10 * SECOND)

    assert refused(second_factor.show, make.act(by=user), device, code=code) == ("code",)


def test_an_older_code_does_not_count_after_a_newer_one(user, device):
    second_factor.show(make.act(by=user), device, code=make.code(device))

    assert refused(second_factor.show, make.act(by=user), device, code=make.code(device, steps=-1)) == ("code",)


def test_after_a_wrong_code_even_the_right_one_has_to_wait(user, device, clock):
    refused(second_factor.show, make.act(by=user), device, code=make.wrong_code(device))
    device.refresh_from_db()

    assert refused(second_factor.show, make.act(by=user), device, code=make.code(device)) == ("throttled",)

    clock.shift(2 * SECOND)
    assert second_factor.show(make.act(by=user), device, code=make.code(device)).device == "Phone"


def test_each_wrong_code_doubles_the_wait_and_says_until_when(user, device, clock):
    for wait in (1, 2, 4, 8, 16):
        assert refused(second_factor.show, make.act(by=user), device, code=make.wrong_code(device)) == ("code",)
        clock.shift(wait * SECOND)
        device.refresh_from_db()
    refused(second_factor.show, make.act(by=user), device, code=make.wrong_code(device))
    device.refresh_from_db()

    with pytest.raises(
        Refused, match=r"After a wrong code the next has to wait\. Enter a new one from 09:01:03 UTC on\."
    ):
        second_factor.show(make.act(by=user), device, code=make.code(device))


def test_waiting_is_for_one_device_only(user, device):
    tablet = make.device(of=user, name="Tablet")
    refused(second_factor.show, make.act(by=user), device, code=make.wrong_code(device))

    assert second_factor.show(make.act(by=user), tablet, code=make.code(tablet)).device == "Tablet"


def test_somebody_elses_device_proves_nothing(user, stranger, device):
    assert refused(second_factor.show, make.act(by=stranger), device, code=make.code(device)) == ("code",)


def test_a_device_that_is_only_proposed_proves_nothing(user):
    proposed = second_factor.propose(make.act(by=user), name="Attacker's phone")

    assert refused(second_factor.show, make.act(by=user), proposed, code=make.code(proposed)) == ("code",)


# --- recovery codes


def test_a_recovery_code_counts_once(user):
    first, second, *_rest = second_factor.make_recovery_codes(make.act(by=user))
    device = StaticDevice.objects.get()

    proof = second_factor.show(make.act(by=user), device, code=first.upper())

    assert proof == Proof("recovery code", "Recovery code", NINE)
    assert refused(second_factor.show, make.act(by=user), device, code=first) == ("code",)
    with make.clock_at(NINE + MINUTE):
        assert second_factor.show(make.act(by=user), device, code=second).method == "recovery code"


def test_ten_recovery_codes_are_made_and_told_without_telling_them(user):
    made = second_factor.make_recovery_codes(make.act(by=user))

    assert len(set(made)) == 10
    (entry,) = seen.entries()
    assert (entry.kind, entry.facts) == ("second_factor.recovery_codes_made", {"count": 10})


def test_new_recovery_codes_put_the_old_ones_out_of_use(user):
    old = second_factor.make_recovery_codes(make.act(by=user))
    new = second_factor.make_recovery_codes(make.act(by=user))
    device = StaticDevice.objects.get()

    assert refused(second_factor.show, make.act(by=user), device, code=old[0]) == ("code",)
    with make.clock_at(NINE + MINUTE):
        assert second_factor.show(make.act(by=user), device, code=new[0]).method == "recovery code"


@pytest.mark.parametrize("shown_at", [None, NINE - 10 * MINUTE])
def test_recovery_codes_need_a_fresh_proof(shown_at, user):
    act = make.act(by=user, proven=False)
    stale = act.__class__(user, NINE, None, Proof("totp", "Phone", shown_at) if shown_at else None)

    assert refused(second_factor.make_recovery_codes, stale) == ("proof",)
    assert not StaticDevice.objects.exists()


# --- added


def test_the_same_device_is_proposed_until_it_is_confirmed(user):
    proposals = {second_factor.propose(make.act(by=user), name="Phone").key for _ in range(3)}

    assert len(proposals) == 1


def test_with_a_permit_the_first_code_makes_a_device_count(user):
    proposed = second_factor.propose(make.act(by=user), name="Phone")
    permit = make.permit(of=user)
    act = make.act(by=user, proven=False)

    proof = second_factor.add(act, proposed, code=make.code(proposed), name=" My phone ", permit=permit)

    device = TOTPDevice.objects.get()
    assert (device.name, device.confirmed, device.user) == ("My phone", True, user)
    assert proof == Proof("totp", "My phone", NINE)
    (entry,) = seen.entries()
    assert (entry.kind, entry.facts, entry.proof_device) == ("second_factor.added", {"device": "My phone"}, "My phone")


def test_a_device_without_a_name_gets_one(user):
    proposed = second_factor.propose(make.act(by=user), name="")

    second_factor.add(make.act(by=user), proposed, code=make.code(proposed), name=" ", permit=None)

    assert TOTPDevice.objects.get().name == "Authenticator app"


def test_with_a_fresh_proof_no_permit_is_needed(user, device):
    proposed = second_factor.propose(make.act(by=user), name="Tablet")

    second_factor.add(make.act(by=user), proposed, code=make.code(proposed), name="Tablet", permit=None)

    assert sorted(TOTPDevice.objects.filter(confirmed=True).values_list("name", flat=True)) == ["Phone", "Tablet"]


@pytest.mark.parametrize("shown_at", [None, NINE - 10 * MINUTE, NINE + MINUTE])
def test_a_password_alone_adds_no_device(shown_at, user):
    proposed = second_factor.propose(make.act(by=user), name="Phone")
    act = make.act(by=user, proven=False)
    act = act.__class__(user, NINE, None, Proof("totp", "Phone", shown_at) if shown_at else None)

    assert refused(second_factor.add, act, proposed, code=make.code(proposed), name="Phone", permit=None) == ("permit",)
    assert not TOTPDevice.objects.filter(confirmed=True).exists()


def test_the_code_used_to_add_a_device_counts_only_there(user):
    proposed = second_factor.propose(make.act(by=user), name="Phone")
    code = make.code(proposed)
    second_factor.add(make.act(by=user), proposed, code=code, name="Phone", permit=None)

    assert refused(second_factor.show, make.act(by=user), TOTPDevice.objects.get(), code=code) == ("code",)


def test_a_wrong_first_code_adds_nothing_and_keeps_the_permit(user):
    proposed = second_factor.propose(make.act(by=user), name="Phone")
    permit = make.permit(of=user)
    act = make.act(by=user, proven=False)

    codes_ = refused(second_factor.add, act, proposed, code=make.wrong_code(proposed), name="Phone", permit=permit)

    assert codes_ == ("code",)
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert OneTimeCode.objects.get().used_at is None
    with make.clock_at(NINE + MINUTE):
        proposed.refresh_from_db()
        second_factor.add(act, proposed, code=make.code(proposed), name="Phone", permit=permit)
    assert TOTPDevice.objects.filter(confirmed=True).count() == 1


def test_an_enrolment_code_permits_one_device(user):
    permit = make.permit(of=user)
    act = make.act(by=user, proven=False)
    first = second_factor.propose(act, name="Phone")
    second_factor.add(act, first, code=make.code(first), name="Phone", permit=permit)

    second = second_factor.propose(act, name="Tablet")

    assert refused(second_factor.add, act, second, code=make.code(second), name="Tablet", permit=permit) == ("permit",)
    assert TOTPDevice.objects.filter(confirmed=True).count() == 1


def test_an_enrolment_code_out_of_time_permits_nothing(user):
    permit = make.permit(of=user, at=NINE - 24 * 60 * MINUTE)
    act = make.act(by=user, proven=False)
    proposed = second_factor.propose(act, name="Phone")

    assert refused(second_factor.add, act, proposed, code=make.code(proposed), name="x", permit=permit) == ("permit",)


def test_an_accepted_invitation_permits_the_first_device_only(db):
    person, secret = make.invitation()
    invitation = OneTimeCode.objects.get()
    people.accept_invitation(make.act(), secret=secret, password=make.PASSWORD)
    act = make.act(by=person, proven=False)
    first = second_factor.propose(act, name="Phone")
    second_factor.add(act, first, code=make.code(first), name="Phone", permit=invitation)

    second = second_factor.propose(act, name="Tablet")

    assert refused(second_factor.add, act, second, code=make.code(second), name="Tablet", permit=invitation) == (
        "permit",
    )


def test_somebody_elses_permit_permits_nothing(user, stranger):
    proposed = second_factor.propose(make.act(by=user), name="Phone")
    act = make.act(by=user, proven=False)
    permit = make.permit(of=stranger)

    assert refused(second_factor.add, act, proposed, code=make.code(proposed), name="x", permit=permit) == ("permit",)


def test_somebody_elses_proposed_device_is_not_confirmed(user, stranger):
    proposed = second_factor.propose(make.act(by=user), name="Phone")

    act = make.act(by=stranger)

    assert refused(second_factor.add, act, proposed, code=make.code(proposed), name="x", permit=None) == ("proposal",)
    assert not TOTPDevice.objects.filter(confirmed=True).exists()


def test_a_confirmed_device_is_not_confirmed_again(user, device):
    assert refused(second_factor.add, make.act(by=user), device, code=make.code(device), name="x", permit=None) == (
        "proposal",
    )
    assert seen.events() == []


def test_an_enrolment_code_from_an_administrator_leads_to_a_device(admin, user):
    secret = people.issue_enrolment_code(make.act(by=admin), user)
    act = make.act(by=user, proven=False)

    permit = second_factor.take_permit(act, code=secret)
    proposed = second_factor.propose(act, name="Phone")
    second_factor.add(act, proposed, code=make.code(proposed), name="Phone", permit=permit)

    assert TOTPDevice.objects.get().confirmed
    assert second_factor.take_permit(act, code=secret) is None


def test_a_wrong_enrolment_code_is_told_and_counts(user):
    permit = make.permit(of=user)

    assert second_factor.take_permit(make.act(by=user), code="AAAAA-AAAAA") is None

    permit.refresh_from_db()
    (entry,) = seen.entries()
    assert (entry.kind, entry.outcome, entry.person_id) == ("person.enrolment_code_refused", "refused", user.pk)
    assert permit.tries == 1


def test_who_saw_an_older_proposal_gains_nothing_from_a_new_permit(user):
    seen_by_an_attacker = second_factor.propose(make.act(by=user), name="Phone")
    _code, secret = codes.issue(make.act(), user, purpose=OneTimeCode.Purpose.ENROLMENT)

    second_factor.take_permit(make.act(by=user), code=secret)

    assert second_factor.propose(make.act(by=user), name="Phone").key != seen_by_an_attacker.key


def test_a_wrong_first_code_is_told(user):
    proposed = second_factor.propose(make.act(by=user), name="Phone")

    refused(second_factor.add, make.act(by=user), proposed, code=make.wrong_code(proposed), name="x", permit=None)

    (entry,) = seen.entries()
    assert (entry.kind, entry.outcome, entry.facts) == ("second_factor.refused", "refused", {"device": "Phone"})

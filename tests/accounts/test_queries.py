"""Reads of people and their second factors."""

from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import queries
from accounts.operations import second_factor
from tests import make
from tests.make import NINE


def test_one_can_show_confirmed_apps_first_and_recovery_codes_while_there_are_any(user):
    with make.clock_at():
        second_factor.make_recovery_codes(make.act(by=user))
        phone = make.device(of=user, name="Phone")
        second_factor.propose(make.act(by=user), name="Tablet")

    found = queries.devices_of(user)

    assert [device.name for device in found] == ["Phone", "Recovery code"]
    assert found[0] == phone
    found[1].token_set.all().delete()
    assert queries.devices_of(user) == [phone]


def test_a_secret_is_shown_as_apps_want_it_typed():
    device = TOTPDevice(key="48656c6c6f21deadbeef48656c6c6f21deadbeef")

    assert queries.secret_in_base32(device) == "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP"


def test_the_next_code_is_one_that_was_not_used_yet(user):
    with make.clock_at():
        device = make.device(of=user)
        now, following = make.code(device), make.code(device, steps=1)

        assert queries.next_code(device, NINE) == now
        second_factor.show(make.act(by=user), device, code=now)
        device.refresh_from_db()
        assert queries.next_code(device, NINE) == following
        second_factor.show(make.act(by=user), device, code=following)
        device.refresh_from_db()
        assert queries.next_code(device, NINE) is None


def test_people_are_listed_by_name(user, approver, stranger):
    assert list(queries.people("", None)) == [approver, user, stranger]
    assert list(queries.people("sam", None)) == [stranger]

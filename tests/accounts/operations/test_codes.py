"""One-time codes."""

import re

import pytest

from accounts.models import OneTimeCode
from accounts.operations import codes, people
from kernel.period import DAY, HOUR
from tests import make
from tests.make import MICROSECOND, NINE

pytestmark = pytest.mark.postgres

INVITATION, ENROLMENT = OneTimeCode.Purpose.INVITATION, OneTimeCode.Purpose.ENROLMENT


@pytest.mark.parametrize(("purpose", "lasts"), [(INVITATION, 7 * DAY), (ENROLMENT, 24 * HOUR)])
def test_a_code_is_kept_as_a_digest_only_and_lasts_so_long(purpose, lasts, user, admin):
    code, secret = codes.issue(make.act(by=admin), user, purpose=purpose)

    kept = OneTimeCode.objects.values().get(pk=code.pk)
    assert secret not in str(kept)
    assert kept["digest"] == codes.digest(secret)
    assert (kept["issued_by_id"], kept["issued_at"], kept["expires_at"]) == (admin.pk, NINE, NINE + lasts)


def test_a_code_that_is_read_out_has_no_letters_that_look_alike(user):
    _code, secret = codes.issue(make.act(), user, purpose=ENROLMENT)

    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{5}-[A-HJ-NP-Z2-9]{5}", secret)


def test_a_new_code_puts_the_old_one_of_its_purpose_out_of_use(user, stranger):
    old, _ = codes.issue(make.act(), user, purpose=ENROLMENT)
    invitation, _ = codes.issue(make.act(), user, purpose=INVITATION)
    others, _ = codes.issue(make.act(), stranger, purpose=ENROLMENT)

    new, _ = codes.issue(make.act(at=NINE + HOUR), user, purpose=ENROLMENT)

    assert set(OneTimeCode.objects.usable(NINE + HOUR)) == {invitation, others, new}
    assert not codes.use(old, at=NINE + HOUR)


def test_a_code_is_used_once(user):
    code = make.permit(of=user)

    assert [codes.use(code, at=NINE), codes.use(code, at=NINE)] == [True, False]
    assert OneTimeCode.objects.get().used_at == NINE


def test_a_code_out_of_time_is_not_used(user):
    code = make.permit(of=user)

    assert not codes.use(code, at=NINE + 24 * HOUR)
    assert OneTimeCode.objects.get().used_at is None


# --- invitations


def test_looking_at_an_invitation_changes_nothing(db):
    _person, secret = make.invitation()

    found = [codes.find_invitation(secret, at=NINE) for _ in range(10)]

    assert found == [OneTimeCode.objects.get()] * 10
    assert (found[0].used_at, found[0].tries) == (None, 0)


@pytest.mark.parametrize(("at", "found"), [(NINE + 7 * DAY - MICROSECOND, True), (NINE + 7 * DAY, False)])
def test_an_invitation_lasts_seven_days(at, found, db):
    _person, secret = make.invitation()

    assert (codes.find_invitation(secret, at=at) is not None) == found


def test_only_the_secret_of_an_invitation_opens_it(user):
    make.invitation()
    _code, enrolment = codes.issue(make.act(), user, purpose=ENROLMENT)

    assert [codes.find_invitation(secret, at=NINE) for secret in ("", "wrong", enrolment)] == [None] * 3


def test_an_invitation_of_somebody_disabled_is_dead(db):
    person, secret = make.invitation()

    people.disable(make.act(), person)

    assert codes.find_invitation(secret, at=NINE) is None


# --- enrolment codes


@pytest.mark.parametrize(
    "typing",
    [
        lambda secret: secret,
        lambda secret: secret.lower(),
        lambda secret: secret.replace("-", ""),
        lambda secret: f" {secret[:3]} {secret[3:]} ",
    ],
)
def test_an_enrolment_code_counts_however_it_is_typed(typing, user):
    code, secret = codes.issue(make.act(), user, purpose=ENROLMENT)

    assert codes.check_enrolment(make.act(by=user), typing(secret)) == code
    assert OneTimeCode.objects.get().tries == 0


def test_somebody_elses_enrolment_code_opens_nothing(user, stranger):
    _code, secret = codes.issue(make.act(), user, purpose=ENROLMENT)

    assert codes.check_enrolment(make.act(by=stranger), secret) is None
    assert OneTimeCode.objects.get().tries == 0


def test_five_wrong_guesses_kill_an_enrolment_code(user):
    _code, secret = codes.issue(make.act(), user, purpose=ENROLMENT)

    for _ in range(4):
        assert codes.check_enrolment(make.act(by=user), "AAAAA-AAAAA") is None
    assert codes.check_enrolment(make.act(by=user), secret) is not None

    assert codes.check_enrolment(make.act(by=user), "AAAAA-AAAAA") is None
    assert codes.check_enrolment(make.act(by=user), secret) is None


def test_guessing_costs_the_guesser_only(user, stranger):
    _code, secret = codes.issue(make.act(), user, purpose=ENROLMENT)

    for _ in range(10):
        codes.check_enrolment(make.act(by=stranger), "AAAAA-AAAAA")

    assert codes.check_enrolment(make.act(by=user), secret) is not None


def test_an_enrolment_code_lasts_a_day(user):
    _code, secret = codes.issue(make.act(), user, purpose=ENROLMENT)

    assert codes.check_enrolment(make.act(by=user, at=NINE + 24 * HOUR - MICROSECOND), secret) is not None
    assert codes.check_enrolment(make.act(by=user, at=NINE + 24 * HOUR), secret) is None

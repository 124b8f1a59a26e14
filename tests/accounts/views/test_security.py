"""My second factors, my recovery codes, my time zone."""

import pytest
from django_otp.plugins.otp_static.models import StaticToken

from accounts.models import User
from kernel.period import MINUTE, SECOND
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


# --- what I can show


def test_without_a_device_the_page_says_how_to_get_one(user):
    response = visit.by(user).get("/security/")

    assert [line.text for line in visit.main(response).all("li")] == []
    assert visit.links(response) == {"Add an authenticator app": "/security/add-device/"}
    assert visit.buttons(response) == ["Save"]


def test_the_page_names_my_devices_and_when_they_were_used_last(user):
    make.device(of=user)

    response = visit.by(user).get("/security/")

    assert [line.text for line in visit.main(response).all("li")] == ["Phonelast used 23 Nov 2026, 09:00 UTC"]
    assert visit.buttons(response) == ["Make recovery codes", "Save"]


def test_nobody_sees_the_devices_of_somebody_else(user, stranger):
    make.device(of=user, name="John's phone")

    response = visit.by(stranger).get("/security/")

    assert "John's phone" not in visit.main(response).text


# --- time zone


def test_a_chosen_time_zone_is_the_one_times_are_shown_in(user):
    make.eligibility(of=user)
    browser = visit.by(user)

    saved = browser.post("/security/", {"time_zone": "Europe/Zurich"}, follow=True)

    assert visit.notices(saved) == ["Times are now shown in Europe/Zurich."]
    assert visit.typed(saved) == {"time_zone": "Europe/Zurich"}
    assert visit.table(browser.get("/my-roles/"))[0][3] == "23 Dec 2026, 10:00 CET"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe/Zurich\x00"])
def test_a_zone_that_does_not_exist_is_refused(user, zone):
    response = visit.by(user).post("/security/", {"time_zone": zone})

    assert response.status_code == 400
    assert len(visit.sentences(response)) == 1
    assert User.objects.get(pk=user.pk).time_zone == "UTC"


# --- recovery codes


def codes_on(response):
    (made,) = visit.main(response).all(of="codes")
    return [line.text for line in made.all("li")]


def test_ten_recovery_codes_are_shown_once(user):
    make.device(of=user)

    response = visit.by(user).post("/security/recovery-codes/")

    assert (response.status_code, len(set(codes_on(response)))) == (200, 10)
    assert "no-store" in response.headers["Cache-Control"]
    assert seen.entry("second_factor.recovery_codes_made").facts == {"count": 10}


def test_a_recovery_code_stands_in_for_the_second_factor_once(user, at_nine):
    code = codes_on(visit.by(user).post("/security/recovery-codes/"))[0]
    browser = visit.by(user, proven=False)
    sent = {**visit.typed(browser.get("/verify/")), "code": code.upper()}

    first = browser.post("/verify/", sent)
    at_nine.move_to(NINE + MINUTE)
    second = browser.post("/verify/", sent)

    assert (first.status_code, second.status_code) == (302, 400)
    assert seen.entry("second_factor.shown").proof_method == "recovery code"


def test_new_recovery_codes_replace_the_old_ones(user):
    old = codes_on(visit.by(user).post("/security/recovery-codes/"))
    new = codes_on(visit.by(user).post("/security/recovery-codes/"))

    kept = set(StaticToken.objects.values_list("token", flat=True))

    assert kept == {code.replace(" ", "") for code in new}
    assert kept.isdisjoint(code.replace(" ", "") for code in old)


@pytest.mark.parametrize("proof", [{"proven": False}, {"proven_at": NINE - 10 * MINUTE}], ids=["none", "stale"])
def test_without_a_fresh_second_factor_there_are_no_recovery_codes(user, proof):
    response = visit.by(user, **proof).post("/security/recovery-codes/")

    assert (response.status_code, response.headers["Location"]) == (302, "/verify/?next=/security/")
    assert StaticToken.objects.count() == 0


def test_a_second_factor_is_fresh_for_just_under_ten_minutes(user):
    response = visit.by(user, proven_at=NINE - 10 * MINUTE + SECOND).post("/security/recovery-codes/")

    assert response.status_code == 200


def test_a_link_makes_no_recovery_codes(user):
    response = visit.by(user).get("/security/recovery-codes/")

    assert (response.status_code, StaticToken.objects.count()) == (405, 0)

"""The page of the accounts for emergencies."""

import pytest

from accounts.models import EmergencyUse, User
from kernel.period import DAY, MINUTE
from roles.operations import administrators
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

GLASS = "Glass Oneglass@example.com"


@pytest.fixture
def glass(admin: User) -> User:
    return make.break_glass()


@pytest.fixture
def signed_in(glass: User) -> EmergencyUse:
    """It signed in a minute ago."""
    return make.emergency_use(of=glass, at=NINE - MINUTE)


def explain(by: User, use: EmergencyUse, **typed: str):
    return visit.by(by).post(f"/break-glass/{use.pk}/note/", {"purpose": "drill", "note": "Quarterly drill.", **typed})


def test_without_accounts_the_page_says_how_to_make_them(admin):
    page = visit.by(admin).get("/break-glass/")

    (accounts, uses) = visit.main(page).all(of="empty")
    assert "manage.py create_break_glass EMAIL NAME" in accounts.text
    assert uses.text.startswith("No sign-in yet")


def test_each_account_is_shown_with_its_tests(admin, glass):
    page = visit.by(admin).get("/break-glass/")

    assert visit.table(page) == [[GLASS, "never", "by 20 Feb 2027, 09:00 UTC"]]


def test_an_account_that_was_not_tested_in_time_is_marked(admin, glass):
    User.objects.filter(pk=glass.pk).update(created_at=NINE - 90 * DAY)

    page = visit.by(admin).get("/break-glass/")

    assert visit.table(page) == [[GLASS, "never", "Overdue by 23 Nov 2026, 09:00 UTC"]]


def test_a_sign_in_waits_for_its_explanation(admin, signed_in):
    page = visit.by(admin).get("/break-glass/")

    assert visit.table(page)[1] == [
        "23 Nov 2026, 08:59 UTC",
        "Glass One",
        "203.0.113.7",
        "Not explained yet Explain the sign-in of Glass One",
    ]


def test_an_auditor_reads_but_does_not_explain(auditor, signed_in):
    page = visit.by(auditor).get("/break-glass/")

    assert visit.table(page)[1][3] == "Not explained yet"
    assert visit.by(auditor).get(f"/break-glass/{signed_in.pk}/note/").status_code == 403


def test_the_account_itself_is_not_asked(glass, signed_in):
    page = visit.by(glass).get("/break-glass/")

    assert visit.table(page)[1][3] == "Not explained yet"


def test_what_it_was_is_written_down_and_shown(admin, signed_in):
    answer = explain(admin, signed_in, note="Quarterly drill, both envelopes opened.")

    page = visit.by(admin).get("/break-glass/")
    assert (answer.status_code, answer["Location"]) == (302, "/break-glass/")
    assert visit.table(page)[0][1] == "23 Nov 2026, 08:59 UTC"
    assert visit.table(page)[1][3] == ("DrillQuarterly drill, both envelopes opened.Ada Admin, 23 Nov 2026, 09:00 UTC")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"purpose": ""}, "Choose what it was."),
        ({"purpose": "party"}, "Choose one of those listed."),
        ({"note": " "}, "Say what happened, who signed in, and what was done."),
        ({"note": "x" * 2001}, "Use at most 2000 characters."),
        ({"note": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_an_incomplete_explanation_is_refused_and_keeps_what_was_typed(admin, signed_in, typed, sentence):
    answer = explain(admin, signed_in, **typed)

    assert (answer.status_code, visit.sentences(answer)) == (400, [sentence])
    if "note" not in typed:
        assert visit.typed(answer)["note"] == "Quarterly drill."
    assert EmergencyUse.objects.get().noted_at is None


def test_the_second_administrator_reads_what_the_first_one_wrote(admin, signed_in):
    administrators.note(make.act(by=admin), signed_in, purpose="misuse", text="Nobody knows.")

    answer = explain(admin, signed_in)

    assert answer.status_code == 409
    assert "Ada Admin has said already what this was: Misuse. Nobody knows." in visit.main(answer).text


def test_the_account_itself_cannot_explain(glass, signed_in):
    answer = explain(glass, signed_in)

    assert answer.status_code == 409
    assert visit.sentences(answer) == ["Another administrator has to say what this was, not the account itself."]


def test_home_tells_administrators_of_a_sign_in_nobody_has_explained(admin, user, signed_in):
    assert visit.notices(visit.by(user).get("/")) == []
    assert visit.notices(visit.by(admin).get("/")) == [
        "A break-glass account signed in, and nobody has said what it was. Look into it"
    ]

    explain(admin, signed_in)

    page = visit.by(admin).get("/")
    assert [notice for notice in visit.notices(page) if "break-glass" in notice.lower()] == []


def test_home_tells_administrators_of_a_drill_that_is_due(admin, glass):
    User.objects.filter(pk=glass.pk).update(created_at=NINE - 90 * DAY)

    assert visit.notices(visit.by(admin).get("/")) == [
        "A break-glass drill is due: Glass One. Show when they were tested"
    ]


def test_signing_in_at_the_page_is_what_alarms(glass):
    visit.by(None).post("/sign-in/", {"username": glass.email, "password": make.PASSWORD})

    use = EmergencyUse.objects.get()
    assert (use.user, use.signed_in_at, use.ip) == (glass, NINE, "127.0.0.1")

"""The page of every email."""

import pytest

from accounts.models import User
from kernel.period import DAY, HOUR, MINUTE
from notifications.models import Email
from notifications.operations import delivery, outbox
from roles.queries import emails as queries
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

SECRET = "/invitation/let-me-in/"


def deliver():
    delivery.deliver(lambda: NINE)


@pytest.fixture
def invitation(user: User) -> Email:
    """An email whose link lets its reader in."""
    facts = {"inviter_name": "Ada", "expires_at": NINE}
    letter = outbox.Letter(template="invitation", key="i:1", path=SECRET, path_is_secret=True, facts=facts)
    return make.email(to=user, at=NINE - MINUTE, letter=letter)


@pytest.fixture
def failed(stranger: User) -> Email:
    """Refused for good."""
    made = make.email(to=stranger, at=NINE - HOUR, letter=make.letter(path="/my-roles/"))
    Email.objects.filter(pk=made.pk).update(gave_up_at=NINE, tries=1, last_error="The mail server refused: 550 No")
    return made


def test_every_email_is_shown_with_what_became_of_it_newest_first(admin, failed, invitation):
    page = visit.by(admin).get("/emails/?template=invitation")

    assert [[row[1], row[3]] for row in visit.table(page)] == [
        ["John Doeuser@example.com", "Waiting"],
        ["Sam Strangerstranger@example.com", "FailedThe mail server refused: 550 No"],
    ]


def test_the_page_says_how_long_the_oldest_unsent_one_waits(admin, user):
    Email.objects.all().delete()
    assert "Nothing waits to be sent." in visit.main(visit.by(admin).get("/emails/")).text

    make.email(to=user, at=NINE - 7 * MINUTE)
    assert "The oldest unsent one waits for 7 min." in visit.main(visit.by(admin).get("/emails/")).text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=failed", ["Sam Stranger"]),
        ("state=waiting&template=invitation", ["John Doe"]),
        ("state=sent&template=invitation", []),
        ("person=stranger@EXAMPLE.com", ["Sam Stranger"]),
        ("person=john&template=invitation", ["John Doe"]),
        ("person=nobody", []),
        ("template=approval_wanted", []),
    ],
)
def test_filters(query, names, admin, failed, invitation):
    page = visit.by(admin).get(f"/emails/?{query}")

    people = {"John Doe": "John Doeuser@example.com", "Sam Stranger": "Sam Strangerstranger@example.com"}
    assert [row[1] for row in visit.table(page)] == [people[name] for name in names]


@pytest.mark.parametrize("query", ["state=lost", "template=x", f"person={'x' * 300}", "person=a%00b"])
def test_a_filter_that_makes_no_sense_shows_nothing_and_says_so(query, admin, failed):
    page = visit.by(admin).get(f"/emails/?{query}")

    assert (page.status_code, visit.table(page)) == (400, [])


def test_older_ones_are_on_the_next_page(admin, user, monkeypatch):
    Email.objects.all().delete()
    monkeypatch.setattr(queries, "PAGE_LENGTH", 2)
    numbers = [make.email(to=user).pk for _ in range(3)]

    first = queries.page(queries.Filters(), "")
    second = queries.page(queries.Filters(), str(first.next_key))

    assert [email.pk for email in (*first.emails, *second.emails)] == numbers[::-1]
    assert second.next_key is None
    assert queries.page(queries.Filters(), "-1; x").emails == first.emails


def test_a_link_that_lets_its_reader_in_is_shown_to_nobody(admin, invitation):
    browser = visit.by(admin)

    for path in ("/emails/", f"/emails/{invitation.pk}/"):
        assert SECRET not in browser.get(path).content.decode()

    assert visit.facts(browser.get(f"/emails/{invitation.pk}/"))["Its link"] == "lets its reader in, so it is not shown"


def test_what_an_email_told_is_not_shown(admin, user):
    email = make.email(to=user, letter=make.letter(question="Where is the key?", inviter_name="x", expires_at=NINE))

    assert "Where is the key?" not in visit.by(admin).get(f"/emails/{email.pk}/").content.decode()


def test_one_email_with_its_error_and_where_it_leads(auditor, failed):
    page = visit.by(auditor).get(f"/emails/{failed.pk}/")

    facts = visit.facts(page)
    assert (facts["Last error"], facts["Leads to"], facts["Given up"]) == (
        "The mail server refused: 550 No",
        "/my-roles/",
        "23 Nov 2026, 09:00 UTC",
    )
    assert visit.buttons(page) == []


def test_an_administrator_sends_a_failed_one_again(admin, failed):
    browser = visit.by(admin)
    assert visit.buttons(browser.get(f"/emails/{failed.pk}/")) == ["Send again"]

    page = browser.post(f"/emails/{failed.pk}/send-again/", follow=True)

    assert visit.notices(page) == ["It is tried again at once, and from now on for three days."]
    assert visit.facts(page)["Sent again"] == "23 Nov 2026, 09:00 UTC"


def test_of_a_sent_one_a_copy_is_sent_and_the_page_says_so(admin, user):
    email = make.email(to=user, at=NINE - DAY)
    deliver()
    browser = visit.by(admin)
    assert visit.buttons(browser.get(f"/emails/{email.pk}/")) == ["Send a copy"]

    page = browser.post(f"/emails/{email.pk}/send-again/", follow=True)
    again = browser.post(f"/emails/{email.pk}/send-again/", follow=True)

    assert visit.notices(page) == ["A copy is on its way. This is the copy; the first one stays as it is."]
    assert visit.notices(again) == ["A copy of it waits to be sent already. Look at that one."]


def test_a_test_email_to_oneself(admin):
    page = visit.by(admin).post("/emails/test/", follow=True)

    assert visit.notices(page) == [f"A test email to {admin.email} is on its way. Load this page again to follow it."]
    assert visit.facts(page)["To"].endswith(admin.email)


def test_a_mail_server_that_quotes_a_link_that_lets_in_gives_it_away_to_nobody(invitation, postbox):
    postbox.answer = lambda message: f"554 Blocked: http://testserver{SECRET}"

    deliver()

    invitation.refresh_from_db()
    assert invitation.last_error == "The mail server refused: 554 Blocked: http://testserver/…/"

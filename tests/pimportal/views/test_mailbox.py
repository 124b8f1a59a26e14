"""What the portal wrote, for the demo: a mailbox without a mail server."""

import pytest
from django.test import Client
from django.urls import reverse

from notifications.models import Email
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def demo_person():
    """Somebody of the demo."""
    return make.user(name="John Doe", email="demo@example.com", is_demo=True)


def test_emails_to_demo_people_are_listed_newest_first(demo_person):
    make.email(to=demo_person, at=NINE - make.HOUR, letter=make.letter(key="old", inviter_name="Otto", expires_at=NINE))
    newest = make.email(to=demo_person, letter=make.letter(key="new", inviter_name="Ada", expires_at=NINE))

    response = Client().get("/mailbox/")

    assert [row[1:] for row in visit.table(response)] == [
        ["demo@example.com", "23 Nov 2026, 09:00 UTC", "Waiting"],
        ["demo@example.com", "23 Nov 2026, 08:00 UTC", "Waiting"],
    ]
    assert next(iter(visit.links(response).values())) == f"/mailbox/{newest.pk}/"


def test_emails_to_one_person_can_be_chosen(demo_person):
    other = make.user(email="other@example.com", is_demo=True)
    for person in (demo_person, other):
        make.email(to=person)

    response = Client().get("/mailbox/", {"to": "OTHER@example.com"})

    assert [row[1] for row in visit.table(response)] == ["other@example.com"]


@pytest.mark.parametrize("to", ["user@example.com", "nobody@example.com", "", "\x00", "💥"])
def test_no_question_shows_emails_to_real_people(demo_person, user, to):
    make.email(to=user)
    make.email(to=demo_person)

    response = Client().get("/mailbox/", {"to": to})

    assert [row[1] for row in visit.table(response)] == ["demo@example.com"]


def test_where_there_are_only_real_people_the_mailbox_is_empty(user):
    make.email(to=user)

    response = Client().get("/mailbox/")

    assert (visit.table(response), [strong.text for strong in visit.main(response).all("strong")]) == (
        [],
        ["No email yet"],
    )


def test_an_email_to_a_real_person_is_not_found(user):
    email = make.email(to=user)

    assert [Client().get(f"/mailbox/{email.pk}/{part}").status_code for part in ("", "html/")] == [404, 404]


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_an_email_that_does_not_exist_is_not_found(number):
    assert Client().get(f"/mailbox/{number}/").status_code == 404


def test_an_email_is_shown_with_its_text_and_in_a_frame(demo_person):
    email = make.email(to=demo_person)

    response = Client().get(f"/mailbox/{email.pk}/")

    (frame,) = visit.main(response).all("iframe")
    assert frame.attributes["src"] == f"/mailbox/{email.pk}/html/"
    assert "To John Doe, demo@example.com. Not sent yet." in visit.main(response).text
    assert "http://testserver/" in visit.main(response).all("pre")[0].raw


def test_the_frame_can_do_nothing_but_follow_links(demo_person):
    response = Client().get(f"/mailbox/{make.email(to=demo_person).pk}/html/")

    policy = response.headers["Content-Security-Policy"]
    assert policy.split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "frame-ancestors 'self'",
        "sandbox allow-top-navigation-by-user-activation",
    ]
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in response.content.decode()


def test_the_links_in_an_email_lead_to_pages_that_exist(demo_person, approver):
    approver.is_demo = True
    approver.save()
    role_request = make.role_request(by=demo_person, approvers=(approver,))
    email = Email.objects.get(template="approval_wanted")

    response = Client().get(f"/mailbox/{email.pk}/html/")

    addresses = {link.attributes["href"] for link in visit.html(response).all("a")}
    assert f"http://testserver{reverse('request', args=[role_request.pk])}" in addresses
    paths = [address.removeprefix("http://testserver") or "/" for address in addresses]
    assert {visit.by(approver).get(path).status_code for path in paths} == {200}

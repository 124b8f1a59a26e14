"""All that is known of one request on one sheet."""

import pytest

from audit.models import Entry
from kernel.period import MINUTE
from requests_app.operations import approval, questions
from roles.operations import activation
from tests import make, visit
from tests.make import NINE
from tests.old_history import archive_all

pytestmark = pytest.mark.usefixtures("at_nine", "db")


@pytest.fixture
def granted(user, approver):
    """Asked, asked back, answered, approved, and given back early."""
    asking_for = make.ask(ticket_number="INC-7", ticket_system="Jira")
    asked = make.role_request(by=user, approvers=(approver,), asking_for=asking_for)
    question = questions.ask(make.act(by=approver, at=NINE + MINUTE), asked, "Which mailbox?")
    questions.answer(make.act(by=user, at=NINE + 2 * MINUTE), question, "All of them")
    approval.approve(make.act(by=approver, at=NINE + 3 * MINUTE), asked, because="On call")
    asked.refresh_from_db()
    activation.deactivate(make.act(by=user, at=NINE + 13 * MINUTE), asked.assignment)
    return asked


def evidence(who, of):
    return visit.by(who).get(f"/requests/{of.pk}/evidence/")


def test_it_tells_who_what_when_why_and_how_surely(granted, auditor):
    told = visit.facts(evidence(auditor, granted))

    assert told == {
        "Who": "John Doe, user@example.com",
        "Role": "Teams Administrator",
        "Where": "Directory",
        "How long": "1 h",
        "When": "2026-11-23 09:00:00 UTC, from 203.0.113.7",
        "Reason": "Mailbox migration",
        "Ticket": "Jira INC-7",
        "Second factor": "Phone (totp), shown 2026-11-23 09:00:00 UTC",
        "Approved": "by Alva Approver, approver@example.com, 2026-11-23 09:03:00 UTC, stage 1 On call",
        "Closed": "2026-11-23 09:03:00 UTC",
        "Active": "2026-11-23 09:03:00 UTC until 2026-11-23 09:13:00 UTC, ended early",
        "Alva Approver, 2026-11-23 09:01:00 UTC": "Which mailbox?",
        "Answer, 2026-11-23 09:02:00 UTC": "All of them",
    }


def test_it_lists_every_event_in_order_with_number_and_digest(granted, auditor):
    entries = list(Entry.objects.filter(request_id=granted.pk).order_by("pk"))

    rows = visit.table(evidence(auditor, granted))[-len(entries) :]

    assert [row[4] for row in rows] == [f"{entry.pk}{entry.digest}" for entry in entries]
    assert [row[1].split(" ")[0] for row in rows] == [
        "Activation", "Question", "Question", "Request", "Role", "Role",
    ]  # fmt: skip
    assert rows[3][2:4] == ["Alva Approverfrom 203.0.113.7", "Phone (totp)2026-11-23 09:03:00 UTC"]


def test_it_lists_who_was_told_by_email_at_which_address(granted, auditor):
    rows = visit.table(evidence(auditor, granted))

    assert ["Asked to decide", "Alva Approver", "approver@example.com", "waiting"] in rows


def test_what_needed_no_approval_says_so(user, auditor):
    activated = make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=make.EASY)))

    told = visit.facts(evidence(auditor, activated.role_request))

    assert told["Nobody"] == "This role needed no approval."


def test_what_nobody_decided_says_so(user, approver, auditor):
    asked = make.role_request(by=user, approvers=(approver,))

    assert visit.facts(evidence(auditor, asked))["Nobody"] == "Nobody approved or denied it."


def test_what_made_it_longer_is_told_of_both(user, auditor):
    activated = make.activation(by=user, of=make.eligibility(of=user, role=make.role(terms=make.EASY)))
    longer = make.extension(of=activated, at=NINE + 30 * MINUTE)
    first = activated.role_request

    told, told_of_the_other = evidence(auditor, first), evidence(auditor, longer)

    assert visit.facts(told)["Asked to last longer"] == f"Request {longer.pk}, 2026-11-23 09:30:00 UTC: granted"
    assert visit.links(told)[f"Request {longer.pk}"] == f"/requests/{longer.pk}/evidence/"
    assert visit.links(told_of_the_other)[f"request {first.pk}"] == f"/requests/{first.pk}/evidence/"


def test_it_is_one_link_away_from_the_request_and_back(granted, user):
    request = visit.by(user).get(f"/requests/{granted.pk}/")

    assert visit.links(request)["Evidence to print"] == f"/requests/{granted.pk}/evidence/"
    assert visit.links(evidence(user, granted))[f"Request {granted.pk}"] == f"/requests/{granted.pk}/"


def test_whoever_may_not_see_the_request_does_not_see_its_evidence(granted, stranger):
    assert evidence(stranger, granted).status_code == 404


def test_events_that_were_archived_are_not_missed_unseen(granted, auditor, user, folder):
    made = archive_all()

    sheet, journey = evidence(auditor, granted), visit.by(user).get(f"/requests/{granted.pk}/")

    said = "Older events, up to 2026-11-23 09:13:00 UTC, are not shown: they were archived on 2027-11-24 09:00:00 UTC"
    assert f"{said} (last file: {made.file})." in visit.main(sheet).text
    assert f"{said}. Whoever runs the portal has them." in visit.main(journey).text
    assert "Which mailbox?" in visit.main(journey).text

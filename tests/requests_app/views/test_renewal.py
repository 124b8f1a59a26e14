"""The page of one request to keep what is assigned, and how administrators come to it."""

import pytest
from django.urls import reverse

from kernel.period import DAY, MINUTE
from requests_app.lifecycle import Status
from requests_app.models import RenewalRequest
from roles.models import Assignment, Eligibility
from roles.operations import grants
from tests import make, visit
from tests.make import NINE
from tests.old_history import archive_all

pytestmark = pytest.mark.usefixtures("at_nine", "db")

IN_10_DAYS, EARLIER = NINE + 10 * DAY, NINE - MINUTE


@pytest.fixture
def ending(user, admin):
    return make.eligibility(of=user, end_at=IN_10_DAYS)


@pytest.fixture
def waiting(user, ending):
    return make.renewal(of=ending, by=user, at=EARLIER)


@pytest.fixture
def other_admin(db):
    return make.administrator(name="Otto Other", email="other@example.com")


def at(name, renewal):
    return reverse(name, args=[renewal.pk])


def filled(browser, renewal, **changed):
    """The decision as the page offers it, with a reason."""
    return {**visit.typed(browser.get(at("renewal", renewal))), "justification": "Fine", **changed}


def test_the_page_shows_what_is_asked_for_and_offers_it_to_an_administrator(admin, waiting):
    response = visit.by(admin).get(at("renewal", waiting))

    assert visit.facts(response) == {
        "Who": "John Doe, user@example.com",
        "Role": "Teams Administrator",
        "On": "Directory",
        "Type": "Eligible",
        "Since": "22 Nov 2026, 09:00 UTC",
        "Its end when asked": "3 Dec 2026, 09:00 UTC",
        "Wanted until": "21 Feb 2027, 09:00 UTC",
        "Reason": "The project goes on",
    }
    assert visit.typed(response) == {"kind": ["eligible"], "end_at": "2027-02-21T09:00", "justification": ""}
    assert visit.buttons(response) == ["Grant", "Deny"]


def test_who_asked_sees_it_and_can_only_cancel(user, auditor, stranger, waiting):
    assert visit.buttons(visit.by(user).get(at("renewal", waiting))) == ["Cancel this request"]
    assert visit.buttons(visit.by(auditor).get(at("renewal", waiting))) == []
    assert visit.by(stranger).get(at("renewal", waiting)).status_code == 404


def test_granted_with_another_end(admin, user, ending, waiting):
    browser = visit.by(admin)

    response = browser.post(
        at("grant_renewal", waiting), filled(browser, waiting, end_at="2027-01-10T12:00"), follow=True
    )

    ending.refresh_from_db()
    assert f"{ending.end_at:%d %b %Y %H:%M}" == "10 Jan 2027 12:00"
    assert "Granted. John Doe is told by email." in response.content.decode()
    facts = visit.facts(response)
    assert facts["Decided by"] == "Ada Admin, 23 Nov 2026, 09:00 UTC Fine"
    assert facts["Given"] == "Eligible, from 22 Nov 2026, 09:00 UTC until 10 Jan 2027, 12:00 UTC"
    assert [step.text for step in visit.main(response).all("strong")][-2:] == [
        "Extension or renewal asked for", "Extension or renewal granted",
    ]  # fmt: skip


def test_granted_as_another_type(admin, user, ending, waiting):
    browser = visit.by(admin)

    browser.post(at("grant_renewal", waiting), filled(browser, waiting, kind="active"))

    ending.refresh_from_db()
    assert (ending.is_over(NINE), Assignment.objects.get(user=user).role) == (True, ending.role)


def test_what_is_over_may_begin_later(admin, user):
    held = make.eligibility(of=user, start_at=NINE - 9 * DAY, end_at=NINE - DAY)
    waiting = make.renewal(of=held, by=user, at=EARLIER)
    browser = visit.by(admin)

    browser.post(at("grant_renewal", waiting), filled(browser, waiting, start_at="2026-11-30T08:00"))

    assert f"{Eligibility.objects.exclude(pk=held.pk).get(user=user).start_at:%d %b %Y %H:%M}" == "30 Nov 2026 08:00"


def test_a_wrong_decision_is_kept_and_changes_nothing(admin, ending, waiting):
    browser = visit.by(admin)

    past = browser.post(at("grant_renewal", waiting), filled(browser, waiting, end_at="2026-11-01T09:00"))
    none = browser.post(at("grant_renewal", waiting), filled(browser, waiting, end_at=""))
    denied = browser.post(at("deny_renewal", waiting), filled(browser, waiting, justification=" "))

    assert (past.status_code, none.status_code, denied.status_code) == (400, 400, 400)
    assert (visit.typed(past)["end_at"], visit.typed(past)["justification"]) == ("2026-11-01T09:00", "Fine")
    assert visit.sentences(none) == ["Choose an end, or tick permanent."]
    assert visit.sentences(denied) == ["Say why. The person who asked reads it."]
    assert visit.buttons(denied) == ["Grant", "Deny"]
    assert RenewalRequest.objects.get().status == Status.PENDING


def test_a_reason_that_is_too_long_denies_nothing(admin, waiting):
    browser = visit.by(admin)

    response = browser.post(at("deny_renewal", waiting), filled(browser, waiting, justification="x" * 10_000))

    assert (response.status_code, len(visit.sentences(response))) == (400, 1)
    assert RenewalRequest.objects.get().status == Status.PENDING


def test_denied_with_a_reason(admin, ending, waiting):
    response = visit.by(admin).post(at("deny_renewal", waiting), {"justification": "Not needed"}, follow=True)

    waiting.refresh_from_db()
    ending.refresh_from_db()
    assert (waiting.status, waiting.decided_by, ending.end_at) == (Status.DENIED, admin, IN_10_DAYS)
    assert "Denied. John Doe is told by email." in response.content.decode()
    assert visit.buttons(response) == []


def test_cancelled_by_who_asked_and_by_nobody_else(user, admin, waiting):
    theirs = visit.by(admin).post(at("cancel_renewal", waiting))
    mine = visit.by(user).post(at("cancel_renewal", waiting), follow=True)

    waiting.refresh_from_db()
    assert (theirs.status_code, waiting.status) == (400, Status.CANCELLED)
    assert "Your request is cancelled." in mine.content.decode()
    assert visit.notices(theirs)[0] == "Only the person who asked can cancel a request."


def test_what_was_granted_meanwhile_cannot_be_cancelled_and_the_page_says_who_did(user, admin, waiting):
    browser = visit.by(admin)
    browser.post(at("grant_renewal", waiting), filled(browser, waiting))

    response = visit.by(user).post(at("cancel_renewal", waiting), {"sent": "from a browser"})

    assert response.status_code == 409
    assert visit.notices(response) == ["Ada Admin has granted this request already, 23 Nov 2026, 09:00 UTC."]
    assert visit.sentences(response) == []


def test_a_late_decision_hears_who_decided_and_when(admin, other_admin, waiting):
    late, faster = visit.by(admin), visit.by(other_admin)
    typed = filled(late, waiting)
    faster.post(at("deny_renewal", waiting), {"justification": "Not needed"})

    answers = [late.post(at(name, waiting), typed) for name in ("grant_renewal", "deny_renewal")]

    assert [answer.status_code for answer in answers] == [409, 409]
    for answer in answers:
        assert visit.sentences(answer) == ["Otto Other has denied this request already, 23 Nov 2026, 09:00 UTC."]
        assert visit.buttons(answer) == []


def test_nobody_decides_on_their_own(admin, other_admin):
    own = make.renewal(of=make.assignment(of=admin, end_at=IN_10_DAYS), by=admin, at=EARLIER)

    response = visit.by(admin).post(at("deny_renewal", own), {"justification": "No"})

    assert response.status_code == 400
    assert "Nobody decides on their own request. Another administrator has to." in visit.sentences(response)


def test_what_can_no_longer_be_granted_says_why_before_the_worker_does(admin, ending, waiting):
    grants.remove_eligibility(make.act(), ending, because="New job")

    response = visit.by(admin).get(at("renewal", waiting))

    assert visit.notices(response) == ["This is no longer possible: it was taken away, or changed to another type."]
    assert visit.buttons(response) == []


def test_administrators_find_what_waits_but_not_their_own(user, admin, other_admin, approver, waiting):
    own = make.renewal(of=make.assignment(of=admin, end_at=IN_10_DAYS), by=admin, at=EARLIER)

    def inbox(person):
        response = visit.by(person).get(reverse("approvals"))
        _title, tasks = response.context["sections"][0]
        return [row[0] for row in visit.table(response)], [task.count for task in tasks if task.name == "approvals"]

    assert inbox(admin) == (["John Doeuser@example.com"], ["1"])
    assert inbox(other_admin) == (["John Doeuser@example.com", "Ada Adminadmin@example.com"], ["2"])
    assert inbox(approver) == inbox(user) == ([], [""])
    links = visit.links(visit.by(other_admin).get(reverse("approvals")))
    assert {at("renewal", waiting), at("renewal", own)} <= set(links.values())


def test_a_journey_that_was_archived_is_not_missed_unseen(waiting, user, folder):
    assert "Older events" not in visit.main(visit.by(user).get(at("renewal", waiting))).text

    archive_all()

    assert "Older events, up to" in visit.main(visit.by(user).get(at("renewal", waiting))).text

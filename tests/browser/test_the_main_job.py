"""The promise of the portal, walked in a browser: somebody becomes Teams Administrator, and stops being it.

Each step of the story is a function that says what its people do and see. What they leave behind for the next step
is in the database, where it belongs.
"""

import csv
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from audit.models import Entry
from kernel.period import DAY, HOUR, MINUTE, SECOND
from notifications.models import Email
from pimportal import worker
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from roles.models import Assignment, Eligibility
from tests import queue
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEAMS = "Teams Administrator"
REASON = "Room 4 needs a new meeting policy before nine o'clock"
ASKS = "PIM: John Doe asks to be Teams Administrator for 1 h 30 min"


@dataclass
class Cast:
    """Who plays."""

    admin: Person
    user: Person
    approver: Person
    second: Person
    auditor: Person
    stranger: Person
    scanner: Person
    """Whatever opens links in emails before a person does."""


def test_somebody_becomes_teams_administrator_and_stops_being_it(somebody: Callable[..., Person]) -> None:
    names = ("admin", "user", "approver", "second.approver", "auditor", "stranger", "scanner")
    cast = Cast(*map(somebody, names))

    the_administrator_signs_in(cast)
    the_administrator_sets_the_role(cast)
    the_administrator_makes_the_user_eligible(cast)
    the_role_is_closed_before(cast)
    the_user_asks(cast)
    opening_the_link_changes_nothing(cast)
    the_approver_approves(cast)
    the_role_is_open(cast)
    nobody_deactivates_in_the_first_five_minutes(cast)
    time_ends_it_without_a_worker(cast)
    the_worker_tells_of_the_end(cast)
    the_user_deactivates_another_role(cast)
    a_request_is_denied(cast)
    a_request_is_cancelled(cast)
    a_request_runs_out_of_time(cast)
    a_later_start_is_waited_for(cast)
    the_user_reads_their_own_history(cast)
    the_auditor_reads_all_of_it(cast)


# --- 1. settings


def the_administrator_signs_in(cast: Cast) -> None:
    admin = cast.admin.goes_to("/roles/?q=teams")
    assert admin.path == "/sign-in/?next=/roles/%3Fq%3Dteams"
    admin.takes_a_picture("sign-in")

    admin.fills(username=admin.address, password="guessed-wrongly").presses("Sign in")
    admin.reads("Email or password is not right. Check both and try again.").takes_a_picture("sign-in-refused")

    admin.fills(username=admin.address, password="correct-horse-battery").presses("Sign in")
    admin.sees("Additional verification required").takes_a_picture("verify")
    admin.fills(code="000000").presses("Verify")
    admin.reads("That code is not right, or was used already. Wait for the next one in your app and enter it.")
    admin.takes_a_picture("verify-refused")

    admin.page.wait_for_timeout(1100)  # a wrong code makes the next try wait for a second
    admin.verifies()
    assert admin.path == "/roles/?q=teams"


def the_administrator_sets_the_role(cast: Cast) -> None:
    admin = cast.admin
    admin.goes_to("/").takes_a_picture("home-of-an-administrator")
    admin.goes_to("/roles/").sees("1–50 of 122").takes_a_picture("roles")
    admin.goes_to("/roles/?q=no+such+role").sees("No role found").takes_a_picture("roles-none-found")

    admin.fills(q="teams administrator").presses("Search")
    assert rows(admin) == [[TEAMS, "Directory", "Changed", "the portal"]]
    admin.follows(f"Settings of {TEAMS}").takes_a_picture("role-settings")
    admin.page.select_option("[name=activation_max_duration]", label="8 h")
    admin.page.get_by_label("A second factor", exact=True).check()
    for box in ("needs_justification", "needs_ticket", "needs_approval"):
        admin.page.check(f"[name={box}]")
    admin.fills(approvers="Alva Approver\nsecond.approver@example.com")
    admin.fills(decision_window_duration="500").presses("Save settings")
    admin.reads("Choose from 1 to 168 whole hours.").takes_a_picture("role-settings-refused")

    admin.fills(decision_window_duration="24").presses("Save settings")
    admin.is_told(f"The settings of {TEAMS} are saved: 1 change.").sees("Changed last by Ada Admin")
    admin.sees("2 people: Alva Approver and Ben Second. 1 approval is needed.").takes_a_picture("role")

    admin.follows("Assignment").follows("Settings")
    for box in ("permanent_eligible_allowed", "permanent_active_allowed"):
        admin.page.uncheck(f"[name={box}]")
    admin.page.select_option("[name=eligible_max_duration]", label="1 year")
    admin.presses("Save settings").is_told(f"The settings of {TEAMS} are saved: 2 changes.").sees("365 days")
    admin.goes_to("/roles/?q=teams+administrator")
    assert rows(admin) == [[TEAMS, "Directory", "Changed", "Ada Admin"]]


def rows(person: Person) -> list[list[str]]:
    """The list of roles: name, resource, whether the settings differ, who changed them last."""
    found = []
    for row in person.main.locator("tbody tr").all():
        role, resource, settings, changed, _button = row.locator("td").all()
        name = role.locator("a").inner_text()
        found.append([name, resource.inner_text(), settings.inner_text(), changed.inner_text().partition("by ")[2]])
    return found


# --- 2. assignment


def the_administrator_makes_the_user_eligible(cast: Cast) -> None:
    admin = cast.admin.goes_to("/roles/?q=teams+administrator").follows(TEAMS).follows("Add assignment")
    admin.takes_a_picture("add-assignment")
    admin.page.select_option("[name=holder]", label="John Doe (user@example.com)")
    admin.page.check("[name=permanent]")
    offered = admin.page.input_value("[name=end_at]")
    admin.fills(end_at="").presses("Assign")
    admin.reads("This role may not be assigned permanently. Choose an end at most 365 days after the start.")
    admin.takes_a_picture("add-assignment-refused")

    admin.page.uncheck("[name=permanent]")
    too_long = datetime.fromisoformat(offered) + DAY
    admin.fills(end_at=f"{too_long:%Y-%m-%dT%H:%M}").presses("Assign")
    (sentence,) = admin.main.locator(".invalid-feedback").all_inner_texts()
    assert re.fullmatch(r"That is [\dhmindays ]+ too long\. This role may be assigned for at most 365 days\.", sentence)

    admin.fills(end_at=offered, justification="Looks after the meeting rooms").presses("Assign")
    admin.is_told("John Doe is now eligible for Teams Administrator. They and the administrators get an email.")
    admin.takes_a_picture("assignments-eligible")

    queue.drain()
    until = f"{datetime.fromisoformat(offered).day} {datetime.fromisoformat(offered):%b %Y, %H:%M} UTC"
    assert cast.user.subjects()[0] == f"PIM: You were made eligible for {TEAMS} until {until}"
    assert admin.subjects()[0] == f"PIM: Ada Admin made John Doe eligible for {TEAMS} until {until}"


# --- 3. before


def the_role_is_closed_before(cast: Cast) -> None:
    user = cast.user
    assert user.asks_for_access().status == 401
    user.goes_to("/demo/teams-admin-center/")
    assert user.path == "/sign-in/?next=/demo/teams-admin-center/"

    user.signs_in()
    assert user.path == "/demo/teams-admin-center/"
    user.sees("Closed", "You are not active as Teams Administrator.").takes_a_picture("application-closed")
    assert user.asks_for_access().status == 403
    user.goes_to("/").sees("No role is active.").takes_a_picture("home-of-a-user")
    user.goes_to("/my-roles/").takes_a_picture("my-roles-eligible")
    user.goes_to("/my-roles/?tab=active").sees("You have no active role").takes_a_picture("my-roles-none-active")
    user.goes_to("/requests/").sees("You have not asked for anything yet").takes_a_picture("my-requests-none")
    assert cast.stranger.signs_in().asks_for_access().status == 403
    cast.stranger.goes_to("/my-roles/").sees("You are not eligible").takes_a_picture("my-roles-none")


# --- 4. activate


def the_user_asks(cast: Cast) -> None:
    user = cast.user.goes_to("/my-roles/").follows(f"Activate {TEAMS}")
    user.sees("Additional verification required").takes_a_picture("activate-unproven")
    form = user.path
    user.follows("Verify now").verifies()
    assert user.path == form
    user.sees_no("Additional verification required").takes_a_picture("activate")
    assert user.page.locator("[name=duration] option").all_inner_texts()[-1] == "8 h"

    user.page.select_option("[name=duration]", label="1 h 30 min")
    user.fills(ticket_number="INC-4711").presses("Ask for approval")
    user.reads("Enter the system the ticket is in.", "Say why you need the role.")
    user.takes_a_picture("activate-refused")
    assert user.page.input_value("[name=duration]") == "90"
    assert user.page.input_value("[name=ticket_number]") == "INC-4711"

    user.fills(ticket_system="ServiceNow", justification=REASON).presses("Ask for approval")
    user.is_told(f"Your request for {TEAMS} is sent. You get an email when it is decided.")
    user.sees("It waits for approval", "One of Alva Approver, Ben Second has to decide until", "23 h 59 min left")
    user.sees_buttons("Cancel this request").takes_a_picture("request-waiting")
    role_request = RoleRequest.objects.get()
    assert role_request.decide_until - role_request.asked_at == 24 * HOUR
    user.goes_to("/my-roles/").sees("Waits for approval").takes_a_picture("my-roles-waiting")
    user.goes_to("/").sees("Waiting for approval").takes_a_picture("home-waiting")
    user.goes_to("/requests/").takes_a_picture("my-requests")


# --- 5. approve


def opening_the_link_changes_nothing(cast: Cast) -> None:
    queue.drain()
    role_request = RoleRequest.objects.get()
    before = traces(role_request)
    assert before == (Status.PENDING, 0, 0, 1)

    scanner, link = cast.scanner, f"/requests/{role_request.pk}/"
    scanner.goes_to(link)
    assert scanner.path == f"/sign-in/?next={link}"
    assert scanner.page.request.get(link).url.endswith(f"/sign-in/?next={link}")
    assert traces(role_request) == before

    approver = cast.approver.opens_mail(ASKS)
    approver.reads_mail("John Doe", TEAMS, "Directory", "1 h 30 min", "at once, when approved", REASON, "INC-4711")
    approver.reads_mail("Decide until", "Collaboration engineer").takes_a_picture("email-approval-wanted")
    approver.clicks_in_mail("Approve or deny request")
    assert approver.path == f"/sign-in/?next={link}"
    approver.signs_in()
    assert approver.path == link
    approver.sees(REASON, "ServiceNow INC-4711", "Demo authenticator").sees_buttons("Approve", "Deny", "Ask")
    approver.takes_a_picture("request-to-decide")
    assert traces(role_request) == before

    approver.goes_to("/").sees("Waits for your decision").takes_a_picture("home-of-an-approver")
    approver.goes_to("/approvals/").takes_a_picture("approvals")
    cast.second.opens_mail(ASKS)
    assert ASKS not in cast.user.subjects()
    assert ASKS not in cast.stranger.subjects()
    approver.goes_to("/mailbox/").takes_a_picture("mailbox")


def traces(role_request: RoleRequest) -> tuple[str, int, int, int]:
    """What deciding a request would change."""
    role_request.refresh_from_db()
    return (
        role_request.status,
        Decision.objects.count(),
        Assignment.objects.exclude(activated_from=None).count(),
        Entry.objects.filter(request_id=role_request.pk).count(),
    )


def the_approver_approves(cast: Cast) -> None:
    approver, link = cast.approver, f"/requests/{RoleRequest.objects.get().pk}/"
    cast.user.goes_to(link).sees_buttons("Cancel this request")
    cast.stranger.goes_to(link).sees("There is nothing here")
    cast.stranger.takes_a_picture("not-found")
    cast.auditor.goes_to(link).signs_in().sees_buttons()
    cast.auditor.sees("Waits for one of Alva Approver, Ben Second").takes_a_picture("request-seen-by-an-auditor")
    second = cast.second.goes_to(link).signs_in().sees_buttons("Approve", "Deny", "Ask")

    approver.goes_to("/approvals/").follows(f"Decide on {TEAMS} for John Doe").presses("Approve")
    approver.reads("Say why you approve or deny.").takes_a_picture("decision-refused")
    approver.fills(justification="On call, fine").presses("Approve")
    approver.is_told("You approved the request. John Doe is told by email.").sees_buttons()
    approver.sees("Approved by", "Alva Approver", "On call, fine").takes_a_picture("request-approved")

    second.fills(justification="Not tonight").presses("Deny")
    second.sees("Alva Approver has approved this request at ").sees_buttons()
    second.takes_a_picture("decision-too-late")
    assert second.page.input_value("[name=justification]") == "Not tonight"

    queue.drain()
    assert cast.user.subjects()[0].startswith(f"PIM: Approved: {TEAMS} until ")
    for told in (cast.second, cast.admin):
        assert told.subjects()[0].startswith(f"PIM: Alva Approver approved: John Doe as {TEAMS} until ")
    assert not cast.approver.subjects()[0].startswith("PIM: Alva Approver approved")
    cast.user.opens_mail("PIM: Approved").reads_mail("Alva Approver", "On call, fine")
    cast.user.takes_a_picture("email-approved")


# --- 6. active


def the_role_is_open(cast: Cast) -> None:
    user, (decision, assignment) = cast.user, (Decision.objects.get(), activation())
    assert (assignment.start_at, assignment.end_at) == (decision.decided_at, decision.decided_at + 90 * MINUTE)

    user.goes_to("/my-roles/?tab=active").sees(TEAMS, "1 h 29 min left").takes_a_picture("my-roles-active")
    user.goes_to("/").sees("1 h 29 min left").takes_a_picture("home-active")
    user.goes_to("/demo/teams-admin-center/").sees("You are in", "1 h 29 min left").takes_a_picture("application-open")
    access = user.asks_for_access()
    assert (access.status, access.headers["x-pim-user"], access.until) == (
        204, "user@example.com", assignment.end_at,
    )  # fmt: skip
    assert (cast.approver.asks_for_access().status, cast.scanner.asks_for_access().status) == (403, 401)
    user.goes_to(f"/requests/{assignment.request_number}/").sees("Role activated").takes_a_picture("request-active")
    cast.admin.goes_to("/assignments/?tab=active").sees("Activated").takes_a_picture("assignments-active")
    cast.admin.goes_to(f"/roles/{assignment.role_id}/").takes_a_picture("role-with-active")


def activation() -> Assignment:
    """The activation made last."""
    return Assignment.objects.exclude(activated_from=None).latest("pk")


# --- 7. end


def nobody_deactivates_in_the_first_five_minutes(cast: Cast) -> None:
    user = cast.user.goes_to("/my-roles/?tab=active").follows(f"Deactivate {TEAMS}")
    user.sees("A role can be deactivated 5 minutes after it was activated: from")
    expect(user.page.get_by_role("button", name="Deactivate", exact=True)).to_have_count(0)
    user.takes_a_picture("deactivate-refused")
    assert user.asks_for_access().status == 204


def time_ends_it_without_a_worker(cast: Cast) -> None:
    user, end_at = cast.user, timezone.now() + 3 * SECOND
    Assignment.objects.filter(pk=activation().pk).update(end_at=end_at)
    before = user.asks_for_access()
    assert (before.status, before.until) == (204, end_at)
    user.goes_to("/demo/teams-admin-center/").sees("You are in")

    time.sleep(max(0, (end_at - timezone.now()).total_seconds()))

    assert user.asks_for_access().status == 403
    user.goes_to("/demo/teams-admin-center/").sees("Closed")
    user.goes_to("/my-roles/?tab=active").sees("You have no active role")
    user.goes_to("/my-roles/?tab=expired").sees(TEAMS).takes_a_picture("my-roles-expired")
    assert (queue.waiting(), Entry.objects.filter(kind="role.activation_ended").count()) == ([], 0)


def the_worker_tells_of_the_end(cast: Cast) -> None:
    end_at, now = activation().end_at, timezone.now()
    assert end_at is not None

    assert worker.tick(end_at - SECOND, now)[0] == now
    assert queue.drain() == ["roles.tasks.tell_assignment_end", "notifications.tasks.deliver"]

    ended = Entry.objects.get(kind="role.activation_ended")
    assert (ended.actor_name, ended.person_name, ended.role_name) == ("The portal", "John Doe", TEAMS)
    assert ended.facts["ended_at"] == end_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert cast.user.subjects()[0] == f"PIM: Ended: your active role {TEAMS}"
    cast.user.opens_mail("PIM: Ended").takes_a_picture("email-ended")


def the_user_deactivates_another_role(cast: Cast) -> None:
    user = cast.user.goes_to("/my-roles/").follows("Activate Teams Reader").presses("Activate")
    user.is_told("Teams Reader is activated.").takes_a_picture("request-granted-at-once")
    assert user.asks_for_access("Teams Reader").status == 204
    Assignment.objects.filter(pk=activation().pk).update(start_at=timezone.now() - 6 * MINUTE)

    user.follows("Deactivate").presses("Deactivate").is_told("Teams Reader is no longer active.")

    assert user.asks_for_access("Teams Reader").status == 403
    queue.drain()
    assert user.subjects()[0] == "PIM: Ended: your active role Teams Reader"


def asks_again(user: Person, reason: str, *, start_at: datetime | None = None) -> RoleRequest:
    """Another request for the same role."""
    user.goes_to("/my-roles/").follows(f"Activate {TEAMS}")
    user.fills(ticket_number="INC-4712", ticket_system="ServiceNow", justification=reason)
    if start_at:
        user.fills(start_at=f"{start_at:%Y-%m-%dT%H:%M}")
    user.presses("Ask for approval").sees("It waits for approval")
    queue.drain()
    return RoleRequest.objects.latest("pk")


def a_request_is_denied(cast: Cast) -> None:
    role_request = asks_again(cast.user, "Once more, please")
    second = cast.second.opens_mail("PIM: John Doe asks").clicks_in_mail("Approve or deny request")
    second.fills(justification="Wait for the change window").presses("Deny")
    second.is_told("You denied the request. John Doe is told by email.").takes_a_picture("request-denied")

    queue.drain()
    assert cast.user.subjects()[0] == f"PIM: Denied: {TEAMS} for 1 h"
    for told in (cast.approver, cast.admin):
        assert told.subjects()[0] == f"PIM: Ben Second denied: John Doe as {TEAMS} for 1 h"
    cast.user.opens_mail("PIM: Denied").reads_mail("Ben Second", "Wait for the change window")
    cast.user.takes_a_picture("email-denied")
    assert cast.user.asks_for_access().status == 403
    assert traces(role_request)[0] == Status.DENIED


def a_request_is_cancelled(cast: Cast) -> None:
    role_request = asks_again(cast.user, "And once more")
    approver = cast.approver.opens_mail("PIM: John Doe asks").clicks_in_mail("Approve or deny request")
    cast.user.presses("Cancel this request").is_told("Your request is cancelled.")
    cast.user.sees_buttons().takes_a_picture("request-cancelled")

    approver.fills(justification="On call, fine").presses("Approve")
    approver.sees("John Doe has cancelled this request at ")
    queue.drain()
    assert approver.subjects()[0] == f"PIM: Nothing left to decide: John Doe as {TEAMS}"
    assert traces(role_request)[0] == Status.CANCELLED
    approver.goes_to("/approvals/").sees("Nothing waits for you").takes_a_picture("approvals-none")


def a_request_runs_out_of_time(cast: Cast) -> None:
    role_request = asks_again(cast.user, "The last time")
    ran_out_at = timezone.now()
    RoleRequest.objects.filter(pk=role_request.pk).update(decide_until=ran_out_at)

    user = cast.user.goes_to(f"/requests/{role_request.pk}/").sees("Nobody decided this request until")
    user.sees_buttons().takes_a_picture("request-ran-out")
    cast.approver.goes_to(f"/requests/{role_request.pk}/").sees_buttons()
    assert traces(role_request)[0] == Status.PENDING

    worker.tick(ran_out_at - SECOND, timezone.now())
    assert queue.drain()[0] == "requests_app.tasks.time_out"
    assert traces(role_request)[0] == Status.TIMED_OUT
    assert user.subjects()[0] == f"PIM: Nobody decided in time: {TEAMS} for 1 h"
    user.goes_to("/requests/").sees("Not decided in time", "Cancelled", "Denied", "Granted")
    user.takes_a_picture("my-requests-all-ends")


def a_later_start_is_waited_for(cast: Cast) -> None:
    tomorrow = (timezone.now() + DAY).replace(second=0, microsecond=0)
    role_request = asks_again(cast.user, "The night shift", start_at=tomorrow)
    cast.approver.goes_to(f"/requests/{role_request.pk}/").fills(justification="Planned").presses("Approve")
    cast.approver.sees("Scheduled").takes_a_picture("request-scheduled")

    assert (activation().start_at, activation().end_at) == (tomorrow, tomorrow + HOUR)
    assert cast.user.asks_for_access().status == 403
    cast.user.goes_to("/my-roles/?tab=active").sees("Scheduled").takes_a_picture("my-roles-scheduled")
    queue.drain()


# --- 8. history


@dataclass
class Told:
    """A row of the history, as it is read."""

    when: str
    what: str
    who: str
    whom: str
    reason: str


def told(person: Person) -> list[Told]:
    """The rows of the history page that is open."""
    return [Told(*row.locator("td").all_inner_texts()) for row in person.main.locator("tbody tr").all()]


def happened(rows: list[Told]) -> list[str]:
    """What happened, oldest first."""
    return [row.what.splitlines()[0] for row in reversed(rows)]


def the_user_reads_their_own_history(cast: Cast) -> None:
    user, number = cast.user.goes_to("/my-history/?q=teams"), RoleRequest.objects.earliest("pk").pk
    rows = told(user)
    assert happened(rows) == [
        "Made eligible", "Made eligible", "Made eligible",  # by the demo and by the administrator
        "Activation requested", "Request approved", "Role activated", "Activation ended",
        "Activation requested", "Role activated", "Role deactivated",  # Teams Reader
        "Activation requested", "Request denied",
        "Activation requested", "Request cancelled",
        "Activation requested", "Request not decided in time",
        "Activation requested", "Request approved", "Role activated",  # later
    ]  # fmt: skip
    assert [row.when for row in rows] == sorted((row.when for row in rows), reverse=True)

    ended, activated, approved, requested = rows[-7], rows[-6], rows[-5], rows[-4]
    assert [row.what for row in (requested, approved, activated)] == [
        f"Activation requested\nRequest {number}", f"Request approved\nRequest {number}",
        f"Role activated\nRequest {number}",
    ]  # fmt: skip
    assert [row.who for row in (requested, approved, activated, ended)] == [
        "John Doe\nfrom 127.0.0.1", "Alva Approver\nfrom 127.0.0.1", "Alva Approver\nfrom 127.0.0.1", "The portal",
    ]  # fmt: skip
    assert {row.whom for row in (requested, approved, activated, ended)} == {f"John Doe\n{TEAMS}, Directory"}
    assert requested.reason.startswith(f"{REASON}\nTicket: ServiceNow INC-4711\nSecond factor: Demo authenticator")
    assert approved.reason == "On call, fine\nApprover: Alva Approver\nTicket: ServiceNow INC-4711"
    assert activated.reason == f"{REASON}\nApprover: Alva Approver\nTicket: ServiceNow INC-4711"

    user.goes_to("/my-history/").takes_a_picture("my-history")
    assert "Ada Admin" not in {row.whom for row in told(user)}
    cast.stranger.goes_to("/history/").sees("This is not open to you now").takes_a_picture("forbidden")
    assert happened(told(cast.stranger.goes_to("/my-history/"))) == ["Person added", "Signed in"]


def the_auditor_reads_all_of_it(cast: Cast) -> None:
    auditor = cast.auditor.goes_to("/history/")
    auditor.takes_a_picture("history")
    assert "Ada Admin" in {row.who.splitlines()[0] for row in told(auditor)}

    auditor.goes_to("/history/").fills(q="INC-4711").presses("Show")
    assert happened(told(auditor)) == ["Activation requested", "Request approved", "Role activated"]
    auditor.page.get_by_text("More filters").click()
    auditor.fills(q="", role=TEAMS)
    auditor.page.select_option("[name=kind]", label="Request denied")
    auditor.presses("Show").takes_a_picture("history-filtered")
    assert [row.reason.splitlines()[0] for row in told(auditor)] == ["Wait for the change window"]
    auditor.page.select_option("[name=kind]", label="Role settings changed")
    auditor.presses("Show")
    assert [row.who.splitlines()[0] for row in told(auditor)] == ["Ada Admin", "Ada Admin", "The portal"]
    auditor.goes_to("/history/?q=nothing+like+it").sees("Nothing here").takes_a_picture("history-none")

    auditor.goes_to(f"/history/?q=INC-4711&role={TEAMS}&days=7")
    with auditor.page.expect_download() as download:
        auditor.presses("Download CSV")
    with Path(download.value.path()).open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert download.value.suggested_filename == "audit-history.csv"
    assert lines.pop()["id"].startswith("End of file. Events: 3. SHA-256: ")
    assert [line["kind"] for line in lines] == ["role.activated", "request.approved", "request.made"]
    activated = lines[0]
    activated_at = datetime.fromisoformat(activated.pop("at"))
    entry = Entry.objects.get(kind="role.activated", pk=activated.pop("id"))
    assert activated.pop("digest") == entry.digest
    assert json.loads(activated.pop("facts")).keys() == {"start_at", "end_at"}
    assert timedelta() < timezone.now() - activated_at < 10 * MINUTE
    role_request = RoleRequest.objects.earliest("pk")
    assert activated == {
        "kind": "role.activated", "actor_name": "Alva Approver", "person_name": "John Doe", "role_name": TEAMS,
        "actor_id": str(role_request.decisions.get().approver_id), "person_id": str(role_request.user_id),
        "scope_name": "Directory", "because": REASON, "approver_name": "Alva Approver", "ticket_number": "INC-4711",
        "ticket_system": "ServiceNow", "proof_method": "", "proof_device": "", "proof_at": "", "ip": "127.0.0.1",
        "request_id": str(role_request.pk), "outcome": "", "role_id": str(role_request.role_id),
    }  # fmt: skip
    assert (lines[2]["proof_method"], lines[2]["proof_device"]) == ("totp", "Demo authenticator")
    assert Email.objects.waiting().count() == 0
    assert Eligibility.objects.filter(role__name=TEAMS, user__email="user@example.com").count() == 2
    expect(auditor.page).to_have_url(re.compile("/history/"))

"""What waits for my decision: one or many at once."""

import pytest

from kernel.period import DAY, HOUR, MINUTE
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from requests_app.operations import approval
from requests_app.queries import inbox
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

EARLIER = NINE - 10 * MINUTE


@pytest.fixture
def request_by_user(user, approver, other_approver):
    """John asked ten minutes ago; Alva or Ben decide."""
    return make.role_request(by=user, approvers=(approver, other_approver), at=EARLIER)


def test_the_inbox_shows_what_waits_for_me_oldest_first_and_never_my_own(user, stranger, approver, other_approver):
    role = make.role(approvers=(approver, other_approver))
    for person, at in ((user, NINE), (stranger, EARLIER), (approver, EARLIER)):
        make.role_request(by=person, for_=make.eligibility(of=person, role=role), at=at)

    response = visit.by(approver).get("/approvals/")

    assert [row[:1] + row[5:6] for row in visit.table(response)] == [
        ["Sam Stranger, Teams Administratorstranger@example.com", "23 h 50 min left"],
        ["John Doe, Teams Administratoruser@example.com", "1 day left"],
    ]


def test_the_inbox_of_somebody_who_decides_nothing_is_empty(request_by_user, user, stranger, admin):
    pages = [visit.by(person).get("/approvals/") for person in (user, stranger, admin)]

    assert [visit.table(page) for page in pages] == [[], [], []]


def test_the_inbox_drops_what_ran_out_of_time(request_by_user, approver, at_nine):
    at_nine.move_to(EARLIER + DAY)

    assert visit.table(visit.by(approver).get("/approvals/")) == []


# --- many at once


@pytest.fixture
def two(user, stranger, approver, other_approver):
    """John and Sam wait for Alva or Ben."""
    role = make.role(approvers=(approver, other_approver))
    return [make.role_request(by=one, for_=make.eligibility(of=one, role=role), at=EARLIER) for one in (user, stranger)]


def send(browser, requests, verb="approve", because="On call"):
    numbers = [str(one.pk) for one in requests]
    return browser.post(f"/approvals/{verb}/", {"justification": because, "request": numbers}, follow=True)


@pytest.mark.parametrize(("verb", "word", "status"), [("approve", "approved", "granted"), ("deny", "denied", "denied")])
def test_many_are_decided_with_one_reason(two, approver, verb, word, status):
    response = send(visit.by(approver), two, verb)

    assert visit.notices(response) == [f"You {word} 2 requests. Whoever asked is told when it is decided."]
    assert [one.status for one in RoleRequest.objects.all()] == [status] * 2
    assert {one.justification for one in Decision.objects.all()} == {"On call"}


def test_each_is_decided_by_itself_and_says_what_became_of_it(two, user, approver, other_approver):
    approval.deny(make.act(by=other_approver), two[0], because="No")

    response = send(visit.by(approver), two)

    assert response.status_code == 409
    assert visit.notices(response) == [
        "Not all of it was done Teams Administrator for John Doe: "
        "Ben Second has denied this request at 09:00 UTC already.Teams Administrator for Sam Stranger: done."
    ]
    assert [RoleRequest.objects.get(pk=one.pk).status for one in two] == [Status.DENIED, Status.GRANTED]


def test_without_a_reason_nothing_is_decided_and_the_ticks_stay(two, approver):
    response = send(visit.by(approver), two, because="")

    assert response.status_code == 400
    assert visit.typed(response)["request"] == [str(one.pk) for one in two]
    assert (Decision.objects.count(), seen.events()) == (0, [])


@pytest.mark.parametrize("sent", [[], ["x"], ["9" * 30], ["999999"]])
def test_with_nothing_ticked_the_page_says_so(two, approver, sent):
    response = visit.by(approver).post("/approvals/approve/", {"justification": "On call", "request": sent})

    assert (response.status_code, visit.sentences(response)) == (400, ["Tick the requests you decide on."])
    assert visit.typed(response)["justification"] == "On call"


def test_a_stranger_decides_on_none_of_them(two, auditor, stranger):
    answers = [send(visit.by(person), two[:1]).status_code for person in (auditor, stranger)]

    assert (answers, Decision.objects.count()) == ([400, 400], 0)


def test_the_second_factor_is_asked_for_once_and_nothing_typed_is_lost(user, approver):
    rounds = make.stages(make.stage(approver), needs_second_factor=True)
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)
    browser = visit.by(approver, proven=False)

    response = browser.post("/approvals/approve/", {"justification": "On call", "request": [role_request.pk]})
    back = browser.get("/approvals/")

    assert response.headers["Location"] == "/verify/?next=%2Fapprovals%2F"
    assert (visit.typed(back)["justification"], visit.typed(back)["request"]) == ("On call", [str(role_request.pk)])


# --- finding


@pytest.fixture
def narrowed(two, approver, monkeypatch):
    """The second of two pages, with one request each; what is sent from it, with a reason or without."""
    monkeypatch.setattr(inbox, "ON_A_PAGE", 1)
    browser = visit.by(approver)
    page = browser.get("/approvals/?q=teams&sort=person&page=2")

    def decide(because):
        (form,) = [one for one in visit.main(page).all("form") if one.attributes.get("method") == "post"]
        return browser.post(form.attributes["action"], {"request": [two[1].pk], "justification": because})

    return decide


def test_a_refused_decision_leaves_the_inbox_narrowed_ordered_and_on_its_page(narrowed):
    response = narrowed("")

    filters = {one.attributes.get("name"): one.attributes.get("value") for one in visit.main(response).all("input")}
    current = [link.attributes["href"] for link in visit.html(response).all("a") if "aria-current" in link.attributes]
    assert (response.status_code, filters["q"], set(current)) == (400, "teams", {"/approvals/"})
    assert [row[0].split()[0] for row in visit.table(response)] == ["Sam"]
    assert visit.links(response)["Previous"] == "/approvals/?q=teams&sort=person&page=1"


def test_a_decision_leads_back_to_the_inbox_as_it_was(narrowed):
    assert narrowed("On call").headers["Location"] == "/approvals/?q=teams&sort=person&page=2"


def test_the_step_up_leads_back_to_the_inbox_as_it_was(user, approver):
    rounds = make.stages(make.stage(approver), needs_second_factor=True)
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)
    browser, sent = visit.by(approver, proven=False), {"justification": "On call", "request": [role_request.pk]}

    led = browser.post("/approvals/deny/?q=john+doe&sort=role", sent)
    back = browser.get("/approvals/?q=john+doe&sort=role")

    assert led.headers["Location"] == "/verify/?next=%2Fapprovals%2F%3Fq%3Djohn%2Bdoe%26sort%3Drole"
    assert visit.typed(back)["justification"] == "On call"


@pytest.mark.parametrize(
    ("query", "people"),
    [("?q=sam", ["Sam"]), ("?q=teams", ["John", "Sam"]), ("?q=nobody", []), ("?sort=person", ["John", "Sam"]),
     ("?sort=role", ["John", "Sam"]), ("?sort=nonsense", ["John", "Sam"]), ("?sort=time", ["John", "Sam"])],
)  # fmt: skip
def test_the_inbox_is_narrowed_and_ordered(two, approver, query, people):
    rows = visit.table(visit.by(approver).get(f"/approvals/{query}"))

    assert [row[0].split()[0] for row in rows] == people


def test_the_inbox_shows_the_last_five_activations_of_that_role(user, approver):
    role = make.role(terms=make.EASY)
    eligibility = make.eligibility(of=user, role=role)
    for hours in range(3, 9):
        make.activation(by=user, of=eligibility, at=NINE - 2 * hours * HOUR)
    make.change_terms(of=role, to=make.ActivationTerms(needs_approval=True), approvers=(approver,), at=EARLIER)
    make.role_request(by=user, for_=eligibility, at=EARLIER)

    (row,) = visit.table(visit.by(approver).get("/approvals/"))

    assert row[4] == "".join(
        f"{day} Nov 2026, {hour:02}:00 UTC" for day, hour in ((23, 3), (23, 1), (22, 23), (22, 21), (22, 19))
    )

"""One assignment: looked at, updated, converted, removed."""

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE
from requests_app.models import RoleRequest
from roles.models import Assignment, Eligibility
from roles.queries.access import access
from roles.terms import GrantTerms
from tests import make, seen, visit
from tests.make import IN_30_DAYS, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

BOTH = pytest.mark.parametrize(("give", "kind"), [(make.eligibility, "eligible"), (make.assignment, "active")])
STRICT = GrantTerms(permanent_allowed=False, max_duration=90 * DAY)


def page_of(grant, verb=""):
    """The address of a page about it."""
    return f"/assignments/{grant.kind}/{grant.pk}/{verb}"


# --- looking at it


@BOTH
def test_the_page_tells_all_about_it(admin, user, give, kind):
    payroll = make.resource(name="Payroll", below=make.resource())
    grant = give(of=user, role=make.role(), on=payroll)

    response = visit.by(admin).get(page_of(grant))

    assert visit.title(response) == "Teams Administrator for John Doe"
    assert visit.facts(response) == {
        "Member": "John Doe user@example.com",
        "Role": "Teams Administrator",
        "On": "Payroll, below Directory",
        "Start": "22 Nov 2026, 09:00 UTC",
        "End": "23 Dec 2026, 09:00 UTC 30 days left",
        "Made": "22 Nov 2026, 09:00 UTC",
        "Reason": "Project Falcon",
    }


@pytest.mark.parametrize(
    ("period", "state"),
    [
        ({}, "Eligible In force"),
        ({"start_at": NINE + HOUR, "at": NINE}, "Eligible Not begun"),
        ({"end_at": NINE}, "Eligible Ended"),
    ],
)
def test_the_page_says_how_it_stands(admin, user, period, state):
    response = visit.by(admin).get(page_of(make.eligibility(of=user, **period)))

    assert visit.main(response).all("h2")[0].text == state


def test_what_was_removed_is_called_so(admin, user):
    eligibility = make.eligibility(of=user)
    browser = visit.by(admin)
    browser.post(page_of(eligibility, "remove/"), {"justification": "New job"})

    response = browser.get(page_of(eligibility))

    assert visit.main(response).all("h2")[0].text == "Eligible Removed"
    assert visit.facts(response)["Removed"] == "23 Nov 2026, 09:00 UTC"


def test_an_activation_that_lost_what_it_stood_on_is_not_in_force(admin, user):
    active = make.activation(by=user)
    people.disable(make.act(), user)

    response = visit.by(admin).get(page_of(active))

    assert visit.main(response).all("h2")[0].text == "Activated Not in force"


def test_what_is_activated_from_an_eligibility_is_on_its_page_and_leads_back(admin, user):
    active = make.activation(by=user, at=NINE - 10 * MINUTE)
    browser = visit.by(admin)

    response = browser.get(page_of(active.activated_from))

    assert [row[0] for row in visit.table(response)] == ["John Doeuser@example.com"]
    details = visit.links(response)["Details of the activation by John Doe"]
    assert visit.links(browser.get(details))["the eligibility"] == page_of(active.activated_from)


@BOTH
def test_an_administrator_can_do_what_there_is_to_do(admin, user, give, kind):
    grant = give(of=user)
    other = "Make active" if kind == "eligible" else "Make eligible"

    links = visit.links(visit.by(admin).get(page_of(grant)))

    assert {text: links[text] for text in ("Update", "Extend", other, "Remove")} == {
        "Update": page_of(grant, "update/"),
        "Extend": page_of(grant, "update/?extend=yes"),
        other: page_of(grant, "convert/"),
        "Remove": page_of(grant, "remove/"),
    }


def test_what_has_no_end_is_not_extended_and_what_is_over_is_renewed(admin, user):
    browser = visit.by(admin)
    permanent, over = make.eligibility(of=user, end_at=None), make.assignment(of=user, end_at=NINE)

    assert "Extend" not in visit.links(browser.get(page_of(permanent)))
    links = visit.links(browser.get(page_of(over)))
    assert links["Renew"] == f"/assignments/add/?renew=active-{over.pk}"
    assert {"Update", "Extend", "Make eligible", "Remove"} & set(links) == set()


def test_an_activation_can_only_be_removed(admin, user):
    active = make.activation(by=user, at=NINE - 10 * MINUTE)

    links = visit.links(visit.by(admin).get(page_of(active)))

    assert {"Update", "Extend", "Make eligible", "Remove", "Renew"} & set(links) == {"Remove"}


@BOTH
def test_an_auditor_looks_at_it_and_changes_nothing(auditor, user, give, kind):
    grant = give(of=user)
    browser = visit.by(auditor)

    response = browser.get(page_of(grant))

    assert {"Update", "Remove"} & set(visit.links(response)) == set()
    for verb in ("update/", "convert/", "remove/"):
        assert browser.get(page_of(grant, verb)).status_code == 403
        assert browser.post(page_of(grant, verb), {"justification": "x"}).status_code == 403


# --- updating


@BOTH
def test_it_gets_another_end(admin, user, give, kind):
    grant = give(of=user)
    browser = visit.by(admin)

    offered = visit.typed(browser.get(page_of(grant, "update/")))
    response = browser.post(
        page_of(grant, "update/"), {**offered, "end_at": "2027-01-22T09:00", "justification": "Longer"}, follow=True
    )

    assert offered == {"end_at": "2026-12-23T09:00", "justification": ""}
    assert visit.notices(response) == ["Saved. John Doe and the administrators get an email."]
    grant.refresh_from_db()
    assert (grant.end_at, grant.justification) == (NINE + 60 * DAY, "Longer")


def test_what_has_not_begun_gets_another_start(admin, user):
    later = make.eligibility(of=user, start_at=NINE + DAY, at=NINE)
    browser = visit.by(admin)

    offered = visit.typed(browser.get(page_of(later, "update/")))
    browser.post(page_of(later, "update/"), {**offered, "start_at": ""})

    assert offered["start_at"] == "2026-11-24T09:00"
    later.refresh_from_db()
    assert (later.start_at, later.end_at) == (NINE, IN_30_DAYS)


def test_seconds_that_the_form_does_not_show_are_kept(admin, user):
    at = NINE + DAY + 7 * make.MICROSECOND
    later = make.eligibility(of=user, start_at=at, end_at=at + DAY, at=NINE)
    browser = visit.by(admin)

    response = browser.post(page_of(later, "update/"), visit.typed(browser.get(page_of(later, "update/"))))

    assert visit.sentences(response) == ["That is the period it has already. Choose another end."]


@pytest.mark.parametrize(
    ("terms", "end_at", "offered"),
    [
        (GrantTerms(max_duration=365 * DAY), IN_30_DAYS, "2027-12-23T09:00"),
        (STRICT, IN_30_DAYS, "2027-02-21T09:00"),
    ],
)
def test_an_extension_offers_the_latest_end_allowed(admin, user, terms, end_at, offered):
    grant = make.eligibility(of=user, role=make.role(eligible=terms), end_at=end_at)
    browser, address = visit.by(admin), page_of(grant, "update/?extend=yes")

    typed = visit.typed(browser.get(address))

    assert typed == {"end_at": offered, "justification": ""}
    assert browser.post(address, typed).status_code == 302


@BOTH
def test_a_wrong_update_is_refused_and_keeps_what_was_typed(admin, user, give, kind):
    grant = give(of=user, role=make.role(eligible=STRICT, active=STRICT))
    typed = {"end_at": "2028-01-01T09:00", "justification": "Longer"}

    response = visit.by(admin).post(page_of(grant, "update/"), typed)

    assert (response.status_code, visit.typed(response)) == (400, typed)
    assert visit.sentences(response) == ["That is 314 days too long. This role may be assigned for at most 90 days."]
    assert seen.events() == []


# --- converting


def test_an_eligibility_is_made_active(admin, user):
    eligibility = make.eligibility(of=user, role=make.role(active=GrantTerms()))
    browser = visit.by(admin)

    offered = visit.typed(browser.get(page_of(eligibility, "convert/")))
    response = browser.post(page_of(eligibility, "convert/"), offered, follow=True)

    assert offered == {"end_at": "2026-12-23T09:00", "justification": ""}
    assert visit.notices(response) == [
        "John Doe is now active for Teams Administrator. They and the administrators get an email."
    ]
    assert access(user, eligibility.role, at=NINE).until == IN_30_DAYS


def test_an_active_assignment_is_made_eligible(admin, user):
    assignment = make.assignment(of=user)
    browser = visit.by(admin)

    browser.post(page_of(assignment, "convert/"), visit.typed(browser.get(page_of(assignment, "convert/"))))

    assert access(user, assignment.role, at=NINE) is None
    assert Eligibility.objects.get().end_at == IN_30_DAYS


@pytest.mark.parametrize(
    ("terms", "end_at", "offered"),
    [
        (GrantTerms(), None, {"permanent": ["on"], "end_at": "2027-11-23T09:00"}),
        (STRICT, None, {"end_at": "2027-02-21T09:00"}),
        (STRICT, NINE + 100 * DAY, {"end_at": "2027-02-21T09:00"}),
        (STRICT, IN_30_DAYS, {"end_at": "2026-12-23T09:00"}),
    ],
)
def test_a_conversion_offers_the_same_end_where_it_is_allowed(admin, user, terms, end_at, offered):
    eligibility = make.eligibility(of=user, role=make.role(active=terms), end_at=end_at)
    browser = visit.by(admin)

    typed = visit.typed(browser.get(page_of(eligibility, "convert/")))

    assert typed == {**offered, "justification": ""}


def test_a_refused_conversion_says_why(admin, user):
    eligibility = make.eligibility(of=user)

    response = visit.by(admin).post(page_of(eligibility, "convert/"), {"end_at": "2026-12-23T09:00"})

    assert visit.sentences(response) == ["Say why they need it: this role asks for a justification."]
    assert Assignment.objects.filter(user=user).count() == 0


# --- removing


def test_an_eligibility_is_removed_with_what_was_activated_from_it(admin, user):
    eligibility = make.eligibility(of=user, terms=make.EASY)
    make.activation(by=user, of=eligibility)
    browser = visit.by(admin)

    page = browser.get(f"/assignments/eligible/{eligibility.pk}/remove/")
    response = browser.post(
        f"/assignments/eligible/{eligibility.pk}/remove/", {"justification": "Left the team"}, follow=True
    )

    assert visit.title(page) == "Remove Teams Administrator from John Doe"
    assert visit.notices(response) == ["John Doe no longer has this: Teams Administrator, eligible."]
    assert access(user, eligibility.role, at=NINE) is None
    assert [(entry.kind, entry.because) for entry in seen.entries()][-2:] == [
        ("eligibility.removed", "Left the team"),
        ("role.activation_revoked", "Left the team"),
    ]


def test_an_active_assignment_is_removed(admin, user):
    assignment = make.assignment(of=user)

    response = visit.by(admin).post(f"/assignments/active/{assignment.pk}/remove/", {"justification": "Done"})

    assert response.headers["Location"] == "/assignments/?tab=active"
    assert access(user, assignment.role, at=NINE) is None


def removal_pages(user):
    eligibility = make.eligibility(of=user)
    assignment = make.assignment(of=user, role=eligibility.role)
    return [f"/assignments/eligible/{eligibility.pk}/remove/", f"/assignments/active/{assignment.pk}/remove/"]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Say why you remove it."),
        ("   ", "Say why you remove it."),
        ("x" * 2001, "Ensure this value has at most 2000 characters (it has 2001)."),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_without_a_good_reason_nothing_is_removed(admin, user, reason, sentence):
    for page in removal_pages(user):
        response = visit.by(admin).post(page, {"justification": reason})

        assert (response.status_code, visit.sentences(response)) == (400, [sentence])
        assert visit.typed(response)["justification"].strip() == reason.strip()
        assert seen.events() == []


def test_what_is_gone_is_not_removed_again(admin, user):
    browser = visit.by(admin)
    for page in removal_pages(user):
        browser.post(page, {"justification": "Done"})

        response = browser.post(page, {"justification": "Once more"})

        assert (response.status_code, visit.sentences(response)) == (
            409,
            ["You ended this at 09:00 UTC already: Teams Administrator for John Doe."],
        )
        assert visit.typed(response) == {"justification": "Once more"}
    assert seen.events() == ["eligibility.removed", "assignment.removed"]


def test_what_was_made_just_now_is_not_removed_yet(admin, user):
    eligibility = make.eligibility(of=user, start_at=NINE, at=NINE)

    response = visit.by(admin).post(f"/assignments/eligible/{eligibility.pk}/remove/", {"justification": "Oops"})

    assert visit.sentences(response) == ["This was made less than 5 minutes ago. Wait, then remove it."]


def test_opening_the_removal_removes_nothing(admin, user):
    browser = visit.by(admin)

    statuses = [browser.get(page).status_code for page in removal_pages(user)]

    assert (statuses, seen.events()) == ([200, 200], [])


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
@pytest.mark.parametrize("kind", ["eligible", "active"])
def test_an_assignment_that_does_not_exist_is_not_found(admin, kind, number):
    browser = visit.by(admin)

    assert browser.get(f"/assignments/{kind}/{number}/").status_code == 404
    for verb in ("update", "convert", "remove"):
        assert browser.get(f"/assignments/{kind}/{number}/{verb}/").status_code == 404
        assert browser.post(f"/assignments/{kind}/{number}/{verb}/", {"justification": "x"}).status_code == 404


def test_a_pending_request_shows_that_its_eligibility_was_removed(admin, user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    request = make.role_request(by=user, for_=eligibility, at=NINE - 10 * MINUTE)

    visit.by(admin).post(f"/assignments/eligible/{eligibility.pk}/remove/", {"justification": "Left"})

    response = visit.by(approver).post(f"/requests/{request.pk}/approve/", {"justification": "ok"})
    assert (response.status_code, access(user, eligibility.role, at=NINE)) == (409, None)
    assert RoleRequest.objects.get(pk=request.pk).assignment is None

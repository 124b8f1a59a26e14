"""My roles: what I can activate, what I have, what I had; and ending it early."""

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE, SECOND
from roles.models import Assignment
from roles.queries.access import access
from tests import make, seen, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")


def deactivate_page(assignment):
    return f"/my-roles/active/{assignment.pk}/deactivate/"


# --- three tabs


def test_the_roles_one_can_activate_are_listed_with_their_end(user):
    eligibility = make.eligibility(of=user)
    make.eligibility(
        of=make.group(name="Night shift", members=(user,)), role=make.role(name="User Administrator"), end_at=None
    )

    response = visit.by(user).get("/my-roles/")

    assert [row[1:] for row in visit.table(response)] == [
        ["Directory", "direct", "23 Dec 2026, 09:00 UTC", "☆ Activate Teams Administrator"],
        ["Directory", "through Night shift", "permanent", "☆ Activate User Administrator"],
    ]
    assert visit.links(response)["Activate Teams Administrator"] == f"/my-roles/{eligibility.pk}/activate/"


def test_a_role_that_waits_for_approval_links_to_its_request(user, approver):
    request = make.role_request(by=user, approvers=(approver,))

    response = visit.by(user).get("/my-roles/")

    assert visit.links(response)["Waits for approval"] == f"/requests/{request.pk}/"
    assert "Activate Teams Administrator" not in visit.links(response)


def test_a_role_nobody_else_can_approve_says_so_on_its_row(user, approver, other_approver):
    make.eligibility(of=user, role=make.role(name="Teams Reader", approvers=(other_approver,)))
    make.eligibility(of=user, approvers=(user, approver))
    people.disable(make.act(at=NINE - HOUR), approver)

    response = visit.by(user).get("/my-roles/")

    sentences = [[line.text for line in row.all(of="refused-line")] for row in visit.main(response).all("tr")[1:]]
    assert sentences == [
        ["Nobody else can approve this role now. Ask an administrator to name an approver."],
        [],
    ]


def test_an_active_role_is_listed_with_its_end_and_the_time_left(user):
    make.activation(by=user, of=make.eligibility(of=user, terms=EASY), duration=90 * MINUTE)
    make.assignment(of=user, role=make.role(name="Teams Reader"), end_at=None)
    browser = visit.by(user)

    response = browser.get("/my-roles/?tab=active")

    assert visit.table(response) == [
        [
            "Teams Administrator",
            "Directory",
            "Activated",
            "23 Nov 2026, 10:30 UTC1 h 30 min left",
            "Extend Teams Administrator Deactivate Teams Administrator",
        ],
        ["Teams Reader", "Directory", "Assigned", "permanent", ""],
    ]
    assert visit.table(browser.get("/my-roles/"))[0][4] == "☆ Active"


def test_a_role_disappears_from_the_active_ones_at_its_end_to_the_second(user, at_nine):
    make.activation(by=user, of=make.eligibility(of=user, terms=EASY), duration=HOUR)
    browser = visit.by(user)

    at_nine.move_to(NINE + HOUR - SECOND)
    before = visit.table(browser.get("/my-roles/?tab=active"))
    at_nine.move_to(NINE + HOUR)
    after = visit.table(browser.get("/my-roles/?tab=active"))

    assert (before[0][3], after) == ("23 Nov 2026, 10:00 UTC1 s left", [])


def test_a_scheduled_role_is_listed_and_can_be_called_off(user):
    scheduled = make.activation(by=user, of=make.eligibility(of=user, terms=EASY), start_at=NINE + HOUR)
    browser = visit.by(user)

    page = browser.get("/my-roles/?tab=active")
    response = browser.post(deactivate_page(scheduled))

    assert visit.links(page)["Call off Teams Administrator"] == deactivate_page(scheduled)
    assert visit.table(page)[0][2] == "Scheduledfrom 23 Nov 2026, 10:00 UTC"
    assert response.status_code == 302
    assert visit.table(browser.get("/my-roles/?tab=active")) == []


def test_what_ended_in_the_last_thirty_days_is_listed(user):
    role = make.role(terms=EASY)
    made_at = NINE - 40 * DAY
    make.eligibility(of=user, role=role, start_at=made_at, end_at=NINE - 30 * DAY + SECOND)
    make.eligibility(of=user, role=make.role(name="Teams Reader"), start_at=made_at, end_at=NINE - 30 * DAY)
    make.assignment(of=user, role=role, end_at=NINE - HOUR)

    response = visit.by(user).get("/my-roles/?tab=expired")

    assert visit.table(response) == [
        ["Teams Administrator", "Directory", "assigned", "23 Nov 2026, 08:00 UTC"],
        ["Teams Administrator", "Directory", "eligible", "24 Oct 2026, 09:00 UTC"],
        # and below, what of it can be renewed
        ["Teams Administrator", "Directory", "24 Oct 2026, 09:00 UTC", "Renew Teams Administrator"],
        ["Teams Administrator", "Directory", "23 Nov 2026, 08:00 UTC", "Renew Teams Administrator"],
    ]


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("", "You are not eligible for any role"),
        ("active", "You have no active role"),
        ("expired", "Nothing ended lately"),
        ("nonsense", "You are not eligible for any role"),
        ("\x00", "You are not eligible for any role"),
    ],
)
def test_an_empty_tab_says_what_would_be_there(user, stranger, tab, words):
    make.activation(by=stranger, of=make.eligibility(of=stranger, terms=EASY))

    response = visit.by(user).get("/my-roles/", {"tab": tab})

    assert [strong.text for strong in visit.main(response).all("strong")] == [words]


# --- deactivating


def test_an_activation_is_ended_early_after_asking_once_more(user, at_nine):
    activation = make.activation(by=user, of=make.eligibility(of=user, terms=EASY))
    browser = visit.by(user)
    at_nine.move_to(NINE + 5 * MINUTE)

    page = browser.get(deactivate_page(activation))
    response = browser.post(deactivate_page(activation), follow=True)

    assert visit.title(page) == "Deactivate Teams Administrator"
    assert visit.notices(response) == ["Teams Administrator is no longer active."]
    assert access(user, activation.role, at=NINE + 5 * MINUTE) is None
    assert seen.events(at=NINE + 5 * MINUTE) == ["role.deactivated"]


def test_opening_the_page_ends_nothing(user, at_nine):
    activation = make.activation(by=user, of=make.eligibility(of=user, terms=EASY))
    at_nine.move_to(NINE + 5 * MINUTE)

    visit.by(user).get(deactivate_page(activation))

    assert access(user, activation.role, at=NINE + 5 * MINUTE).until == NINE + HOUR


def test_an_activation_is_not_ended_in_its_first_five_minutes(user, at_nine):
    activation = make.activation(by=user, of=make.eligibility(of=user, terms=EASY))
    at_nine.move_to(NINE + 5 * MINUTE - SECOND)

    response = visit.by(user).post(deactivate_page(activation))

    assert response.status_code == 409
    assert len(visit.notices(response)) == 1
    assert access(user, activation.role, at=NINE + 5 * MINUTE).until == NINE + HOUR


def test_the_page_says_from_when_an_activation_can_be_ended_and_offers_nothing_before(user, at_nine):
    activation = make.activation(by=user, of=make.eligibility(of=user, terms=EASY))

    early = visit.by(user).get(deactivate_page(activation))
    at_nine.move_to(NINE + 5 * MINUTE)
    late = visit.by(user).get(deactivate_page(activation))

    assert visit.notices(early) == ["A role can be deactivated 5 minutes after it was activated: from 09:05:00 UTC on."]
    assert ("Deactivate" in visit.buttons(early), "Deactivate" in visit.buttons(late)) == (False, True)


def test_what_has_ended_is_not_ended_again(user, at_nine):
    activation = make.activation(by=user, of=make.eligibility(of=user, terms=EASY))
    at_nine.move_to(NINE + HOUR)

    response = visit.by(user).post(deactivate_page(activation))

    assert (response.status_code, len(visit.notices(response))) == (409, 1)
    assert Assignment.objects.get().end_at == NINE + HOUR


def test_nobody_ends_somebody_elses_activation(user, stranger, admin):
    activation = make.activation(by=user, of=make.eligibility(of=user, terms=EASY))

    answers = [
        browser.post(deactivate_page(activation)).status_code for browser in (visit.by(stranger), visit.by(admin))
    ]

    assert answers == [404, 404]
    assert Assignment.objects.get(pk=activation.pk).end_at == NINE + HOUR


def test_what_was_assigned_cannot_be_deactivated_by_its_holder(user):
    assignment = make.assignment(of=user)

    assert visit.by(user).post(deactivate_page(assignment)).status_code == 404

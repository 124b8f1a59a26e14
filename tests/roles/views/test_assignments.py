"""Assignments: who may have, has, or had a role; adding and removing."""

import pytest

from kernel.period import DAY, HOUR, MINUTE
from requests_app.operations import activation
from roles.models import Assignment, Eligibility
from roles.policy import GrantTerms
from roles.queries import access
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

ADD = "/assignments/add/"
YEAR = GrantTerms(permanent_allowed=False, max_duration=365 * DAY)
EARLIER = NINE - HOUR


def typed_for(for_role, to, **changed):
    """The form as an administrator fills it in."""
    return {
        "role": str(for_role.pk),
        "holder": f"user-{to.pk}",
        "kind": ["eligible"],
        "start_at": "",
        "end_at": "2027-11-23T09:00",
        "justification": "Project Falcon",
        **changed,
    }


def made():
    """What was assigned at nine."""
    return [*Eligibility.objects.filter(made_at=NINE), *Assignment.objects.filter(made_at=NINE)]


# --- the list


def test_the_three_tabs_show_who_may_has_and_had(admin, user, stranger):
    role = make.role(terms=make.EASY)
    eligibility = make.eligibility(of=user, role=role)
    make.activation(by=user, of=eligibility)
    make.eligibility(of=stranger, role=role, end_at=EARLIER)
    browser = visit.by(admin)

    tabs = {tab: visit.table(browser.get(f"/assignments/?tab={tab}")) for tab in ("eligible", "active", "expired")}

    assert [row[:2] + row[4:5] for row in tabs["eligible"]] == [
        ["John Doeuser@example.com", "Teams Administrator", "23 Dec 2026, 09:00 UTC"]
    ]
    assert sorted(row[:2] + row[4:5] for row in tabs["active"]) == [
        ["Ada Adminadmin@example.com", "Global Administrator", "permanent"],
        ["John Doeuser@example.com", "Teams Administrator Activated", "23 Nov 2026, 10:00 UTC"],
    ]
    assert [row[:2] + row[4:5] for row in tabs["expired"]] == [
        ["Sam Strangerstranger@example.com", "Teams Administrator", "23 Nov 2026, 08:00 UTC"]
    ]


@pytest.mark.parametrize("text", ["john", "USER@EXAMPLE", "teams adm", "john\x00"])
def test_assignments_are_found_by_person_and_role(admin, user, stranger, text):
    make.eligibility(of=user)
    make.eligibility(of=stranger, role=make.role(name="Teams Reader"))

    response = visit.by(admin).get("/assignments/", {"q": text})

    assert [row[0] for row in visit.table(response)] == ["John Doeuser@example.com"]


def test_a_tab_that_does_not_exist_is_the_first_one(admin, user):
    make.eligibility(of=user)

    response = visit.by(admin).get("/assignments/?tab=nonsense&page=99")

    assert len(visit.table(response)) == 1


def test_an_auditor_reads_who_holds_what_but_changes_nothing(auditor, user):
    eligibility = make.eligibility(of=user)
    assignment = make.assignment(of=user, role=eligibility.role)
    browser = visit.by(auditor)

    page = browser.get("/assignments/")
    changing = [
        browser.get(ADD),
        browser.post(ADD, typed_for(eligibility.role, auditor)),
        browser.get(f"/assignments/eligible/{eligibility.pk}/remove/"),
        browser.post(f"/assignments/eligible/{eligibility.pk}/remove/", {"justification": "x"}),
        browser.post(f"/assignments/active/{assignment.pk}/remove/", {"justification": "x"}),
    ]

    assert "Remove" not in visit.main(page).text
    assert "Add assignment" not in visit.links(page)
    assert [response.status_code for response in changing] == [403] * 5
    assert seen.events() == []


# --- adding


def test_somebody_is_made_eligible_from_now_for_a_year(admin, user):
    role = make.role(eligible=YEAR)
    browser = visit.by(admin)

    offered = browser.get(f"{ADD}?role={role.pk}")
    response = browser.post(
        ADD, {**visit.typed(offered), "holder": f"user-{user.pk}", "justification": "Project Falcon"}, follow=True
    )

    assert visit.typed(offered) == typed_for(role, user, holder="", justification="")
    assert visit.notices(response) == [
        "John Doe is now eligible for Teams Administrator. They and the administrators get an email."
    ]
    (eligibility,) = made()
    assert (eligibility.user, eligibility.start_at, eligibility.end_at) == (user, NINE, NINE + 365 * DAY)
    assert seen.emails() == [("assigned", "admin@example.com"), ("assigned_to_you", "user@example.com")]


def test_a_group_is_assigned_a_role_permanently(admin, user):
    role, team = make.role(), make.group(name="Night shift", members=(user,))
    sent = typed_for(role, user, holder=f"group-{team.pk}", kind="active", permanent="on", end_at="")

    response = visit.by(admin).post(ADD, sent)

    assert response.headers["Location"] == "/assignments/?tab=active"
    assert access(user, role, at=NINE).until is None


def test_times_are_typed_in_the_zone_of_whoever_types(admin, user):
    admin.time_zone = "Europe/Zurich"
    admin.save()

    visit.by(admin).post(ADD, typed_for(make.role(), user, start_at="2026-11-23T12:00", end_at="2026-11-24T12:00"))

    (eligibility,) = made()
    assert (eligibility.start_at, eligibility.end_at) == (NINE + 2 * HOUR, NINE + 26 * HOUR)


REQUIRED = "This field is required."
NO_DATE = "Enter a valid date/time."
PAST = "The start is in the past. Leave it empty to start now."
SHORT = "The end has to be at least 5 min after the start."


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        (
            {"permanent": ["on"], "end_at": ""},
            ["This role may not be assigned permanently. Choose an end at most 365 days after the start."],
        ),
        (
            {"permanent": ["on"]},
            ["This role may not be assigned permanently. Choose an end at most 365 days after the start."],
        ),
        ({"end_at": ""}, ["Choose an end, or tick permanent."]),
        ({"end_at": "2027-11-23T09:01"}, ["That is 1 min too long. This role may be assigned for at most 365 days."]),
        (
            {"end_at": "2028-11-23T09:00"},
            ["That is 366 days too long. This role may be assigned for at most 365 days."],
        ),
        ({"end_at": "2026-11-23T09:04"}, [SHORT]),
        ({"end_at": "2026-11-22T09:00"}, [SHORT]),
        ({"start_at": "2026-12-23T09:00", "end_at": "2026-12-23T09:00"}, [SHORT]),
        ({"start_at": "2026-11-23T08:44", "end_at": "2026-11-24T09:00"}, [PAST]),
        ({"start_at": "2020-01-01T00:00", "end_at": "2020-01-02T00:00"}, [PAST]),
        ({"start_at": "0001-01-01T00:00", "end_at": "0001-01-02T00:00"}, [PAST]),
        ({"end_at": "tomorrow"}, [NO_DATE]),
        ({"start_at": "2026-02-30T09:00"}, [NO_DATE]),
        ({"start_at": "2026-13-01T09:00", "end_at": "x"}, [NO_DATE, NO_DATE]),
        ({"role": ""}, [REQUIRED]),
        ({"role": "999999"}, ["Select a valid choice. That choice is not one of the available choices."]),
        ({"role": "9" * 30}, ["Select a valid choice. That choice is not one of the available choices."]),
        ({"role": "teams"}, ["Select a valid choice. That choice is not one of the available choices."]),
        ({"holder": ""}, [REQUIRED]),
        ({"holder": "user-999999"}, ["Select a valid choice. user-999999 is not one of the available choices."]),
        ({"holder": "robot-1"}, ["Select a valid choice. robot-1 is not one of the available choices."]),
        ({"kind": ["owner"]}, ["Select a valid choice. owner is not one of the available choices."]),
        ({"kind": []}, [REQUIRED]),
        ({"justification": "x" * 2001}, ["Ensure this value has at most 2000 characters (it has 2001)."]),
        ({"justification": "a\x00b"}, ["Null characters are not allowed."]),
    ],
)
def test_a_wrong_assignment_is_refused_and_keeps_what_was_typed(admin, user, changed, sentences):
    typed = typed_for(make.role(eligible=YEAR), user, **changed)

    response = visit.by(admin).post(ADD, typed)

    kept = visit.typed(response)
    not_offered = {"role", "holder"} & set(changed)
    assert (response.status_code, visit.sentences(response)) == (400, sentences)
    assert {name: kept.get(name, []) for name in typed if name not in not_offered | {"kind"}} == {
        name: value for name, value in typed.items() if name not in not_offered | {"kind"}
    }
    assert (made(), seen.events(), seen.emails()) == ([], [], [])


def test_a_start_a_few_minutes_ago_still_counts_as_now(admin, user):
    response = visit.by(admin).post(ADD, typed_for(make.role(), user, start_at="2026-11-23T08:45"))

    assert response.status_code == 302


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("year", ["9999-12-31T23:59", "3026-11-23T09:00"])
def test_an_end_no_calendar_shows_is_refused(admin, user, zone, year):
    admin.time_zone = zone
    admin.save()

    response = visit.by(admin).post(ADD, typed_for(make.role(), user, end_at=year))

    assert (response.status_code, len(visit.sentences(response)), made()) == (400, 1, [])


def test_the_same_assignment_twice_is_refused_with_a_sentence(admin, user):
    role = make.role()
    make.eligibility(of=user, role=role, end_at=NINE + 400 * DAY)

    response = visit.by(admin).post(ADD, typed_for(role, user))

    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["John Doe is eligible for Teams Administrator for all of that time already. Nothing was changed."],
    )
    assert made() == []


def test_sending_the_form_twice_assigns_once(admin, user):
    browser, typed = visit.by(admin), typed_for(make.role(), user)

    statuses = [browser.post(ADD, typed).status_code for _ in range(2)]

    assert (statuses, len(made())) == ([302, 400], 1)


def test_a_disabled_person_cannot_be_chosen(admin, user):
    user.is_enabled = False
    user.save()

    response = visit.by(admin).post(ADD, typed_for(make.role(), user))

    assert visit.sentences(response) == [f"Select a valid choice. user-{user.pk} is not one of the available choices."]


@pytest.mark.parametrize("role", ["nonsense", "999999", "9" * 30, "💥"])
def test_an_unknown_role_in_the_link_offers_none(admin, role):
    response = visit.by(admin).get(ADD, {"role": role})

    assert (response.status_code, visit.typed(response)["role"]) == (200, "")


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
            400,
            ["This has ended already. There is nothing left to remove."],
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

    assert browser.get(f"/assignments/{kind}/{number}/remove/").status_code == 404
    assert browser.post(f"/assignments/{kind}/{number}/remove/", {"justification": "x"}).status_code == 404


def test_a_pending_request_shows_that_its_eligibility_was_removed(admin, user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    request = make.role_request(by=user, for_=eligibility, at=NINE - 10 * MINUTE)

    visit.by(admin).post(f"/assignments/eligible/{eligibility.pk}/remove/", {"justification": "Left"})

    response = visit.by(approver).post(f"/requests/{request.pk}/approve/", {"justification": "ok"})
    assert (response.status_code, access(user, eligibility.role, at=NINE)) == (409, None)
    assert activation.RoleRequest.objects.get(pk=request.pk).assignment is None

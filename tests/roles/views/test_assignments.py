"""Assignments: who may have, has, or had a role; and adding one."""

import pytest

from kernel.period import DAY, HOUR
from roles.models import Assignment, Eligibility, Role
from roles.operations import grants
from roles.queries.access import access
from roles.terms import GrantTerms
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
        "scope": "",
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


# --- filtered and sorted


@pytest.fixture
def held(admin, user, stranger):
    """A few eligibilities and assignments that differ in everything one can ask for."""
    teams, reader = make.role(terms=make.EASY), make.role(name="Teams Reader")
    payroll = make.resource(name="Payroll", below=make.resource())
    make.eligibility(of=user, role=teams, end_at=NINE + 5 * DAY)
    make.eligibility(of=stranger, role=teams, end_at=None, on=payroll)
    make.eligibility(of=make.group(name="Night shift"), role=reader, end_at=NINE + 20 * DAY, start_at=NINE - 2 * DAY)
    make.activation(by=user, of=Eligibility.objects.get(user=user))
    make.assignment(of=stranger, role=reader, end_at=NINE + 10 * DAY)
    return {"teams": teams, "reader": reader, "payroll": payroll}


def members(response):
    """Who is in the list, in its order."""
    cells = [row.all("td")[0].all("span")[0] for row in visit.main(response).all("tbody")[0].all("tr")]
    return [str(cell.children[0]) for cell in cells]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["John Doe", "Night shift", "Sam Stranger"]),
        ({"q": "night"}, ["Night shift"]),
        ({"role": "teams"}, ["John Doe", "Sam Stranger"]),
        ({"scope": "payroll"}, ["Sam Stranger"]),
        ({"member": "group"}, ["Night shift"]),
        ({"member": "person"}, ["John Doe", "Sam Stranger"]),
        ({"time": "permanent"}, ["Sam Stranger"]),
        ({"time": "bound"}, ["John Doe", "Night shift"]),
        ({"days": "7"}, ["John Doe"]),
        ({"days": "14"}, ["John Doe"]),
        ({"days": "30"}, ["John Doe", "Night shift"]),
        ({"role": "teams", "time": "bound"}, ["John Doe"]),
        ({"sort": "member"}, ["John Doe", "Night shift", "Sam Stranger"]),
        ({"sort": "-member"}, ["Sam Stranger", "Night shift", "John Doe"]),
        ({"sort": "role"}, ["John Doe", "Sam Stranger", "Night shift"]),
        ({"sort": "-role"}, ["Night shift", "Sam Stranger", "John Doe"]),
        ({"sort": "scope"}, ["John Doe", "Night shift", "Sam Stranger"]),
        ({"sort": "-scope"}, ["Sam Stranger", "Night shift", "John Doe"]),
        ({"sort": "start"}, ["Night shift", "John Doe", "Sam Stranger"]),
        ({"sort": "-start"}, ["Sam Stranger", "John Doe", "Night shift"]),
        ({"sort": "end"}, ["John Doe", "Night shift", "Sam Stranger"]),
        ({"sort": "-end"}, ["Sam Stranger", "Night shift", "John Doe"]),
    ],
)
def test_eligible_assignments_are_filtered_and_sorted(admin, held, query, found):
    sent = {name: str(held[value].pk) if name in ("role", "scope") else value for name, value in query.items()}

    assert members(visit.by(admin).get("/assignments/", sent)) == found


@pytest.mark.parametrize(
    ("how", "found"), [("assigned", ["Sam Stranger"]), ("activated", ["John Doe"]), ("", ["John Doe", "Sam Stranger"])]
)
def test_active_assignments_are_told_from_activations(admin, held, how, found):
    response = visit.by(admin).get("/assignments/", {"tab": "active", "how": how, "q": "team"})

    assert members(response) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Sam Stranger", "John Doe"]),
        ({"sort": "end"}, ["John Doe", "Sam Stranger"]),
        ({"sort": "member"}, ["John Doe", "Sam Stranger"]),
        ({"sort": "-role"}, ["Sam Stranger", "John Doe"]),
        ({"sort": "scope"}, ["John Doe", "Sam Stranger"]),
        ({"sort": "-start"}, ["Sam Stranger", "John Doe"]),
        ({"q": "sam"}, ["Sam Stranger"]),
    ],
)
def test_what_has_ended_is_searched_and_sorted_too(admin, user, stranger, query, found):
    make.eligibility(of=user, role=make.role(), end_at=NINE - 2 * HOUR, start_at=NINE - 2 * DAY)
    make.assignment(of=stranger, role=make.role(name="Teams Reader"), end_at=EARLIER)
    make.eligibility(of=make.group(), start_at=NINE - 40 * DAY, end_at=NINE - 31 * DAY, at=NINE - 40 * DAY)

    assert members(visit.by(admin).get("/assignments/", {"tab": "expired", **query})) == found


@pytest.mark.parametrize(
    "query",
    [{"role": "999999"}, {"role": "9" * 30}, {"scope": "x"}, {"member": "robot"}, {"days": "8"}, {"sort": "luck"}],
)
def test_filters_that_make_no_sense_show_nothing(admin, held, query):
    browser = visit.by(admin)

    response = browser.get("/assignments/", query)

    assert (response.status_code, visit.table(response)) == (400, [])
    assert browser.get("/assignments/export/", query).status_code == 400


def test_the_heads_of_the_table_sort_and_say_how_it_is_sorted(admin, held):
    browser = visit.by(admin)

    response = browser.get("/assignments/?sort=role&q=team&page=1")

    heads = {head.text: (head.attributes.get("aria-sort"), head.all("a")) for head in visit.main(response).all("th")}
    assert [heads[text][0] for text in ("Member", "Role ↑", "On", "Start", "End")] == [None, "ascending", *[None] * 3]
    assert heads["Role ↑"][1][0].attributes["href"] == "?sort=-role&q=team&page=1"
    turned = browser.get("/assignments/?sort=-role&q=team&page=1")
    assert visit.main(turned).all("th")[1].attributes["aria-sort"] == "descending"


# --- as a table


def test_the_export_holds_what_is_filtered_in_the_same_order(admin, held):
    response = visit.by(admin).get("/assignments/export/", {"time": "bound", "sort": "-end"})

    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines == [
        "member,role,scope,type,start,end,justification,name,state,made,removed",
        "Night shift,Teams Reader,Directory,eligible,2026-11-21T09:00:00+00:00,2026-12-13T09:00:00+00:00,"
        "Project Falcon,Night shift,assigned,2026-11-21T09:00:00+00:00,",
        "user@example.com,Teams Administrator,Directory,eligible,2026-11-22T09:00:00+00:00,"
        "2026-11-28T09:00:00+00:00,Project Falcon,John Doe,assigned,2026-11-22T09:00:00+00:00,",
    ]
    assert response.headers["Content-Disposition"] == 'attachment; filename="assignments-eligible.csv"'


def test_the_export_tells_activations_and_permanent_ends(admin, held):
    response = visit.by(admin).get("/assignments/export/", {"tab": "active", "sort": "member"})

    lines = b"".join(response.streaming_content).decode().splitlines()[1:]
    assert [(line.split(",")[5], line.split(",")[8]) for line in lines] == [
        ("permanent", "assigned"),
        ("2026-11-23T10:00:00+00:00", "activated"),
        ("2026-12-03T09:00:00+00:00", "assigned"),
    ]


def test_the_export_of_what_has_ended_tells_when_it_was_removed(admin, user):
    grants.remove_eligibility(make.act(), make.eligibility(of=user), because="New job")

    response = visit.by(admin).get("/assignments/export/?tab=expired")

    (line,) = b"".join(response.streaming_content).decode().splitlines()[1:]
    assert line.endswith("John Doe,assigned,2026-11-22T09:00:00+00:00,2026-11-23T09:00:00+00:00")


def test_nothing_in_the_export_is_taken_for_a_formula(admin):
    make.eligibility(of=make.group(name="=HYPERLINK(1)"))

    response = visit.by(admin).get("/assignments/export/")

    assert b"".join(response.streaming_content).decode().splitlines()[1].startswith("'=HYPERLINK(1),")


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
        ["John Doe is eligible for Teams Administrator for all of that time already."],
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


# --- adding: where, and once more


def test_a_role_is_given_on_something_below(admin, user):
    role, payroll = make.role(), make.resource(name="Payroll", below=make.resource())

    visit.by(admin).post(ADD, typed_for(role, user, scope=str(payroll.pk)))

    assert [grant.scope for grant in made()] == [payroll]


def test_a_role_is_not_given_on_something_above(admin, user):
    role = make.role(name="Owner", on=make.resource(name="Payroll", below=make.resource()))

    response = visit.by(admin).post(ADD, typed_for(role, user, scope=str(make.resource().pk)))

    assert visit.sentences(response) == ["Owner belongs to Payroll: choose that, or something below it."]


def test_roles_that_are_retired_are_not_offered(admin, user):
    role = make.role()
    Role.objects.update(retired_at=EARLIER)

    response = visit.by(admin).post(ADD, typed_for(role, user))

    assert visit.sentences(response) == ["Select a valid choice. That choice is not one of the available choices."]


@pytest.mark.parametrize(("give", "kind"), [(make.eligibility, "eligible"), (make.assignment, "active")])
def test_what_has_ended_is_renewed_with_everything_filled_in(admin, user, give, kind):
    payroll = make.resource(name="Payroll", below=make.resource())
    old = give(of=user, role=make.role(), on=payroll, end_at=EARLIER)
    browser = visit.by(admin)

    renew = visit.links(browser.get("/assignments/?tab=expired"))["Renew Teams Administrator for John Doe"]
    offered = visit.typed(browser.get(renew))
    browser.post(renew, offered)

    assert (offered["kind"], offered["justification"]) == ([kind], "Project Falcon")
    (again,) = made()
    assert (type(again), again.role, again.scope, again.user) == (type(old), old.role, payroll, user)
    assert again.end_at == NINE + (365 if kind == "eligible" else 180) * DAY


@pytest.mark.parametrize(
    "said", ["eligible-0", "eligible-999999", f"active-{'9' * 30}", "robot-1", "eligible", "active-x"]
)
def test_what_cannot_be_renewed_fills_in_nothing(admin, said):
    response = visit.by(admin).get(ADD, {"renew": said})

    assert (response.status_code, visit.typed(response)["role"]) == (200, "")


def test_an_activation_is_not_renewed(admin, user):
    active = make.activation(by=user)

    assert visit.typed(visit.by(admin).get(ADD, {"renew": f"active-{active.pk}"}))["role"] == ""

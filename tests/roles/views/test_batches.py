"""Assigning much at once: chosen, looked over, done."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.period import DAY, HOUR
from roles.forms.tables import EXAMPLE
from roles.models import Assignment, Eligibility, RolePolicy
from roles.operations import grants
from roles.terms import GrantTerms
from tests import make, seen, visit
from tests.make import IN_30_DAYS, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

MANY, LIKE, IMPORT = "/assignments/many/", "/assignments/like/", "/assignments/import/"
HEAD = "member,role,scope,type,start,end,justification"


@pytest.fixture
def browser(admin):
    """The administrator's."""
    return visit.by(admin)


def typed_for(for_roles, *members, **changed):
    """The form as an administrator fills it in."""
    return {
        "members": "\n".join(members),
        "roles": [str(role.pk) for role in for_roles],
        "kind": "eligible",
        "start_at": "",
        "end_at": "2026-12-23T09:00",
        "justification": "Project Falcon",
        "step": "preview",
        **changed,
    }


def hidden(response):
    """What the page that is looked over sends again."""
    sent: dict[str, list[str]] = {}
    for field in visit.main(response).all("input"):
        if field.attributes["name"] != "csrfmiddlewaretoken":
            sent.setdefault(field.attributes["name"], []).append(field.attributes["value"])
    return sent


def confirm(browser, address, response):
    """Press the button that assigns."""
    return browser.post(address, {**hidden(response), "step": "confirm"}, follow=True)


def outcomes(response):
    """Who, which role, and what happens, for each row."""
    return [(row[1], row[2], row[4]) for row in visit.table(response)]


def made():
    """What was assigned at nine, by member and role."""
    found = [*Eligibility.objects.filter(made_at=NINE), *Assignment.objects.filter(made_at=NINE)]
    return sorted((grant.holder.name, grant.role.name) for grant in found)


# --- many people, many roles


def test_many_people_get_many_roles_after_looking_it_over(browser, user, stranger):
    roles = [make.role(), make.role(name="Teams Reader")]
    make.group(name="Night shift")

    looked_over = browser.post(MANY, typed_for(roles, "user@example.com", "Sam Stranger", " Night shift ", ""))
    nothing_yet = made()
    response = confirm(browser, MANY, looked_over)

    assert visit.title(looked_over) == "Look it over"
    assert outcomes(looked_over) == [
        (member, role, "Will be eligibleuntil 23 Dec 2026, 09:00 UTC")
        for member in ("John Doeuser@example.com", "Sam Strangerstranger@example.com", "Night shiftgroup")
        for role in ("Teams Administrator", "Teams Reader")
    ]
    assert nothing_yet == []
    assert made() == sorted(
        (member, role)
        for member in ("John Doe", "Sam Stranger", "Night shift")
        for role in ("Teams Administrator", "Teams Reader")
    )
    assert visit.notices(response) == ["6 assignments are made. The members and the administrators get an email."]
    assert response.redirect_chain == [("/assignments/?tab=eligible", 302)]


def test_each_refusal_is_told_and_the_rest_is_assigned(browser, user, stranger):
    strict = make.role(eligible=GrantTerms(permanent_allowed=False, max_duration=15 * DAY))
    easy = make.role(name="Teams Reader")
    make.eligibility(of=stranger, role=easy)

    looked_over = browser.post(MANY, typed_for([strict, easy], user.email, stranger.email))
    confirm(browser, MANY, looked_over)

    too_long = "RefusedThat is 15 days too long. This role may be assigned for at most 15 days."
    exists = "RefusedSam Stranger is eligible for Teams Reader for all of that time already."
    assert [what.replace("Refused ", "Refused") for _who, _role, what in outcomes(looked_over)] == [
        too_long,
        "Will be eligibleuntil 23 Dec 2026, 09:00 UTC",
        too_long,
        exists,
    ]
    assert visit.buttons(looked_over) == ["Assign the one that is allowed", "Change something"]
    assert "1 of 4 can be assigned, 3 cannot." in visit.main(looked_over).text
    assert made() == [("John Doe", "Teams Reader")]


def test_where_nothing_is_allowed_nothing_can_be_assigned(browser, user):
    role = make.role()
    make.eligibility(of=user, role=role)

    looked_over = browser.post(MANY, typed_for([role], user.email))

    assert visit.buttons(looked_over) == ["Change something"]


def test_what_became_refused_meanwhile_stops_all(browser, user):
    roles = [make.role(), make.role(name="Teams Reader")]
    looked_over = browser.post(MANY, typed_for(roles, user.email))
    grants.make_eligible(make.act(), roles[0], make.wish(to=user, role=roles[0]).ask, to=user)

    response = confirm(browser, MANY, looked_over)

    assert (response.status_code, made()) == (409, [("John Doe", "Teams Administrator")])
    (notice,) = visit.notices(response)
    assert notice == (
        "Nothing was assigned Something changed while you looked it over. Below is how it stands now. "
        "John Doe, Teams Administrator: John Doe is eligible for Teams Administrator for all of that time already."
    )
    assert visit.buttons(response)[0] == "Assign the one that is allowed"
    assert confirm(browser, MANY, response).status_code == 200
    assert made() == [("John Doe", "Teams Administrator"), ("John Doe", "Teams Reader")]


@pytest.mark.parametrize("pairs", ["user-0/0/0", "nonsense"])
def test_what_nobody_looked_over_is_not_assigned(browser, user, pairs):
    looked_over = browser.post(MANY, typed_for([make.role()], user.email))

    response = browser.post(MANY, {**hidden(looked_over), "pairs": pairs, "step": "confirm"})

    assert (response.status_code, made()) == (409, [])
    assert "1 of what you looked over is no longer there." in visit.notices(response)[0]


def test_confirming_nothing_assigns_nothing(browser, user):
    response = browser.post(MANY, typed_for([make.role()], user.email, step="confirm"))

    assert (response.status_code, made()) == (409, [])


def test_going_back_loses_nothing(browser, user):
    role = make.role()
    sent = typed_for([role], user.email, "Nobody at all", permanent="on", kind="active")
    del sent["step"]

    response = browser.post(MANY, {**sent, "step": "edit"})

    assert response.status_code == 200
    assert visit.sentences(response) == []
    kept = visit.typed(response)
    assert {name: kept[name] for name in sent} == {**sent, "permanent": ["on"], "kind": ["active"]}


def test_roles_are_found_by_name_and_ticked_ones_stay(browser, user):
    chosen = make.role(name="Groups Administrator")
    make.role(name="User Administrator")
    make.role(name="Teams Reader")
    make.role(name="Owner", on=make.resource(name="Teams shop", below=make.resource()))

    response = browser.post(MANY, {**typed_for([chosen], user.email), "find": "teams", "step": "find"})

    labels = [label.text for label in visit.main(response).all(of="boxes")[0].all("label")]
    assert labels == ["Groups Administrator", "Owner – Teams shop", "Teams Reader"]
    assert visit.typed(response)["roles"] == [str(chosen.pk)]
    assert visit.typed(response)["members"] == user.email


def test_looking_for_a_role_that_does_not_exist_says_so(browser):
    make.role()

    response = browser.post(MANY, {"find": "xyz", "step": "find", "roles": ["x", "9" * 30]})

    assert "No role has “xyz” in its name." in visit.main(response).all(of="boxes")[0].text


def test_a_later_start_and_active_for_good_are_looked_over_as_typed(browser, user):
    sent = typed_for([make.role()], user.email, kind="active", start_at="2026-11-24T09:00", permanent="on")

    looked_over = browser.post(MANY, sent)
    response = confirm(browser, MANY, looked_over)

    assert outcomes(looked_over)[0][2] == "Will be activefrom 24 Nov 2026, 09:00 UTC permanently"
    assert response.redirect_chain == [("/assignments/?tab=active", 302)]
    assert (Assignment.objects.get(user=user).start_at, Assignment.objects.get(user=user).end_at) == (NINE + DAY, None)


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        ({"members": ""}, ["This field is required."]),
        ({"members": "robot@example.net"}, [
            "“robot@example.net” is not known. Write an email, a full name, or a group's name."
        ]),
        ({"members": "usr@example.com"}, [
            "“usr@example.com” is not known. Did you mean John Doe (user@example.com)?"
        ]),
        ({"members": "Jon Doe\nzzz"}, [
            "“Jon Doe” is not known. Did you mean John Doe (user@example.com)?",
            "“zzz” is not known. Write an email, a full name, or a group's name.",
        ]),
        ({"members": "Twin"}, ["“Twin” may be Twin (twin1@example.com) or Twin (twin2@example.com). Write which."]),
        ({"roles": []}, ["Tick at least one role."]),
        ({"roles": ["999999"]}, ["Select a valid choice. 999999 is not one of the available choices."]),
        ({"roles": ["9" * 30]}, ["Choose from those listed."]),
        ({"kind": "owner"}, ["Select a valid choice. owner is not one of the available choices."]),
        ({"end_at": ""}, ["Choose an end, or tick permanent."]),
        ({"end_at": "soon"}, ["Enter a valid date/time."]),
        ({"members": "a\x00b"}, ["Null characters are not allowed."]),
        ({"members": "\n".join(map(str, range(501)))}, ["Those are 501 lines. Name at most 500."]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browser, user, changed, sentences):
    make.user(name="Twin", email="twin1@example.com")
    make.user(name="Twin", email="twin2@example.com")
    sent = typed_for([make.role()], user.email, **changed)

    response = browser.post(MANY, sent)

    assert (response.status_code, visit.sentences(response)) == (400, sentences)
    kept = visit.typed(response)
    assert (kept["members"].split(), kept["justification"]) == (sent["members"].split(), "Project Falcon")
    assert made() == []


def test_five_hundred_pairs_are_the_most(browser):
    roles = [make.role(), make.role(name="Teams Reader")]
    members = [make.user().email for _number in range(251)]

    response = browser.post(MANY, typed_for(roles, *members))

    assert visit.sentences(response) == ["That is 502 assignments. Assign at most 500 at once."]


def test_looking_over_costs_the_same_for_one_and_for_many(browser, user):
    roles = [make.role(name=name) for name in ("Teams Administrator", "Teams Reader", "User Administrator")]
    others = [make.user().email for _number in range(5)]

    costs = []
    for sent in (typed_for(roles[:1], user.email), typed_for(roles, user.email, *others)):
        with CaptureQueriesContext(connection) as captured:
            browser.post(MANY, sent)
        costs.append(len(captured))

    assert costs[0] == costs[1]


# --- the same as a colleague


def typed_like(colleague, *members, **changed):
    return {
        "colleague": colleague,
        "members": "\n".join(members),
        "start_at": "",
        "end_at": "2026-12-23T09:00",
        "justification": "Same team",
        "step": "preview",
        **changed,
    }


def test_somebody_new_gets_what_a_colleague_may_activate(browser, user, stranger):
    payroll = make.resource(name="Payroll", below=make.resource())
    make.eligibility(of=user, role=make.role(), on=payroll, end_at=None)
    make.eligibility(of=user, role=make.role(name="Teams Reader"))
    make.eligibility(of=user, role=make.role(name="User Administrator"), end_at=NINE)
    make.eligibility(of=user, role=make.role(name="User Administrator"), start_at=NINE + DAY, at=NINE - HOUR)
    make.eligibility(of=make.group(members=(user,)), role=make.role(name="Groups Administrator"))
    make.assignment(of=user, role=make.role(name="Exchange Administrator"))

    looked_over = browser.post(LIKE, typed_like("USER@example.com", stranger.email))
    confirm(browser, LIKE, looked_over)

    assert made() == [("Sam Stranger", "Teams Administrator"), ("Sam Stranger", "Teams Reader")]
    given = Eligibility.objects.get(user=stranger, role__name="Teams Administrator")
    assert (given.scope, given.start_at, given.end_at, given.justification) == (payroll, NINE, IN_30_DAYS, "Same team")


def test_what_is_held_twice_is_given_once(browser, user, stranger):
    role = make.role()
    make.eligibility(of=user, role=role, end_at=NINE + DAY)
    make.eligibility(of=user, role=role, end_at=NINE + 2 * DAY)

    assert len(outcomes(browser.post(LIKE, typed_like(user.email, stranger.email)))) == 1


@pytest.mark.parametrize(
    ("colleague", "sentence"),
    [
        ("nobody@example.com", "Nobody has this email. Check how it is written."),
        ("user@example.com", "John Doe is not eligible for anything, other than through groups."),
        ("user", "Enter a valid email address."),
    ],
)
def test_a_colleague_who_is_no_model_is_refused(browser, user, stranger, colleague, sentence):
    response = browser.post(LIKE, typed_like(colleague, stranger.email))

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response)["members"] == stranger.email


def test_going_back_to_the_colleague_loses_nothing(browser, user):
    sent = typed_like("user@example.com", "zzz")

    response = browser.post(LIKE, {**sent, "step": "edit"})

    del sent["step"]
    assert (response.status_code, visit.typed(response)) == (200, sent)


# --- a table


def table(*lines):
    return {"text": "\n".join((HEAD, *lines)), "step": "preview"}


def test_a_table_is_imported_after_looking_it_over(browser, user):
    make.role()
    make.group(name="Night shift")
    sent = table(
        "user@example.com,Teams Administrator,,eligible,,permanent,Falcon",
        "Night shift,teams administrator,directory,active,2026-11-24T09:00Z,2026-12-23T09:00:00+00:00,Falcon",
    )

    looked_over = browser.post(IMPORT, sent)
    response = confirm(browser, IMPORT, looked_over)

    assert [row[0] for row in visit.table(looked_over)] == ["2", "3"]
    assert outcomes(looked_over) == [
        ("John Doeuser@example.com", "Teams Administrator", "Will be eligiblepermanently"),
        (
            "Night shiftgroup",
            "Teams Administrator",
            "Will be activefrom 24 Nov 2026, 09:00 UTC until 23 Dec 2026, 09:00 UTC",
        ),
    ]
    assert visit.notices(response) == ["2 assignments are made. The members and the administrators get an email."]
    assert made() == [("John Doe", "Teams Administrator"), ("Night shift", "Teams Administrator")]
    assert (Assignment.objects.get(group__name="Night shift").start_at, Eligibility.objects.get().end_at) == (
        NINE + DAY,
        None,
    )


def test_a_file_is_imported(browser, user):
    make.role()
    text = "\ufeffmember;role;type\r\nuser@example.com;Teams Administrator;eligible\r\n"
    file = SimpleUploadedFile("a.csv", text.encode(), content_type="text/csv")

    looked_over = browser.post(IMPORT, {"file": file, "step": "preview"})
    confirm(browser, IMPORT, looked_over)

    assert made() == [("John Doe", "Teams Administrator")]


def test_one_wrong_line_stops_all_and_every_mistake_is_told(browser, user):
    make.role(eligible=GrantTerms(permanent_allowed=False, max_duration=15 * DAY))
    sent = table(
        "user@example.com,Teams Administrator,,eligible,,2026-11-24,Falcon",
        "usr@example.com,Teams Administratr,Nowhere,eligable,soon,later,Falcon",
        "",
        "user@example.com,Teams Administrator,,eligible,,,Falcon",
        ",,,,,,",
    )

    response = browser.post(IMPORT, sent)

    assert (response.status_code, made()) == (400, [])
    assert visit.sentences(response) == [
        "Line 3: There is no resource Nowhere. Check how it is written.",
        "Line 3: later is not a time. Write the end as 2027-01-31T18:00.",
        "Line 3: soon is not a time. Write the start as 2027-01-31T18:00.",
        "Line 3: the type eligable is neither eligible nor active.",
        "Line 3: “usr@example.com” is not known. Did you mean John Doe (user@example.com)?",
        "Line 5: This role may not be assigned permanently. Choose an end at most 15 days after the start.",
    ]
    assert visit.typed(response)["text"] == sent["text"]


def test_what_became_refused_meanwhile_is_told_with_its_line(browser, user):
    make.role()
    looked_over = browser.post(IMPORT, table("user@example.com,Teams Administrator,,eligible,,,Falcon"))
    RolePolicy.objects.update(permanent_eligible_allowed=False)

    response = confirm(browser, IMPORT, looked_over)

    assert (response.status_code, made()) == (400, [])
    assert visit.sentences(response) == [
        "Line 2: This role may not be assigned permanently. Choose an end at most 365 days after the start."
    ]


def test_what_was_exported_can_be_imported_again(browser, user, stranger):
    role, payroll = make.role(), make.resource(name="Payroll", below=make.resource())
    make.eligibility(of=user, role=role, end_at=None, on=payroll)
    make.eligibility(of=make.group(name="=Night, shift"), role=role)
    exported = b"".join(browser.get("/assignments/export/?sort=member").streaming_content).decode()
    Eligibility.objects.all().delete()

    looked_over = browser.post(IMPORT, {"text": exported, "step": "preview"})
    confirm(browser, IMPORT, looked_over)

    again = Eligibility.objects.order_by("pk")
    assert [(grant.holder.name, grant.scope.name, grant.start_at, grant.end_at) for grant in again] == [
        ("=Night, shift", "Directory", NINE, IN_30_DAYS),
        ("John Doe", "Payroll", NINE, None),
    ]


def test_what_was_activated_is_not_imported_as_assigned(browser, user):
    make.activation(by=user)
    exported = b"".join(browser.get("/assignments/export/?tab=active&how=activated").streaming_content).decode()

    response = browser.post(IMPORT, {"text": exported, "step": "preview"})

    assert visit.sentences(response)[0] == ("Line 2: this was activated from an eligibility. Leave the line out.")


def test_going_back_to_the_table_loses_nothing(browser):
    sent = table("whatever")

    response = browser.post(IMPORT, {**sent, "step": "edit"})

    assert (response.status_code, visit.typed(response)["text"]) == (200, sent["text"])


def test_the_example_on_the_page_is_a_table_that_can_be_imported(browser, user):
    make.role()
    make.role(name="Exchange Administrator")
    make.group(name="Night shift")

    assert EXAMPLE.strip() in visit.main(browser.get(IMPORT)).all("pre")[0].raw
    assert len(outcomes(browser.post(IMPORT, {"text": EXAMPLE, "step": "preview"}))) == 2


# --- nobody else


@pytest.mark.parametrize("address", [MANY, LIKE, IMPORT])
def test_an_auditor_assigns_nothing(auditor, user, address):
    browser = visit.by(auditor)
    sent = typed_for([make.role()], user.email)

    assert (browser.get(address).status_code, browser.post(address, sent).status_code) == (403, 403)
    assert seen.events() == []

"""Activating a role."""

from uuid import uuid4

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE, SECOND
from requests_app.models import RoleRequest
from roles.models import Assignment
from roles.operations import grants
from roles.queries.access import access
from roles.terms import ActivationTerms, SecondFactor
from tests import make, seen, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

TICKET = ActivationTerms(needs_ticket=True)


def page_of(eligibility):
    return f"/my-roles/{eligibility.pk}/activate/"


def step_up(eligibility):
    """The way over the second factor and back."""
    return f"/verify/?next=%2Fmy-roles%2F{eligibility.pk}%2Factivate%2F"


def typed(**changed):
    """The form as a person fills it in."""
    return {"form_key": str(uuid4()), "duration": "90", "start_at": "", "justification": "Mailbox migration", **changed}


def assert_nothing_happened():
    assert (RoleRequest.objects.count(), Assignment.objects.filter(made_at=NINE).count()) == (0, 0)
    assert (seen.events(), seen.emails()) == ([], [])


# --- asking


def test_a_role_nobody_approves_is_active_at_once(user):
    eligibility = make.eligibility(of=user)

    response = visit.by(user).post(page_of(eligibility), typed(), follow=True)

    assert response.redirect_chain == [(f"/requests/{RoleRequest.objects.get().pk}/", 302)]
    assert visit.notices(response) == [
        "Teams Administrator is activated.",
        "Active From 23 Nov 2026, 09:00 UTC until 23 Nov 2026, 10:30 UTC. Deactivate",
    ]
    assert access(user, eligibility.role, at=NINE).until == NINE + 90 * MINUTE


def test_a_role_somebody_approves_waits_and_says_for_whom_and_until_when(user, approver, other_approver):
    eligibility = make.eligibility(of=user, approvers=(approver, other_approver))

    response = visit.by(user).post(page_of(eligibility), typed(), follow=True)

    assert visit.notices(response) == [
        "Your request for Teams Administrator is sent. You get an email when it is decided.",
        "It waits for approval One of Alva Approver, Ben Second has to decide until 24 Nov 2026, 09:00 UTC "
        "(1 day left). They have an email. You get one when it is decided.",
    ]
    assert visit.buttons(response) == ["Cancel this request"]
    assert access(user, eligibility.role, at=NINE) is None


def test_the_form_offers_an_hour_and_as_much_as_the_role_allows(user):
    eligibility = make.eligibility(of=user, terms=ActivationTerms(max_duration=2 * HOUR))

    response = visit.by(user).get(page_of(eligibility))

    (durations,) = visit.main(response).all("select")
    assert [option.text for option in durations.all("option")] == [
        "as chosen above",
        "30 min",
        "1 h",
        "1 h 30 min",
        "2 h",
    ]
    assert visit.typed(response) == {
        **typed(duration="", justification=""),
        "quick": ["60"],
        "form_key": visit.typed(response)["form_key"],
    }


def test_a_ticket_is_asked_for_where_the_role_wants_one(user):
    eligibility = make.eligibility(of=user, terms=TICKET)

    response = visit.by(user).post(
        page_of(eligibility), typed(ticket_number="INC-7", ticket_system="Jira"), follow=True
    )

    assert visit.facts(response)["Ticket"] == "Jira INC-7"


def test_a_chosen_start_is_typed_in_the_persons_own_zone(user):
    user.time_zone = "Europe/Zurich"
    user.save()
    eligibility = make.eligibility(of=user)

    response = visit.by(user).post(page_of(eligibility), typed(start_at="2026-11-23T14:00"), follow=True)

    assert RoleRequest.objects.get().start_at == NINE + 4 * HOUR
    assert visit.notices(response)[1] == (
        "Scheduled From 23 Nov 2026, 14:00 CET until 23 Nov 2026, 15:30 CET. Deactivate"
    )


# --- step-up


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        ({"proven": False}, 302),
        ({"proven_at": NINE - 10 * MINUTE}, 302),
        ({"proven_at": NINE - 10 * MINUTE + SECOND}, 400),
        ({"proven_at": NINE + SECOND}, 302),
    ],
    ids=["never shown", "shown ten minutes ago", "shown just before", "shown in the future"],
)
def test_where_the_second_factor_is_not_fresh_the_way_leads_over_it(user, proof, status):
    eligibility = make.eligibility(of=user)

    response = visit.by(user, **proof).post(page_of(eligibility), typed(duration="0"))

    assert response.status_code == status
    if status == 302:
        assert response.headers["Location"] == step_up(eligibility)


def test_the_page_says_that_additional_verification_is_required(user):
    eligibility = make.eligibility(of=user)

    response = visit.by(user, proven=False).get(page_of(eligibility))

    assert visit.notices(response) == [
        "Additional verification required This role asks for your second factor before you go on. "
        "You come back here afterwards. Verify now"
    ]
    assert visit.links(response)["Verify now"] == step_up(eligibility)
    assert visit.facts(response)["Second factor"] == "needed first"


def test_what_was_typed_is_kept_across_the_step_up(user):
    eligibility = make.eligibility(of=user, terms=TICKET)
    device = make.device(of=user)
    browser = visit.by(user, proven=False)
    sent = typed(
        duration="120",
        start_at="2026-11-23T14:00",
        justification="Line one\nline “two” <b>",
        ticket_number="INC-7",
        ticket_system="Jira",
    )

    led = browser.post(page_of(eligibility), sent)
    verify = browser.get(led.headers["Location"])
    back = browser.post("/verify/", {**visit.typed(verify), "code": make.code(device)}, follow=True)
    response = browser.post(page_of(eligibility), visit.typed(back), follow=True)

    assert visit.typed(back) == sent
    assert RoleRequest.objects.get().justification == "Line one\nline “two” <b>"
    assert visit.typed(browser.get(page_of(eligibility)))["justification"] == ""
    assert visit.title(response) == "Teams Administrator for John Doe"


def test_what_was_typed_for_one_role_does_not_turn_up_in_another(user):
    first = make.eligibility(of=user)
    second = make.eligibility(of=user, role=make.role(name="User Administrator"))
    browser = visit.by(user, proven=False)

    browser.post(page_of(first), typed(justification="For the first one"))

    assert visit.typed(browser.get(page_of(second)))["justification"] == ""


def test_without_proof_nothing_is_asked_for(user):
    visit.by(user, proven=False).post(page_of(make.eligibility(of=user)), typed())

    assert_nothing_happened()


def test_a_role_that_wants_no_second_factor_asks_for_none(user):
    eligibility = make.eligibility(of=user, terms=EASY)
    browser = visit.by(user, proven=False)

    page = browser.get(page_of(eligibility))
    response = browser.post(page_of(eligibility), typed(justification=""))

    assert (visit.notices(page), visit.facts(page)["Second factor"]) == ([], "not needed")
    assert response.headers["Location"] == f"/requests/{RoleRequest.objects.get().pk}/"


# --- bad input

REQUIRED = "This field is required."
CHOOSE = "Choose a duration from 30 min to 8 h, in half hours."
NO_DATE = "Enter a valid date/time."
FAR = "Choose a start within the next 30 days."
PAST = "This start is in the past. Leave it empty to start at once."
LONG = "Use at most 2000 characters."


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        *(
            ({"duration": minutes}, [CHOOSE])
            for minutes in ("0", "-60", "29", "45", "510", "1e2", "60.0", "an hour", "9" * 30)
        ),
        ({"duration": ""}, ["Choose how long you need the role."]),
        ({"duration": None}, ["Choose how long you need the role."]),
        ({"duration": "", "quick": "480"}, ["Choose one of the listed durations."]),
        ({"duration": "", "quick": "an hour"}, ["Choose one of the listed durations."]),
        ({"justification": ""}, ["Say why you need the role."]),
        ({"justification": " \n\t "}, ["Say why you need the role."]),
        ({"justification": None}, ["Say why you need the role."]),
        ({"justification": "x" * 2001}, [LONG]),
        ({"justification": "x" * 1_000_000}, [LONG]),
        ({"justification": "a\x00b"}, ["Null characters are not allowed."]),
        ({"ticket_number": ""}, ["Enter the number of the ticket this is for."]),
        ({"ticket_number": None}, ["Enter the number of the ticket this is for."]),
        ({"ticket_system": "  "}, ["Enter the system the ticket is in."]),
        ({"ticket_number": "x" * 101}, ["Ensure this value has at most 100 characters (it has 101)."]),
        ({"start_at": "2026-11-23T08:44"}, [PAST]),
        ({"start_at": "2026-12-23T09:01"}, [FAR]),
        (
            {"start_at": "1999-12-31T23:59", "justification": "", "ticket_number": ""},
            [PAST, "Enter the number of the ticket this is for.", "Say why you need the role."],
        ),
    ],
)
def test_a_wrong_ask_is_refused_and_keeps_what_was_typed(user, changed, sentences):
    sent = {**typed(ticket_number="INC-7", ticket_system="Jira"), **changed}
    sent = {name: value for name, value in sent.items() if value is not None}

    response = visit.by(user).post(page_of(make.eligibility(of=user, terms=TICKET)), sent)

    kept = visit.typed(response)
    assert (response.status_code, visit.sentences(response)) == (400, sentences)
    others = [name for name in sent if name not in ("duration", "quick")]
    assert {name: kept[name].strip() for name in others} == {name: sent[name].strip() for name in others}
    assert kept["duration"] == ("90" if sent.get("duration") == "90" else "")
    assert_nothing_happened()


@pytest.mark.parametrize(
    ("start_at", "sentence"),
    [
        ("2026-11-22T00:00", PAST),
        ("1999-12-31T23:59", PAST),
        ("0001-01-01T00:00", PAST),
        ("2026-12-24T09:00", FAR),
        ("9999-12-31T23:59", FAR),
        ("soon", NO_DATE),
        ("2026-02-30T09:00", NO_DATE),
        ("99999-01-01T00:00", NO_DATE),
        ("2026-11-23T25:00", NO_DATE),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_wrong_start_is_refused_and_keeps_what_was_typed(user, zone, start_at, sentence):
    user.time_zone = zone
    user.save()
    sent = typed(start_at=start_at)

    response = visit.by(user).post(page_of(make.eligibility(of=user)), sent)

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response) == sent
    assert_nothing_happened()


@pytest.mark.parametrize("start_at", ["2026-11-23T08:45", "2026-12-23T09:00"])
def test_the_first_and_the_last_start_that_count(user, start_at):
    eligibility = make.eligibility(of=user, end_at=NINE + 60 * DAY)

    response = visit.by(user).post(page_of(eligibility), typed(start_at=start_at))

    assert response.status_code == 302


@pytest.mark.parametrize("form_key", ["", "x", None])
def test_a_form_without_its_key_says_what_to_do_and_sends_nothing(user, form_key):
    sent = {name: value for name, value in typed(form_key=form_key).items() if value is not None}

    response = visit.by(user).post(page_of(make.eligibility(of=user)), sent)

    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["This page was sent incompletely. Open it again and send it once more."],
    )
    assert_nothing_happened()


@pytest.mark.parametrize(
    "reason",
    [
        "🚨 on call 🚨",
        "‮ reversed",
        "مرحبا بالعالم",
        "a\u200bb\ufeff",
        "=HYPERLINK(1)",
        "'; DROP TABLE roles; --",
        "x" * 2000,
    ],
)
def test_odd_characters_are_kept_as_they_are(user, reason):
    response = visit.by(user).post(page_of(make.eligibility(of=user)), typed(justification=reason), follow=True)

    assert RoleRequest.objects.get().justification == reason
    assert visit.facts(response)["Reason"] == reason.strip()


# --- whose, and how often


def test_somebody_elses_eligibility_is_not_found(user, stranger):
    eligibility = make.eligibility(of=user)
    browser = visit.by(stranger)

    responses = [browser.get(page_of(eligibility)), browser.post(page_of(eligibility), typed())]

    assert [response.status_code for response in responses] == [404, 404]
    assert_nothing_happened()


def test_an_eligibility_that_has_not_begun_is_not_found(user):
    eligibility = make.eligibility(of=user, start_at=NINE + SECOND)
    browser = visit.by(user)

    responses = [browser.get(page_of(eligibility)), browser.post(page_of(eligibility), typed())]

    assert [response.status_code for response in responses] == [404, 404]


def test_an_eligibility_that_ended_this_moment_says_so(user):
    eligibility = make.eligibility(of=user, end_at=NINE)
    browser = visit.by(user)

    responses = [browser.get(page_of(eligibility)), browser.post(page_of(eligibility), typed())]

    assert [response.status_code for response in responses] == [409, 409]
    assert visit.notices(responses[1]) == [
        "The eligibility for this role has ended, so it cannot be activated. Teams Administrator ended by itself at "
        "09:00 UTC. Nothing was asked for. If you still need the role, ask an administrator to make you eligible again."
    ]
    assert_nothing_happened()


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_an_eligibility_that_does_not_exist_is_not_found(user, number):
    assert visit.by(user).get(f"/my-roles/{number}/activate/").status_code == 404


def test_an_eligibility_that_was_removed_while_the_form_was_open_says_by_whom_and_when(user, admin):
    eligibility = make.eligibility(of=user)
    browser = visit.by(user)
    page = browser.get(page_of(eligibility))
    grants.remove_eligibility(make.act(by=admin, at=NINE - SECOND), eligibility, because="left")

    response = browser.post(page_of(eligibility), {**visit.typed(page), "justification": "x"})

    assert (response.status_code, visit.title(response)) == (409, "Teams Administrator can no longer be activated")
    assert "Ada Admin ended this at 08:59 UTC already" in visit.notices(response)[0]
    assert RoleRequest.objects.count() == 0


def test_a_group_member_activates_what_the_group_may(user):
    eligibility = make.eligibility(of=make.group(name="Night shift", members=(user,)))

    response = visit.by(user).post(page_of(eligibility), typed())

    assert response.status_code == 302
    assert access(user, eligibility.role, at=NINE) is not None


def test_the_same_form_sent_twice_is_one_request(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    browser, sent = visit.by(user), typed()

    answers = [browser.post(page_of(eligibility), sent).headers["Location"] for _ in range(2)]

    assert answers == [f"/requests/{RoleRequest.objects.get().pk}/"] * 2
    assert seen.events() == ["request.made"]


def test_the_key_of_somebody_elses_form_shows_nothing_of_their_request(user, stranger, approver):
    sent = typed()
    role = make.role(approvers=(approver,))
    visit.by(user).post(page_of(make.eligibility(of=user, role=role)), sent)

    response = visit.by(stranger).post(page_of(make.eligibility(of=stranger, role=role)), sent)

    mine = RoleRequest.objects.get(user=stranger)
    assert response.headers["Location"] == f"/requests/{mine.pk}/"
    assert [found.user for found in RoleRequest.objects.order_by("pk")] == [user, stranger]


def test_a_second_request_while_one_waits_is_refused_with_a_sentence(user, approver):
    eligibility = make.eligibility(of=user, approvers=(approver,))
    browser = visit.by(user)
    browser.post(page_of(eligibility), typed())

    response = browser.post(page_of(eligibility), typed(justification="Once more"))

    assert (response.status_code, visit.sentences(response)) == (
        409,
        [f"You asked for this role at 09:00 UTC already; request {RoleRequest.objects.get().pk} waits for approval."],
    )
    assert visit.typed(response)["justification"] == "Once more"
    assert RoleRequest.objects.count() == 1


def test_a_role_that_is_active_already_is_not_activated_again(user):
    eligibility = make.eligibility(of=user)
    browser = visit.by(user)
    browser.post(page_of(eligibility), typed())

    response = browser.post(page_of(eligibility), typed(justification="Once more"))

    assert (response.status_code, visit.sentences(response)) == (
        409,
        ["Teams Administrator is active until 10:30 UTC. Deactivate it first, or choose another start."],
    )
    assert Assignment.objects.count() == 1


def test_where_nobody_else_can_approve_the_page_says_so_before_and_after(user, approver):
    eligibility = make.eligibility(of=user, approvers=(user, approver))
    people.disable(make.act(at=NINE - HOUR), approver)
    browser = visit.by(user)

    page = browser.get(page_of(eligibility))
    response = browser.post(page_of(eligibility), typed())

    assert visit.facts(page)["Approval"] == (
        "nobody else can approve this now; ask an administrator to name an approver"
    )
    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["Nobody else can approve this role now. Ask an administrator to name an approver."],
    )
    assert_nothing_happened()


def test_terms_that_became_stricter_while_the_form_was_open_count(user):
    eligibility = make.eligibility(of=user)
    browser = visit.by(user)
    sent = {**visit.typed(browser.get(page_of(eligibility))), "duration": "480", "justification": "x"}
    make.change_terms(of=eligibility.role, to=ActivationTerms(max_duration=HOUR))

    response = browser.post(page_of(eligibility), sent)

    assert visit.sentences(response) == ["Choose a duration from 30 min to 1 h, in half hours."]
    assert RoleRequest.objects.count() == 0


# --- narrower


@pytest.fixture
def payroll():
    return make.resource(name="Payroll", below=make.resource())


def test_where_there_is_something_below_one_chooses_where(user, payroll):
    archive = make.resource(name="Archive", below=payroll)
    eligibility = make.eligibility(of=user)
    browser = visit.by(user)

    page = browser.get(page_of(eligibility))
    (places, _durations) = visit.main(page).all("select")
    assert [option.text for option in places.all("option")] == ["Directory", "Payroll", "Archive"]
    assert visit.typed(page)["scope"] == str(eligibility.scope_id)

    response = browser.post(page_of(eligibility), typed(scope=str(archive.pk)), follow=True)
    assert visit.facts(response)["Where"] == "Archive"
    assert Assignment.objects.get(user=user, activated_from=eligibility).scope == archive


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [("999999", "Choose one of the listed places."), ("x", "Choose one of the listed places."), ("", REQUIRED)],
)
def test_a_place_that_is_not_listed_is_refused_and_keeps_what_was_typed(user, payroll, scope, sentence):
    response = visit.by(user).post(page_of(make.eligibility(of=user)), typed(scope=scope))

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response)["justification"] == "Mailbox migration"
    assert_nothing_happened()


def test_my_roles_offers_again_what_is_active_only_below(user, payroll):
    eligibility = make.eligibility(of=user)
    make.role_request(by=user, for_=eligibility, on=payroll)

    assert visit.table(visit.by(user).get("/my-roles/"))[0][-1] == "☆ Activate Teams Administrator"
    assert "Activate Teams Administrator" in visit.links(visit.by(user).get("/"))


# --- what the role asks for


def test_the_form_says_how_long_a_reason_and_which_ticket_is_asked_for(user):
    terms = ActivationTerms(needs_ticket=True, ticket_pattern="INC-[0-9]+", justification_min_length=20)
    eligibility = make.eligibility(of=user, terms=terms)
    browser = visit.by(user)

    hints = [hint.text for hint in visit.main(browser.get(page_of(eligibility))).all(of="form-text")]
    response = browser.post(page_of(eligibility), typed(ticket_number="7", ticket_system="Jira"))

    assert hints[2:] == [
        "Required. It has to match INC-[0-9]+",
        "Required.",
        "Required, at least 20 characters. Why you need the role. Approvers and auditors read it.",
    ]
    assert (response.status_code, visit.sentences(response)) == (
        400,
        [
            "This is not a ticket number as this role asks for: it has to match INC-[0-9]+",
            "Write at least 20 characters: who reads it has to understand why.",
        ],
    )


def test_the_page_says_who_approves_stage_by_stage(user, approver, other_approver, stranger):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2), make.stage(stranger))
    eligibility = make.eligibility(of=user, role=make.role(approval=rounds))

    page = visit.by(user).get(page_of(eligibility))

    assert visit.facts(page)["Approval"] == ("by 2 of Alva Approver, Ben Second; then by Sam Stranger, within 1 day")


def test_where_a_fresh_second_factor_is_asked_for_a_spent_one_leads_to_showing_it_again(user):
    terms = ActivationTerms(second_factor=SecondFactor.FRESH)
    first = make.eligibility(of=user, role=make.role(terms=terms))
    second = make.eligibility(of=user, role=make.role(name="Exchange Administrator", terms=terms))
    browser, sent = visit.by(user), typed()
    assert "Verify now" not in visit.links(browser.get(page_of(second)))
    asked = browser.post(page_of(first), sent)

    page = browser.get(page_of(second))
    again = browser.post(page_of(second), typed(justification="Kept on the way"))

    assert visit.links(page)["Verify now"] == step_up(second)
    assert (again.status_code, again.headers["Location"]) == (302, step_up(second))
    assert visit.typed(browser.get(page_of(second)))["justification"] == "Kept on the way"
    assert RoleRequest.objects.count() == 1
    assert browser.post(page_of(first), sent).headers["Location"] == asked.headers["Location"]


# --- what will happen


def test_quick_durations_say_until_when(user):
    eligibility = make.eligibility(of=user, terms=ActivationTerms(max_duration=3 * HOUR))

    page = visit.by(user).get(page_of(eligibility))

    labels = [label.text for label in visit.main(page).all("label") if "until" in label.text]
    assert labels == [
        "1 h – until 10:00 UTC",
        "2 h – until 11:00 UTC",
        "3 h, the maximum – until 12:00 UTC",
    ]


@pytest.mark.parametrize(("sent", "minutes"), [({"quick": "120"}, 120), ({"quick": "max"}, 480)])
def test_a_quick_duration_is_what_is_asked_for(user, sent, minutes):
    visit.by(user).post(page_of(make.eligibility(of=user)), typed(duration="", **sent))

    assert RoleRequest.objects.get().duration == minutes * MINUTE


def test_a_freely_chosen_duration_goes_before_a_quick_one(user):
    visit.by(user).post(page_of(make.eligibility(of=user)), typed(duration="90", quick="120"))

    assert RoleRequest.objects.get().duration == 90 * MINUTE


def test_the_last_reason_is_offered_and_filled_in(user, stranger):
    eligibility = make.eligibility(of=user, role=make.role(terms=EASY))
    other = make.eligibility(of=user, role=make.role(name="User Administrator", terms=EASY))
    theirs = make.role_request(by=stranger, asking_for=make.ask(justification="Secret"))
    last = make.role_request(by=user, for_=other, asking_for=make.ask(justification="Patching"))
    browser = visit.by(user)

    page = browser.get(page_of(eligibility))

    assert visit.links(page)["Use it again"] == f"?again={last.pk}"
    assert visit.typed(browser.get(f"{page_of(eligibility)}?again={last.pk}"))["justification"] == "Patching"
    assert visit.typed(browser.get(f"{page_of(eligibility)}?again={theirs.pk}"))["justification"] == ""
    assert visit.typed(browser.get(f"{page_of(eligibility)}?again=x"))["justification"] == ""


def test_what_would_be_refused_is_said_before_anything_is_typed(user):
    eligibility = make.eligibility(of=user, terms=EASY)
    make.activation(by=user, of=eligibility)

    page = visit.by(user).get(page_of(eligibility))

    assert visit.notices(page) == [
        "Not possible now Teams Administrator is active until 10:00 UTC. Deactivate it first, or choose another start."
        " My active roles"
    ]


def test_a_member_role_says_what_the_group_holds(user):
    crew = make.group(name="Shop crew")
    shop = make.role(name="Shop operator", on=make.resource(name="Shop", below=make.resource()))
    make.assignment(of=crew, role=shop)
    make.eligibility(of=crew, role=make.role(name="Teams Reader"))
    eligibility = make.eligibility(of=user, role=make.membership_role(of=crew))

    page = visit.by(user).get(page_of(eligibility))

    assert [item.text for item in visit.main(page).all(of="changes")[0].all("li")] == [
        "Shop operator on Shop through Shop crew",
        "Teams Reader on Directory, to activate",
    ]


def test_a_role_with_powers_over_the_portal_names_them(user):
    eligibility = make.eligibility(of=user, role=make.role(name="Security Reader"))

    page = visit.by(user).get(page_of(eligibility))

    assert [item.text for item in visit.main(page).all(of="changes")[0].all("li")] == [
        "read the audit history of this portal",
        "see roles and who holds them in this portal",
    ]

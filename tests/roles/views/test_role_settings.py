"""The settings of a role: three tabs, checked and saved one by one."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.operations.people import disable
from kernel.period import DAY, HOUR, MINUTE
from roles.models import Assignment, Eligibility, RolePolicy
from roles.terms import (
    DEFAULTS,
    MANAGER,
    ActivationTerms,
    ApprovalTerms,
    Audience,
    GrantTerms,
    Notice,
    Occasion,
    SecondFactor,
    Settings,
    Stage,
)
from tests import make, seen, visit
from tests.make import IN_30_DAYS, NINE, THE_DAY_BEFORE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

NEVER = "Nobody approves their own request; disabled people and break-glass accounts never approve."


def page(role, tab="activation"):
    return f"/roles/{role.pk}/settings/?tab={tab}"


def as_it_stands(browser, role, tab="activation"):
    """What the form would send as it is opened."""
    return visit.typed(browser.get(page(role, tab)))


def saved(role):
    return RolePolicy.objects.get(role=role).settings()


# --- activation and approval

DEFAULT_ACTIVATION = {
    "activation_max_duration": "480",
    "second_factor": ["shown"],
    "needs_justification": ["on"],
    "justification_min_length": "0",
    "ticket_pattern": "",
    "warning_duration": "15",
    "approvers": "",
    "first_quorum": "1",
    "second_approvers": "",
    "second_quorum": "0",
    "decision_window_duration": "24",
    "reminds_at_half_time": ["on"],
    "escalation_after_duration": "",
    "escalation": "",
    "approver_needs_reason": ["on"],
    "version": "0",
}


def test_the_first_tab_shows_activation_and_approval_as_they_stand(admin):
    response = visit.by(admin).get(f"/roles/{make.role().pk}/settings/")

    assert visit.typed(response) == DEFAULT_ACTIVATION
    assert "Never changed: these are the defaults." in visit.main(response).text


def test_everything_about_activation_and_approval_can_be_set(admin, approver, other_approver):
    role = make.role()
    team = make.group(name="Service managers", members=(approver, other_approver, make.user()))
    browser = visit.by(admin)
    typed = {
        "activation_max_duration": "90",
        "second_factor": "fresh",
        "justification_min_length": "20",
        "needs_ticket": "on",
        "ticket_pattern": "INC-[0-9]+",
        "warning_duration": "0",
        "needs_approval": "on",
        "approvers": "approver@example.com\r\nService managers (group)",
        "first_quorum": "2",
        "second_approvers": "manager\r\nBen Second",
        "second_quorum": "1",
        "decision_window_duration": "48",
        "escalation_after_duration": "120",
        "escalation": "Ada Admin",
        "approver_needs_second_factor": "on",
        "version": "0",
    }

    response = browser.post(page(role), typed, follow=True)

    assert visit.notices(response) == ["The settings of Teams Administrator are saved: 18 changes."]
    assert response.redirect_chain == [(f"/roles/{role.pk}/?tab=activation", 302)]
    assert saved(role) == replace(
        DEFAULTS,
        activation=ActivationTerms(
            max_duration=90 * MINUTE,
            second_factor=SecondFactor.FRESH,
            needs_justification=False,
            justification_min_length=20,
            needs_ticket=True,
            ticket_pattern="INC-[0-9]+",
            needs_approval=True,
            decision_window=48 * HOUR,
            warning=0 * MINUTE,
        ),
        approval=ApprovalTerms(
            stages=(
                Stage(make.named(approver, team), 2),
                Stage(tuple(sorted((MANAGER, *make.named(other_approver)))), 1),
            ),
            reminds_at_half_time=False,
            escalation_after=2 * HOUR,
            escalation=make.named(admin),
            needs_reason=False,
            needs_second_factor=True,
        ),
    )


def test_what_was_set_is_shown_so_that_saving_it_again_changes_nothing(admin, approver):
    role = make.role()
    stages = (Stage((MANAGER, *make.named(make.group(name="Night shift"))), 1), Stage(make.named(approver), 1))
    approval = ApprovalTerms(stages=tuple(replace(one, approvers=tuple(sorted(one.approvers))) for one in stages))
    odd = replace(approval, escalation_after=75 * MINUTE, escalation=make.named(approver))
    make.change_settings(of=role, to=Settings(activation=ActivationTerms(needs_approval=True), approval=odd))
    browser = visit.by(admin)

    typed = as_it_stands(browser, role)
    response = browser.post(page(role), typed, follow=True)

    assert typed["approvers"].splitlines() == ["Night shift (group)", "manager"]
    assert (typed["second_approvers"], typed["second_quorum"]) == ("approver@example.com", "1")
    assert (typed["escalation_after_duration"], typed["escalation"]) == ("75", "approver@example.com")
    assert visit.notices(response) == ["Nothing was changed: the settings were so already."]
    assert RolePolicy.objects.get(role=role).version == 1


def test_the_page_says_who_changed_the_settings_last(admin):
    role = make.role()
    browser = visit.by(admin)
    browser.post(page(role), {**DEFAULT_ACTIVATION, "activation_max_duration": "60"})

    assert "Changed last by Ada Admin, 23 Nov 2026, 09:00 UTC." in visit.main(browser.get(page(role))).text


@pytest.mark.parametrize("minutes", ["30", "1440"])
def test_the_shortest_and_the_longest_activation_can_be_chosen(admin, minutes):
    role = make.role()

    visit.by(admin).post(page(role), {**DEFAULT_ACTIVATION, "activation_max_duration": minutes})

    assert saved(role).activation.max_duration == int(minutes) * MINUTE


def test_numbers_left_empty_ask_for_nothing(admin):
    role = make.role()

    visit.by(admin).post(
        page(role),
        {**DEFAULT_ACTIVATION, "justification_min_length": "", "second_quorum": "", "activation_max_duration": "60"},
    )

    assert (saved(role).activation.justification_min_length, len(saved(role).approval.stages)) == (0, 1)


REQUIRED = "This field is required."
NO_CHOICE = "Select a valid choice. {} is not one of the available choices."
HOURS = "Choose from 1 to 168 whole hours."
QUORUM = "Choose from 1 to 10 approvals."
SECOND_QUORUM = "Choose from 0 to 10 approvals; 0 is no second stage."
LENGTH = "Choose from 0 to 500 characters."
NOT_KNOWN = "“{}” is not known. Write an email, a full name, a group's name, or manager."


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        *(
            ("activation_max_duration", minutes, "Choose a maximum from 0.5 to 24 hours, in half hours.")
            for minutes in ("0", "29", "45", "1500", "1470", "-30", "eight", "480.0", "1e2", "9" * 30)
        ),
        ("activation_max_duration", "", REQUIRED),
        ("activation_max_duration", None, REQUIRED),
        ("second_factor", ["perhaps"], NO_CHOICE.format("perhaps")),
        ("second_factor", None, REQUIRED),
        *(("justification_min_length", length, LENGTH) for length in ("-1", "501", "9" * 30, "some")),
        ("ticket_pattern", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        (
            "ticket_pattern",
            "INC-[0-9",
            "This is not a regular expression: unterminated character set at position 4. "
            "INC-[0-9]+ is one, for INC-1234.",
        ),
        ("approvers", "Nobody Known", NOT_KNOWN.format("Nobody Known")),
        ("approvers", "\x00", "Null characters are not allowed."),
        ("second_approvers", "nobody@example.org", NOT_KNOWN.format("nobody@example.org")),
        ("escalation", "Night shift (group)", NOT_KNOWN.format("Night shift (group)")),
        *(("first_quorum", count, QUORUM) for count in ("0", "-1", "11", "9" * 30, "two", "1.5")),
        ("first_quorum", "", REQUIRED),
        *(("second_quorum", count, SECOND_QUORUM) for count in ("-1", "11", "9" * 30, "two")),
        (
            "second_approvers",
            "Ada Admin",
            "Say how many of them have to approve, or name nobody for this stage.",
        ),
        *(("decision_window_duration", hours, HOURS) for hours in ("0", "-1", "169", "9" * 30, "soon", "1.5")),
        ("decision_window_duration", "", REQUIRED),
        ("decision_window_duration", None, REQUIRED),
        ("escalation_after_duration", "7", NO_CHOICE.format("7")),
        ("escalation_after_duration", "60", "Name who is asked on escalation and after which time, or neither."),
        ("escalation", "Ada Admin", "Name who is asked on escalation and after which time, or neither."),
    ],
)
def test_a_wrong_setting_is_refused_and_keeps_what_was_typed(admin, field, value, sentence):
    role = make.role()
    before = RolePolicy.objects.filter(role=role).values().get()
    typed = {**DEFAULT_ACTIVATION, "needs_approval": ["on"], field: value}
    sent = {name: each for name, each in typed.items() if each is not None}

    response = visit.by(admin).post(page(role), sent)

    kept = visit.typed(response)
    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert {name: kept.get(name) for name in sent if name != field} == {
        name: each for name, each in sent.items() if name != field
    }
    assert RolePolicy.objects.filter(role=role).values().get() == before
    assert seen.events() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("decision_window_duration", value) for value in ("0", "-1", "169", "soon", "1.5")),
        ("approvers", "Nobody Known\nAda Admin"),
        ("ticket_pattern", "INC-[0-9"),
        ("second_quorum", "99"),
    ],
)
def test_what_was_typed_wrongly_is_still_in_the_form(admin, field, value):
    typed = {**DEFAULT_ACTIVATION, field: value}

    response = visit.by(admin).post(page(make.role()), typed)

    assert (response.status_code, visit.typed(response)) == (400, typed)


def test_an_unknown_approver_gets_suggestions(admin, approver):
    typed = {**DEFAULT_ACTIVATION, "approvers": "Ada\nAlva Aprover"}

    response = visit.by(admin).post(page(make.role()), typed)

    assert visit.sentences(response) == [
        "“Ada” is not known. Did you mean Ada Admin (admin@example.com)?",
        "“Alva Aprover” is not known. Did you mean Alva Approver (approver@example.com)?",
    ]


def test_more_approvers_than_can_be_named_are_refused_with_what_to_do(admin):
    role = make.role()
    User.objects.bulk_create(
        User(email=f"many{number}@example.com", display_name=f"Many {number}", created_at=NINE) for number in range(201)
    )
    many = "\n".join(f"many{number}@example.com" for number in range(201))

    response = visit.by(admin).post(page(role), {**DEFAULT_ACTIVATION, "approvers": many})
    fewer = visit.by(admin).post(page(role), {**DEFAULT_ACTIVATION, "approvers": many.rpartition("\n")[0]})

    assert visit.sentences(response) == ["Name at most 200. Use a group for more."]
    assert (fewer.status_code, len(saved(role).approval.stages[0].approvers)) == (302, 200)


@pytest.mark.parametrize("tab", ["activation", "assignment", "notification"])
@pytest.mark.parametrize("version", [None, "", "x", "-"])
def test_settings_without_the_version_they_were_read_in_change_nothing(admin, tab, version):
    role = make.role()
    browser = visit.by(admin)
    typed = {**as_it_stands(browser, role, tab), "version": version}
    sent = {name: value for name, value in typed.items() if value is not None}

    response = browser.post(page(role, tab), sent)

    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["This page was sent incompletely. Open it again and send it once more."],
    )
    assert RolePolicy.objects.get(role=role).version == 0


def test_whoever_saves_second_is_told_who_was_first(admin):
    other = make.user(name="Otto Other")
    make.assignment(of=other, role=make.role(name="Privileged Role Administrator"))
    role = make.role()
    slow = visit.by(admin)
    typed = as_it_stands(slow, role)
    visit.by(other).post(page(role), {**typed, "activation_max_duration": "60"})

    response = slow.post(page(role), {**typed, "activation_max_duration": "120"})

    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["Otto Other changed these settings while you were editing. Open them again and repeat your change."],
    )
    assert visit.typed(response)["activation_max_duration"] == "120"
    assert saved(role).activation.max_duration == HOUR


def test_whoever_lost_the_power_meanwhile_saves_nothing(admin):
    role = make.role()
    browser = visit.by(admin)
    opened = browser.get(page(role))
    Assignment.objects.update(end_at=NINE, removed_at=NINE)

    response = browser.post(page(role), DEFAULT_ACTIVATION)

    assert (opened.status_code, response.status_code) == (200, 403)
    assert RolePolicy.objects.get(role=role).version == 0


# --- who would be asked


def test_the_page_says_who_would_be_asked_by_name_and_number(admin, approver):
    team = make.group(members=tuple(make.user(name=f"Person {number:02}") for number in range(23)))
    stages = (Stage((MANAGER, *make.named(approver)), 2), Stage(make.named(team), 1))
    terms = ApprovalTerms(stages, escalation_after=2 * HOUR, escalation=make.named(admin))
    role = make.role()
    make.change_settings(of=role, to=Settings(activation=ActivationTerms(needs_approval=True), approval=terms))

    response = visit.by(admin).get(page(role))

    assert visit.facts(response) == {
        "First stage": "1 person: Alva Approver; and the manager of whoever asks. 2 approvals are needed.",
        "Second stage": "23 people: Person 00, Person 01, Person 02, Person 03, Person 04, Person 05, Person 06, "
        "Person 07, Person 08, Person 09 and 13 more. 1 approval is needed.",
        "After 2 h, as well": "1 person: Ada Admin.",
    }


def test_where_nobody_is_named_the_page_says_that_the_administrators_would_be_asked(admin):
    response = visit.by(admin).get(page(make.role(terms=ActivationTerms(needs_approval=True))))

    assert visit.facts(response) == {
        "Approvers": "Nobody is named, so the active Global and Privileged Role Administrators: 1 person: Ada Admin. "
        "1 approval is needed.",
    }


def test_where_no_approval_is_needed_the_page_says_that_nobody_is_asked(admin):
    response = visit.by(admin).get(page(make.role()))

    assert "Nobody: no approval is needed. If it were:" in visit.main(response).text


def test_checking_shows_what_would_change_and_who_would_be_asked_and_saves_nothing(admin, approver):
    role = make.role()
    typed = {**DEFAULT_ACTIVATION, "needs_approval": ["on"], "approvers": "Alva Approver"}

    response = visit.by(admin).post(page(role), {**typed, "check": "yes"})

    assert (response.status_code, visit.typed(response)) == (200, typed)
    assert visit.notices(response) == [
        "This can be saved. Nothing is saved yet. Require approval to activate: no → yes"
        "Approvers: Global and Privileged Role Administrators → approver@example.com"
    ]
    assert visit.facts(response) == {"Approvers": "1 person: Alva Approver. 1 approval is needed."}
    assert (saved(role), seen.events()) == (DEFAULTS, [])


def test_checking_what_changes_nothing_says_so(admin):
    response = visit.by(admin).post(page(make.role()), {**DEFAULT_ACTIVATION, "check": "yes"})

    assert visit.notices(response) == ["This changes nothing."]


@pytest.mark.parametrize("button", [{}, {"check": "yes"}])
def test_whoever_could_not_be_approved_is_named(admin, user, button):
    role = make.role()
    make.eligibility(of=user, role=role)
    typed = {**DEFAULT_ACTIVATION, "needs_approval": ["on"], "approvers": "John Doe"}

    response = visit.by(admin).post(page(role), {**typed, **button})

    assert (response.status_code, visit.notices(response)) == (400, [])
    assert visit.sentences(response) == [f"Too few others could approve for John Doe. {NEVER} Name more approvers."]
    assert visit.facts(response) == {"Approvers": "1 person: John Doe. 1 approval is needed."}
    assert visit.typed(response) == typed
    assert saved(role) == DEFAULTS


def test_whoever_can_no_longer_be_approved_is_named_as_the_page_is_opened(admin, user, approver):
    role = make.role(approvers=(approver,))
    make.eligibility(of=user, role=role)
    browser = visit.by(admin)
    before = visit.main(browser.get(page(role))).all(of="left-out")
    disable(make.act(), approver)

    response = browser.get(page(role))

    assert [line.text for line in visit.main(response).all(of="left-out")] == [
        "Too few others could approve for John Doe."
    ]
    assert before == []


# --- assignment


def test_the_assignment_tab_shows_how_the_role_may_be_assigned(admin):
    typed = as_it_stands(visit.by(admin), make.role(), "assignment")

    assert typed == {
        "permanent_eligible_allowed": ["on"],
        "eligible_max_duration": "365",
        "permanent_active_allowed": ["on"],
        "active_max_duration": "180",
        "assigner_needs_justification": ["on"],
        "version": "0",
    }


def test_everything_about_assignment_can_be_set_and_the_rest_stays(admin, approver):
    role = make.role(approvers=(approver,))
    before = saved(role)
    typed = {
        "eligible_max_duration": "90",
        "active_max_duration": "15",
        "assigner_needs_second_factor": "on",
        "version": "1",
    }

    response = visit.by(admin).post(page(role, "assignment"), typed, follow=True)

    assert visit.notices(response) == ["The settings of Teams Administrator are saved: 6 changes."]
    assert response.redirect_chain == [(f"/roles/{role.pk}/?tab=assignment", 302)]
    assert saved(role) == replace(
        before,
        eligible=GrantTerms(permanent_allowed=False, max_duration=90 * DAY),
        active=GrantTerms(permanent_allowed=False, max_duration=15 * DAY, needs_second_factor=True),
    )


@pytest.mark.parametrize("field", ["eligible_max_duration", "active_max_duration"])
@pytest.mark.parametrize("days", ["0", "-15", "16", "366", "year", None])
def test_only_the_listed_durations_can_be_chosen(admin, field, days):
    role = make.role()
    browser = visit.by(admin)
    typed = {**as_it_stands(browser, role, "assignment"), field: days}

    response = browser.post(
        page(role, "assignment"), {name: value for name, value in typed.items() if value is not None}
    )

    sentence = NO_CHOICE.format(days) if days else REQUIRED
    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert RolePolicy.objects.get(role=role).version == 0


# --- notification


def test_the_notification_tab_shows_nine_cells(admin):
    typed = as_it_stands(visit.by(admin), make.role(), "notification")

    cells = [f"{occasion}_{audience}" for occasion in Occasion for audience in Audience]
    assert {name: value for name, value in typed.items() if name.endswith("_default")} == {
        f"{cell}_default": ["on"] for cell in cells
    }
    assert {name for name in typed if name.endswith("_addresses")} == {
        f"{cell}_addresses" for cell in cells if cell != "activation_approvers"
    }


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("audience", Audience)
def test_each_cell_can_be_set(admin, occasion, audience):
    role = make.role()
    browser = visit.by(admin)
    typed = as_it_stands(browser, role, "notification")
    cell = f"{occasion}_{audience}"
    del typed[f"{cell}_default"]
    takes_addresses = cell != "activation_approvers"
    if takes_addresses:
        typed[f"{cell}_addresses"] = "ops@example.com; soc@example.com\r\nOPS@example.com;"

    response = browser.post(page(role, "notification"), {**typed, f"{cell}_critical": "on"})

    addresses = ("OPS@example.com", "soc@example.com") if takes_addresses else ()
    notices = saved(role).notices
    assert response["Location"] == f"/roles/{role.pk}/?tab=notification"
    assert notices.of(occasion, audience) == Notice(by_default=False, addresses=addresses, only_critical=True)
    assert sum(notice == Notice() for notice in notices.cells) == 8
    assert as_it_stands(browser, role, "notification").get(f"{cell}_addresses", "") == "\n".join(addresses)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ops", "ops is not an email address. Write name@example.com."),
        (
            "a@example.com, b@example.com",
            "a@example.com, b@example.com is not an email address. Write name@example.com.",
        ),
        (f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 20}.example", None),
        (";".join(f"ops{number}@example.com" for number in range(21)), "Name at most 20 addresses."),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_written_to_is_refused(admin, typed, sentence):
    role = make.role()
    browser = visit.by(admin)
    sent = {**as_it_stands(browser, role, "notification"), "active_holder_addresses": typed}

    response = browser.post(page(role, "notification"), sent)

    expected = sentence or f"{typed} is not an email address. Write name@example.com."
    assert (response.status_code, visit.sentences(response)) == (400, [expected])
    assert RolePolicy.objects.get(role=role).version == 0


def test_the_page_lists_who_gets_what(admin, approver):
    role = make.role(approvers=(approver,))

    response = visit.by(admin).get(page(role, "notification"))

    getting = [line.text for line in visit.main(response).all("p") if line.text.startswith("Gets it now")]
    assert getting == [
        "Gets it now: Ada Admin",
        "Gets it now: whoever is eligible",
        "Gets it now: Ada Admin",
        "Gets it now: Ada Admin",
        "Gets it now: whoever is active",
        "Gets it now: Ada Admin",
        "Gets it now: Ada Admin",
        "Gets it now: whoever activates",
        "Gets it now: Alva Approver",
    ]


def test_checking_lists_who_would_get_what_and_saves_nothing(admin):
    role = make.role()
    browser = visit.by(admin)
    typed = as_it_stands(browser, role, "notification")
    del typed["eligible_administrators_default"], typed["eligible_holder_default"]
    typed["eligible_holder_addresses"] = "ops@example.com"
    typed["active_administrators_critical"] = "on"

    response = browser.post(page(role, "notification"), {**typed, "check": "yes"})

    getting = [line.text for line in visit.main(response).all("p") if line.text.startswith("Gets it now")]
    assert getting[:4] == [
        "Gets it now: nobody",
        "Gets it now: ops@example.com",
        "Gets it now: Ada Admin",
        "Gets it now: Ada Admin – only critical emails",
    ]
    assert saved(role) == DEFAULTS


# --- the warning


def test_a_warning_as_long_as_an_activation_may_be_is_refused_beside_its_field(admin):
    role = make.role()
    typed = {**DEFAULT_ACTIVATION, "activation_max_duration": "60", "warning_duration": "60"}

    response = visit.by(admin).post(page(role), typed)

    assert response.context["form"].errors == {"warning_duration": ["Choose a time shorter than the maximum duration."]}
    assert visit.typed(response)["warning_duration"] == "60"
    assert saved(role) == DEFAULTS


def test_the_page_of_a_role_says_when_it_warns(admin):
    role = make.role(terms=ActivationTerms(warning=5 * MINUTE))

    text = visit.main(visit.by(admin).get(f"/roles/{role.pk}/?tab=activation")).text

    assert "Warn before the end5 min" in text


# --- 1,000 people


def test_the_page_of_a_role_with_a_thousand_people_costs_what_it_costs_with_one(admin, user, approver):
    role = make.role(approvers=(approver, make.user()))
    make.eligibility(of=user, role=role)
    browser = visit.by(admin)
    typed = {**as_it_stands(browser, role), "check": "yes"}
    with_one = queries(browser.get, page(role)), queries(browser.post, page(role), typed)
    people = User.objects.bulk_create(
        User(email=f"p{number}@example.com", display_name=f"P {number}", created_at=NINE, manager=approver)
        for number in range(1000)
    )
    Eligibility.objects.bulk_create(
        Eligibility(
            role=role, scope=role.resource, user=person, start_at=THE_DAY_BEFORE, end_at=IN_30_DAYS, made_at=NINE
        )
        for person in people
    )

    with_a_thousand = queries(browser.get, page(role)), queries(browser.post, page(role), typed)
    changed = {**as_it_stands(browser, role), "activation_max_duration": "60"}

    assert with_a_thousand == with_one
    assert with_one == (19, 26)
    assert browser.post(page(role), changed).status_code == 302


def queries(send, *sent):
    """How many queries this costs."""
    with CaptureQueriesContext(connection) as captured:
        assert send(*sent).status_code == 200
    return len(captured)

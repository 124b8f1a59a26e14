"""One request, with all there is about it, where approvers decide."""

import pytest
from django.conf import settings

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE, SECOND
from requests_app.lifecycle import Status
from requests_app.models import Decision, RoleRequest
from requests_app.operations import activation, approval, waiting
from roles.operations import departures, grants
from roles.queries.access import access
from roles.terms import ActivationTerms
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

EARLIER = NINE - 10 * MINUTE
NOT_APPROVER = "You are not an approver of this role, so you cannot decide this request."
NO_LONGER = "You are no longer an approver of this role, so you cannot decide this request."


@pytest.fixture
def request_by_user(user, approver, other_approver):
    """John asked ten minutes ago; Alva or Ben decide."""
    return make.role_request(by=user, approvers=(approver, other_approver), at=EARLIER)


def page_of(role_request):
    return f"/requests/{role_request.pk}/"


def decide(browser, role_request, verb="approve", because="On call"):
    return browser.post(f"/requests/{role_request.pk}/{verb}/", {"justification": because})


def assert_undecided(role_request):
    assert RoleRequest.objects.get(pk=role_request.pk).status == Status.PENDING
    assert (Decision.objects.count(), seen.events(), seen.emails()) == (0, [], [])


# --- deciding


def test_an_approver_sees_what_is_asked_for_and_approves(request_by_user, user, approver):
    browser = visit.by(approver)

    page = browser.get(page_of(request_by_user))
    response = browser.post(f"/requests/{request_by_user.pk}/approve/", {"justification": "On call"}, follow=True)

    assert visit.facts(page) == {
        "Who": "John Doe, user@example.com Collaboration engineer",
        "Role": "Teams Administrator",
        "Where": "Directory",
        "How long": "1 h",
        "From": "at once, when it is approved",
        "Reason": "Mailbox migration",
        "Second factor": "Phone, shown 23 Nov 2026, 08:50 UTC",
    }
    assert visit.buttons(page) == ["Approve", "Deny", "Ask"]
    assert visit.notices(response)[0] == "You approved the request. John Doe is told by email."
    assert visit.facts(response)["Approved by"] == "Alva Approver, 23 Nov 2026, 09:00 UTC On call"
    assert access(user, request_by_user.role, at=NINE).until == NINE + HOUR
    assert visit.buttons(response) == []


def test_an_approver_denies(request_by_user, user, approver):
    response = visit.by(approver).post(
        f"/requests/{request_by_user.pk}/deny/", {"justification": "Not tonight"}, follow=True
    )

    assert visit.notices(response) == ["You denied the request. John Doe is told by email."]
    assert access(user, request_by_user.role, at=NINE) is None
    assert RoleRequest.objects.get().status == Status.DENIED


def test_an_approver_without_a_second_factor_may_decide(request_by_user, approver):
    response = decide(visit.by(approver, proven=False), request_by_user)

    assert (response.status_code, RoleRequest.objects.get().status) == (302, Status.GRANTED)


def test_opening_the_link_decides_nothing(request_by_user, approver):
    browser = visit.by(approver)

    answers = [
        browser.get(page_of(request_by_user)).status_code,
        browser.get(f"/requests/{request_by_user.pk}/approve/").status_code,
        browser.get(f"/requests/{request_by_user.pk}/deny/").status_code,
        browser.get(f"/requests/{request_by_user.pk}/cancel/").status_code,
    ]

    assert answers == [200, 405, 405, 405]
    assert_undecided(request_by_user)


def test_the_page_tells_the_journey(request_by_user, approver):
    browser = visit.by(approver)
    decide(browser, request_by_user)

    journey = [line.text for line in visit.main(browser.get(page_of(request_by_user))).all("li")]

    assert journey == [
        "Activation requested 2026-11-23 08:50:00 UTC, John Doe Mailbox migration",
        "Request approved 2026-11-23 09:00:00 UTC, Alva Approver On call",
        "Role activated 2026-11-23 09:00:00 UTC, Alva Approver Mailbox migration",
    ]


def test_the_administrators_decide_where_nobody_is_named(user, admin):
    role = make.role(terms=ActivationTerms(needs_approval=True))
    role_request = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=EARLIER)

    response = decide(visit.by(admin), role_request)

    assert (response.status_code, RoleRequest.objects.get().status) == (302, Status.GRANTED)


# --- who may not


def test_a_stranger_finds_no_request(request_by_user, stranger):
    browser = visit.by(stranger)

    answers = [
        browser.get(page_of(request_by_user)),
        decide(browser, request_by_user),
        decide(browser, request_by_user, "deny"),
        browser.post(f"/requests/{request_by_user.pk}/cancel/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert_undecided(request_by_user)


@pytest.mark.parametrize("verb", ["approve", "deny"])
def test_nobody_decides_on_their_own_request(approver, other_approver, verb):
    own = make.role_request(by=approver, approvers=(approver, other_approver), at=EARLIER)
    browser = visit.by(approver)

    page = browser.get(page_of(own))
    response = decide(browser, own, verb, "I trust myself")

    assert visit.buttons(page) == ["Cancel this request"]
    assert (response.status_code, visit.sentences(response)) == (
        400,
        ["Nobody decides on their own request. Another approver has to."],
    )
    assert_undecided(own)


def test_an_administrator_does_not_decide_on_their_own_request_either(admin):
    other = make.administrator(name="Otto Other", email="otto@example.com")
    role = make.role(terms=ActivationTerms(needs_approval=True))
    own = make.role_request(by=admin, for_=make.eligibility(of=admin, role=role), at=EARLIER)

    response = decide(visit.by(admin), own)

    assert (response.status_code, RoleRequest.objects.get().status) == (400, Status.PENDING)
    assert [found.email for found in own.asked_approvers.all()] == [other.email]


def test_an_auditor_looks_but_has_no_buttons(request_by_user, auditor):
    browser = visit.by(auditor)

    page = browser.get(page_of(request_by_user))
    responses = [decide(browser, request_by_user, verb) for verb in ("approve", "deny")]

    assert (page.status_code, visit.buttons(page)) == (200, [])
    assert [(response.status_code, visit.sentences(response)) for response in responses] == [(400, [NOT_APPROVER])] * 2
    assert_undecided(request_by_user)


def test_an_administrator_who_is_not_an_approver_does_not_decide(request_by_user, admin):
    response = decide(visit.by(admin), request_by_user)

    assert (response.status_code, visit.sentences(response)) == (400, [NOT_APPROVER])
    assert_undecided(request_by_user)


def test_an_approver_who_lost_the_right_meanwhile_is_told_so(request_by_user, approver, other_approver):
    browser = visit.by(approver)
    before = browser.get(page_of(request_by_user))
    make.change_terms(
        of=request_by_user.role, to=ActivationTerms(needs_approval=True), approvers=(other_approver,), at=EARLIER
    )

    after = browser.get(page_of(request_by_user))
    response = decide(browser, request_by_user, because="As agreed")

    assert (visit.buttons(before), visit.buttons(after)) == (["Approve", "Deny", "Ask"], [])
    assert visit.notices(after)[-1] == NO_LONGER
    assert (response.status_code, visit.sentences(response)) == (409, [NO_LONGER])
    assert visit.typed(response)["justification"] == "As agreed"
    assert_undecided(request_by_user)


def test_an_approver_who_left_the_group_of_approvers_no_longer_decides(user, approver, other_approver):
    team = make.group(members=(approver, other_approver))
    role_request = make.role_request(by=user, approvers=(team,), at=EARLIER)
    departures.leave_group(make.act(at=EARLIER), team, approver)

    response = decide(visit.by(approver), role_request)

    assert (response.status_code, visit.sentences(response)) == (409, [NO_LONGER])
    assert decide(visit.by(other_approver), role_request).status_code == 302


def test_a_disabled_approver_is_out_at_once(request_by_user, approver):
    browser = visit.by(approver)
    browser.get(page_of(request_by_user))
    people.disable(make.act(at=EARLIER), approver)

    response = decide(browser, request_by_user)

    assert response.headers["Location"] == f"/sign-in/?next=/requests/{request_by_user.pk}/approve/"
    assert_undecided(request_by_user)


# --- too late


@pytest.mark.parametrize(("verb", "word"), [("approve", "approved"), ("deny", "denied")])
@pytest.mark.parametrize("late", ["approve", "deny"])
def test_the_second_approver_is_told_who_decided(request_by_user, approver, other_approver, verb, word, late):
    browser = visit.by(other_approver)
    browser.get(page_of(request_by_user))
    decide(visit.by(approver), request_by_user, verb)

    response = decide(browser, request_by_user, late, "Me too")

    assert (response.status_code, visit.sentences(response)) == (
        409,
        [f"Alva Approver has {word} this request at 09:00 UTC already."],
    )
    assert visit.typed(response)["justification"] == "Me too"
    assert visit.facts(response)[f"{word.capitalize()} by"].startswith("Alva Approver")
    assert visit.buttons(response) == []
    assert [decision.verdict for decision in Decision.objects.all()] == [verb]


def test_a_cancelled_request_is_not_decided(request_by_user, user, approver):
    activation.cancel(make.act(by=user, at=EARLIER), request_by_user)

    response = decide(visit.by(approver), request_by_user)

    assert (response.status_code, visit.sentences(response)) == (
        409,
        ["John Doe has cancelled this request at 08:50 UTC already."],
    )
    assert Decision.objects.count() == 0


@pytest.mark.parametrize(("wait", "status"), [(DAY - SECOND, 302), (DAY, 409)])
def test_a_request_can_be_decided_for_a_day(request_by_user, approver, at_nine, wait, status):
    at_nine.move_to(EARLIER + wait)

    response = decide(visit.by(approver, proven=False), request_by_user)

    assert response.status_code == status


def test_a_request_nobody_decided_says_so_even_with_the_worker_stopped(request_by_user, user, approver, at_nine):
    at_nine.move_to(EARLIER + DAY)
    ran_out = (
        "Nobody decided this request until 24 Nov 2026, 08:50 UTC, so it has ended. "
        "Ask again if the role is still needed."
    )

    pages = [visit.by(person).get(page_of(request_by_user)) for person in (user, approver)]
    response = decide(visit.by(approver), request_by_user)

    assert [(visit.notices(page), visit.buttons(page)) for page in pages] == [([ran_out], [])] * 2
    assert visit.sentences(response) == ["Nobody decided this request in time, so it has ended."]
    assert RoleRequest.objects.get().status == Status.PENDING


def test_an_eligibility_that_ended_while_the_request_waited_wins(request_by_user, user, approver, at_nine):
    grants.remove_eligibility(make.act(at=EARLIER + MINUTE), request_by_user.eligibility, because="left the team")

    response = decide(visit.by(approver), request_by_user)

    assert (response.status_code, visit.sentences(response)) == (
        409,
        [
            "The eligibility for this role has ended, so it cannot be activated. "
            "The portal ended this at 08:51 UTC already: Teams Administrator for John Doe."
        ],
    )
    assert visit.typed(response)["justification"] == "On call"
    assert access(user, request_by_user.role, at=NINE) is None
    assert_undecided(request_by_user)


def test_settings_that_became_stricter_while_the_request_waited_win(request_by_user, approver):
    make.change_terms(
        of=request_by_user.role,
        to=ActivationTerms(needs_approval=True, max_duration=30 * MINUTE),
        approvers=(approver,),
        at=EARLIER,
    )

    response = decide(visit.by(approver), request_by_user)

    assert (response.status_code, visit.sentences(response)) == (
        409,
        [
            "The settings of this role have changed since, so that this can no longer be approved: "
            "Choose at most 30 min."
        ],
    )
    assert_undecided(request_by_user)


# --- bad input


@pytest.mark.parametrize("verb", ["approve", "deny"])
@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Say why you approve or deny."),
        (" \n ", "Say why you approve or deny."),
        ("x" * 2001, "Use at most 2000 characters."),
        ("x" * 1_000_000, "Use at most 2000 characters."),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_without_a_good_reason_nothing_is_decided(request_by_user, approver, verb, reason, sentence):
    response = decide(visit.by(approver), request_by_user, verb, reason)

    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert visit.typed(response)["justification"].strip() == reason.strip()
    assert visit.buttons(response) == ["Approve", "Deny", "Ask"]
    assert_undecided(request_by_user)


@pytest.mark.parametrize("verb", ["grant", "APPROVE", "approve/deny", "delete"])
def test_a_made_up_verb_is_not_found(request_by_user, approver, verb):
    assert decide(visit.by(approver), request_by_user, verb).status_code == 404
    assert_undecided(request_by_user)


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_a_request_that_does_not_exist_is_not_found(admin, number):
    browser = visit.by(admin)

    answers = [
        browser.get(f"/requests/{number}/"),
        browser.post(f"/requests/{number}/approve/", {"justification": "x"}),
        browser.post(f"/requests/{number}/cancel/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


# --- cancelling


def test_whoever_asked_takes_their_request_back(request_by_user, user):
    response = visit.by(user).post(f"/requests/{request_by_user.pk}/cancel/", follow=True)

    assert visit.notices(response) == ["Your request is cancelled."]
    assert RoleRequest.objects.get().status == Status.CANCELLED


def test_nobody_else_cancels_a_request(request_by_user, approver, auditor):
    answers = [visit.by(person).post(f"/requests/{request_by_user.pk}/cancel/") for person in (approver, auditor)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert {visit.notices(answer)[0] for answer in answers} == {"Only the person who asked can cancel a request."}
    assert_undecided(request_by_user)


def test_what_was_decided_is_not_cancelled(request_by_user, user, approver):
    approval.deny(make.act(by=approver, at=EARLIER), request_by_user, because="no")

    response = visit.by(user).post(f"/requests/{request_by_user.pk}/cancel/")

    assert (response.status_code, visit.notices(response)) == (
        409,
        ["Alva Approver has denied this request at 08:50 UTC already."],
    )


def test_what_ran_out_of_time_is_not_cancelled(request_by_user, user, at_nine):
    at_nine.move_to(EARLIER + DAY)

    response = visit.by(user).post(f"/requests/{request_by_user.pk}/cancel/")

    assert response.status_code == 409
    assert visit.notices(response)[0] == "Nobody decided this request in time, so it has ended."


# --- stages, escalation, second factor of whoever decides


def test_the_page_says_how_many_have_approved_and_for_whom_it_waits(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver, quorum=2))
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)

    response = visit.by(approver).post(
        f"/requests/{role_request.pk}/approve/", {"justification": "On call"}, follow=True
    )

    assert visit.notices(response) == [
        "You approved the request. It waits for others before it is granted.",
        "1 of 2 approvals; waits for Ben Second until 24 Nov 2026, 08:50 UTC (23 h 50 min left).",
        "You have approved this request at 09:00 UTC already. Somebody else has to decide it now.",
    ]
    assert visit.buttons(response) == ["Ask"]
    assert visit.notices(visit.by(user).get(page_of(role_request))) == [
        "It waits for approval 1 of 2 approvals; waits for Ben Second until 24 Nov 2026, 08:50 UTC "
        "(23 h 50 min left). They have an email. You get one when it is decided."
    ]


def test_the_page_shows_each_approval_with_its_stage(user, approver, other_approver):
    rounds = make.stages(make.stage(approver), make.stage(other_approver))
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)
    decide(visit.by(approver), role_request)

    page = visit.by(other_approver).get(page_of(role_request))
    assert visit.notices(page) == [
        "Stage 2 of 2: 1 approval needed; waits for Ben Second until 24 Nov 2026, 08:50 UTC (23 h 50 min left)."
    ]
    assert visit.buttons(page) == ["Approve", "Deny", "Ask"]

    decide(visit.by(other_approver), role_request, because="Fine")
    assert visit.facts(visit.by(user).get(page_of(role_request)))["Approved by"] == (
        "Alva Approver, 23 Nov 2026, 09:00 UTC, stage 1 On call Ben Second, 23 Nov 2026, 09:00 UTC, stage 2 Fine"
    )


def test_who_decides_in_the_second_stage_sees_that_it_is_not_their_turn(user, approver, other_approver):
    role_request = make.role_request(
        by=user, approval=make.stages(make.stage(approver), make.stage(other_approver)), at=EARLIER
    )

    page = visit.by(other_approver).get(page_of(role_request))

    assert visit.notices(page)[-1] == "Stage 1 decides first. You get an email when it is your turn."
    assert visit.buttons(page) == ["Ask"]


def test_who_is_needed_later_may_deny_and_is_told_why_not_approve(user, approver, other_approver):
    rounds = make.stages(make.stage(approver, other_approver), make.stage(approver))
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)
    sentence = (
        "Stage 2 would find too few approvers without you, and nobody decides twice. "
        "Let another approver of stage 1 go first."
    )

    page = visit.by(approver).get(page_of(role_request))
    response = decide(visit.by(approver), role_request)

    assert visit.notices(page)[-1] == sentence
    assert visit.buttons(page) == ["Approve", "Deny", "Ask"]
    assert (response.status_code, visit.sentences(response)) == (400, [sentence])
    assert decide(visit.by(approver), role_request, "deny").status_code == 302


def test_the_page_says_that_it_was_escalated(user, approver, other_approver, at_nine):
    rounds = make.stages(make.stage(approver), escalation=(other_approver,))
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)
    at_nine.move_to(EARLIER + HOUR)

    page = visit.by(other_approver, proven=False).get(page_of(role_request))

    assert visit.notices(page) == [
        "Waits for one of Alva Approver, Ben Second, until 24 Nov 2026, 08:50 UTC (23 h left). "
        "Escalated: nobody had decided after 1 h, so others may decide as well."
    ]
    assert visit.buttons(page) == ["Approve", "Deny", "Ask"]


def test_a_request_nobody_can_decide_says_so(request_by_user, user, approver, other_approver):
    for person in (approver, other_approver):
        people.disable(make.act(at=EARLIER), person)

    page = visit.by(user).get(page_of(request_by_user))

    assert visit.notices(page) == ["It waits for approval Nobody can decide it at the moment; tell an administrator."]


def test_a_request_that_is_no_longer_possible_says_why_with_the_worker_stopped(request_by_user, user, approver):
    grants.remove_eligibility(make.act(at=EARLIER + MINUTE), request_by_user.eligibility, because="left the team")

    pages = [visit.by(person).get(page_of(request_by_user)) for person in (user, approver)]

    over = (
        "This is no longer possible, because the eligibility of John Doe was removed or has ended. "
        "The request has ended, and nobody has to decide it."
    )
    assert [(visit.notices(page), visit.buttons(page)) for page in pages] == [([over], [])] * 2
    assert visit.table(visit.by(user).get("/requests/"))[0][-2] == "No longer possible"


def test_a_request_that_was_closed_as_no_longer_possible_tells_why_in_its_journey(request_by_user, user):
    grants.remove_eligibility(make.act(at=EARLIER + MINUTE), request_by_user.eligibility, because="left the team")
    waiting.lapse(make.act(at=EARLIER + MINUTE), request_by_user.pk)

    page = visit.by(user).get(page_of(request_by_user))

    assert visit.notices(page) == ["This is no longer possible. The request has ended, and nobody has to decide it."]
    assert visit.main(page).all("li")[-1].text == (
        "Request no longer possible 2026-11-23 08:51:00 UTC, The portal "
        "the eligibility of John Doe was removed or has ended"
    )


def test_where_no_reason_is_needed_the_form_says_so(user, approver):
    rounds = make.stages(make.stage(approver), needs_reason=False)
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)
    browser = visit.by(approver)

    page = browser.get(page_of(role_request))
    response = decide(browser, role_request, because="")

    hint, *_others = visit.main(page).all(of="form-text")
    assert hint.text == "Optional. The person who asked, the other approvers and auditors read it."
    assert (response.status_code, RoleRequest.objects.get().status) == (302, Status.GRANTED)


def test_where_the_role_asks_for_it_whoever_decides_shows_a_second_factor_and_loses_nothing(user, approver):
    rounds = make.stages(make.stage(approver), needs_second_factor=True)
    role_request = make.role_request(by=user, approval=rounds, at=EARLIER)
    browser = visit.by(approver, proven_at=EARLIER)
    verify = f"/verify/?next=%2Frequests%2F{role_request.pk}%2F"

    page = browser.get(page_of(role_request))
    response = decide(browser, role_request, because="On call tonight")

    assert visit.links(page)["Verify now"] == verify
    assert (response.status_code, response.headers["Location"]) == (302, verify)
    assert_undecided(role_request)

    session = browser.session
    session["proof"] = {"method": "totp", "device": "Phone", "at": NINE.isoformat()}
    session.save()
    back = browser.get(page_of(role_request))
    assert visit.typed(back)["justification"] == "On call tonight"
    assert "Verify now" not in visit.links(back)

    assert decide(browser, role_request, because=visit.typed(back)["justification"]).status_code == 302
    assert Decision.objects.get().justification == "On call tonight"
    assert browser.session["drafts"] == {}


def test_what_was_typed_for_one_request_is_not_in_the_form_of_another(user, stranger, approver):
    role = make.role(approval=make.stages(make.stage(approver), needs_second_factor=True))
    first, second = (
        make.role_request(by=one, for_=make.eligibility(of=one, role=role), at=EARLIER) for one in (user, stranger)
    )
    browser = visit.by(approver, proven=False)
    decide(browser, first, because="On call tonight")

    assert visit.typed(browser.get(page_of(second)))["justification"] == ""


# --- allowing less


def test_an_approver_allows_less_and_both_are_told(request_by_user, user, approver):
    response = visit.by(approver).post(
        f"/requests/{request_by_user.pk}/approve/", {"justification": "On call", "duration": "30"}, follow=True
    )

    assert visit.facts(response)["Allowed"] == "30 min instead of 1 h"
    assert access(user, request_by_user.role, at=NINE).until == NINE + 30 * MINUTE
    assert visit.facts(visit.by(user).get(page_of(request_by_user)))["Allowed"] == "30 min instead of 1 h"


@pytest.mark.parametrize("typed", [{"duration": "600"}, {"scope": "999"}, {"start_at": "x"}])
def test_what_is_not_less_is_not_allowed_and_nothing_typed_is_lost(request_by_user, approver, typed):
    make.resource(name="Shop", below=make.resource())

    response = visit.by(approver).post(
        f"/requests/{request_by_user.pk}/approve/", {"justification": "On call", **typed}
    )

    assert (response.status_code, visit.typed(response)["justification"]) == (400, "On call")
    assert_undecided(request_by_user)


# --- questions


def test_a_question_and_its_answer_are_on_the_page(request_by_user, user, approver):
    asked = visit.by(approver).post(f"/requests/{request_by_user.pk}/ask/", {"text": "Which mailbox?"}, follow=True)
    question = request_by_user.questions.get()
    answered = visit.by(user).post(
        f"/requests/{request_by_user.pk}/questions/{question.pk}/", {"text": "The shared one"}, follow=True
    )

    assert visit.notices(asked)[0] == "John Doe has your question by email. The time to decide goes on."
    assert visit.notices(answered)[0] == "Your answer is sent to those who decide."
    assert [found.text for found in visit.main(answered).all(of="question")] == [
        "Alva Approver 23 Nov 2026, 09:00 UTC Which mailbox? John Doe 23 Nov 2026, 09:00 UTC The shared one"
    ]


def test_a_question_is_said_first_to_whoever_has_to_answer_it(request_by_user, user, approver):
    visit.by(approver).post(f"/requests/{request_by_user.pk}/ask/", {"text": "Which mailbox?"})

    said = [visit.notices(visit.by(person).get(f"/requests/{request_by_user.pk}/"))[0] for person in (user, approver)]

    assert said[0].endswith("Alva Approver asks you something. Answer it below; the time to decide goes on.")
    assert "asks you" not in said[1]


def test_an_empty_question_or_answer_is_not_sent(request_by_user, user, approver):
    asked = visit.by(approver).post(f"/requests/{request_by_user.pk}/ask/", {"text": " "})
    visit.by(approver).post(f"/requests/{request_by_user.pk}/ask/", {"text": "Which mailbox?"})
    number = request_by_user.questions.get().pk
    answered = visit.by(user).post(f"/requests/{request_by_user.pk}/questions/{number}/", {"text": " "})

    assert (asked.status_code, visit.sentences(asked)) == (400, ["Write what you want to know."])
    assert (answered.status_code, visit.sentences(answered)) == (400, ["Write an answer."])


# --- who was told, and once more


def test_the_page_tells_who_was_told_and_when(request_by_user, user):
    page = visit.by(user).get(page_of(request_by_user))

    assert visit.table(page) == [
        ["Asked to decide", "Alva Approver", "waiting"],
        ["Asked to decide", "Ben Second", "waiting"],
    ]
    assert f"For a ticket: {settings.PUBLIC_URL}{page_of(request_by_user)}" in visit.main(page).text


def test_the_asker_has_the_email_sent_again_once_in_a_quarter_of_an_hour(request_by_user, user, at_nine):
    browser = visit.by(user)
    at_nine.move_to(EARLIER + 15 * MINUTE)

    first = browser.post(f"/requests/{request_by_user.pk}/resend/", follow=True)
    second = browser.post(f"/requests/{request_by_user.pk}/resend/")

    assert visit.notices(first)[0] == "Everybody who can decide has a new email."
    assert (second.status_code, visit.notices(second)[0]) == (
        409,
        "They have an email that is not old yet. Send it again from 09:20 UTC on.",
    )


def state_of(page):
    (found,) = (one for one in visit.main(page).all("div") if "data-state" in one.attributes)
    return found.attributes["data-state"], found.attributes["data-open"]


def test_the_state_of_the_page_changes_with_what_happens(request_by_user, user, approver):
    browser = visit.by(user)
    before, again = (state_of(browser.get(page_of(request_by_user))) for _ in range(2))
    decide(visit.by(approver), request_by_user)
    after = state_of(browser.get(page_of(request_by_user)))

    assert before == again
    assert before[0] != after[0]
    assert (before[1], after[1]) == ("yes", "no")

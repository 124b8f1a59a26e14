"""What was denied is taken away, line by line, through the operations of every day."""

import logging

import pytest
from django.db import OperationalError

from accounts.models import Membership
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.email import render
from notifications.models import Email
from reviews.operations import applying, closing
from reviews.terms import Silence, Verdict
from roles.models import Assignment, Eligibility
from roles.operations import amendments, departures, grants, groups
from roles.policy import GrantAsk
from tests import make, seen
from tests.make import EASY, NINE
from tests.reviews.saying import applied, says

pytestmark = pytest.mark.django_db

END = NINE + 14 * DAY
LATER = END + HOUR


@pytest.fixture
def rita(db):
    return make.user(name="Rita Reviewer")


def ended(of, rita, *denied, reason="Left the team", **terms):
    """A review that has ended, in which Rita denied these."""
    review = make.review(of=of, plan=make.plan(rita, **{"applies_itself": True, **terms}))
    if denied:
        says(rita, review, Verdict.DENY, *denied, reason=reason)
    closing.close(make.act(at=END), review.pk)
    review.refresh_from_db()
    return review


def apply(review, *, at=LATER):
    is_left = applying.apply(make.act(at=at), review.pk)
    review.refresh_from_db()
    return is_left


def test_whoever_was_denied_loses_all_they_held_with_what_they_activated(rita):
    role = make.role(terms=EASY)
    anna = make.user(name="Anna")
    eligibility = make.eligibility(of=anna, role=role, end_at=None)
    assignment = make.assignment(of=anna, role=role, end_at=None)
    kept = make.eligibility(of=make.user(name="Bert"), role=role, end_at=None)
    review = ended(role, rita, "Anna")
    running = make.activation(by=anna, of=eligibility, duration=2 * HOUR, at=END)

    assert apply(review) is False

    because = "Access review “Quarterly check”: denied by Rita Reviewer: Left the team"
    for grant in (eligibility, assignment, running):
        grant.refresh_from_db()
        assert (grant.end_at, grant.removed_by) == (LATER, None)
    kept.refresh_from_db()
    assert (kept.end_at, applied(review), review.applied_at) == (None, {"Anna": "removed", "Bert": ""}, LATER)
    assert [(entry.kind, entry.because) for entry in seen.entries(at=LATER)] == [
        ("eligibility.removed", because),
        ("role.activation_revoked", because),
        ("assignment.removed", because),
        ("review.item_applied", ""),
        ("review.applied", ""),
    ]
    assert seen.entry("review.applied").facts["counts"] == {"removed": 1, "gone": 0, "refused": 0}


@pytest.mark.parametrize(
    ("if_silent", "because"),
    [
        (Silence.REMOVE, "Access review “Quarterly check”: nobody answered"),
        (
            Silence.RECOMMENDED,
            "Access review “Quarterly check”: nobody answered, and the recommendation was to deny: "
            "Has never signed in.",
        ),
    ],
)
def test_whoever_loses_it_by_silence_reads_why(rita, if_silent, because):
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role, start_at=NINE - 40 * DAY, at=NINE - 40 * DAY, end_at=None)
    review = ended(role, rita, if_silent=if_silent)

    apply(review)

    assert seen.entry("eligibility.removed").because == because


def test_members_of_a_group_leave_it_in_the_way_they_are_in_it(rita):
    anna, bert = make.user(name="Anna"), make.user(name="Bert")
    crew = make.group(name="Crew", members=(anna,))
    joined = make.member(of=crew, who=bert, end_at=None)
    review = ended(crew, rita, "Anna", "Bert")

    apply(review)

    joined.refresh_from_db()
    assert (crew.memberships.count(), joined.end_at) == (0, LATER)
    assert applied(review) == {"Anna": "removed", "Bert": "removed"}


@pytest.mark.parametrize("writes_emails", [True, False])
def test_whoever_is_taken_out_of_a_group_is_written_to_once_with_the_reason(rita, writes_emails):
    anna = make.user(name="Anna", email="anna@example.com")
    review = ended(make.group(name="Crew", members=(anna,)), rita, "Anna", writes_emails=writes_emails)

    for _ in range(2):
        apply(review)

    letter = Email.objects.get(to_person=anna.pk)
    text = " ".join(render(letter).text.split())
    assert (letter.template, letter.promised_at) == ("review_took_you_out", LATER)
    assert "An access review took you out of the group Crew." in text
    assert "Said: Access review “Quarterly check”: denied by Rita Reviewer: Left the team" in text


def test_whoever_left_the_group_before_is_not_written_to(rita):
    anna = make.user(name="Anna")
    crew = make.group(name="Crew", members=(anna,))
    review = ended(crew, rita, "Anna")
    departures.leave_group(make.act(at=END), crew, anna)

    apply(review)

    assert not Email.objects.filter(to_person=anna.pk).exists()


def test_a_group_is_one_line_and_loses_the_role_as_a_whole(rita):
    role = make.role()
    crew = make.group(name="Crew", members=(make.user(),))
    make.eligibility(of=crew, role=role, end_at=None)
    review = ended(role, rita, "Crew")

    apply(review)

    assert (Eligibility.objects.in_force(LATER).count(), crew.memberships.count()) == (0, 1)


def test_whoever_was_put_into_the_group_anew_stays(rita):
    anna = make.user(name="Anna")
    crew = make.group(name="Crew", members=(anna,))
    review = ended(crew, rita, "Anna")
    departures.leave_group(make.act(at=END), crew, anna)
    groups.add_member(make.act(at=END), crew, anna)

    apply(review)

    assert (applied(review), Membership.objects.filter(group=crew).count()) == ({"Anna": "gone"}, 1)


def test_what_was_given_while_the_review_ran_goes_and_what_was_given_after_it_stays(rita):
    role, anna = make.role(), make.user(name="Anna")
    make.eligibility(of=anna, role=role, end_at=NINE + DAY)
    review = make.review(of=role, plan=make.plan(rita, applies_itself=True))
    says(rita, review, Verdict.DENY, "Anna")
    again = make.eligibility(of=anna, role=role, start_at=NINE + 2 * DAY, at=NINE + 2 * DAY, end_at=None)
    closing.close(make.act(at=END), review.pk)
    after = make.assignment(of=anna, role=role, start_at=END + MINUTE, at=END + MINUTE, end_at=None)

    apply(review)

    for grant in (again, after):
        grant.refresh_from_db()
    assert (again.end_at, after.end_at, applied(review)) == (LATER, None, {"Anna": "removed"})


def test_whoever_steps_out_of_the_group_and_in_again_does_not_escape(rita):
    anna, olga = make.user(name="Anna"), make.user(name="Olga")
    crew = make.group(name="Crew", members=(anna,), owners=(olga,))
    review = make.review(of=crew, plan=make.plan(rita, applies_itself=True))
    says(rita, review, Verdict.DENY, "Anna")
    departures.leave_group(make.act(by=olga, at=NINE + DAY), crew, anna)
    groups.add_member(make.act(by=olga, at=NINE + DAY), crew, anna)
    closing.close(make.act(at=END), review.pk)

    apply(review)

    assert (applied(review), crew.memberships.exists()) == ({"Anna": "removed"}, False)


def test_whoever_is_added_to_the_group_while_the_review_runs_does_not_escape_because_somebody_else_was_then(rita):
    """Bert is in it for a time when the review begins, and is added for good at the moment Anna was."""
    anna, bert = make.user(name="Anna"), make.user(name="Bert")
    crew = make.group(name="Crew", members=())
    make.member(of=crew, who=bert, end_at=NINE + DAY)
    groups.add_member(make.act(at=NINE), crew, anna)
    review = make.review(of=crew, plan=make.plan(rita, applies_itself=True))
    groups.add_member(make.act(at=NINE), crew, bert)
    says(rita, review, Verdict.DENY, "Anna", "Bert")
    closing.close(make.act(at=END), review.pk)

    apply(review)

    assert (applied(review), crew.memberships.exists()) == ({"Anna": "removed", "Bert": "removed"}, False)


def test_what_is_kept_stays_though_it_was_given_while_the_review_ran(rita):
    role, anna = make.role(), make.user(name="Anna")
    make.eligibility(of=make.user(name="Bert"), role=role)
    make.eligibility(of=anna, role=role, end_at=NINE + DAY)
    review = make.review(of=role, plan=make.plan(rita, applies_itself=True))
    says(rita, review, Verdict.DENY, "Bert")
    again = make.eligibility(of=anna, role=role, start_at=NINE + 2 * DAY, at=NINE + 2 * DAY, end_at=None)
    closing.close(make.act(at=END), review.pk)

    apply(review)

    again.refresh_from_db()
    assert (again.end_at, applied(review)) == (None, {"Anna": "", "Bert": "removed"})


@pytest.mark.parametrize("give", [make.eligibility, make.assignment])
def test_what_was_made_active_or_eligible_meanwhile_is_the_same_access(rita, give):
    role, anna = make.role(), make.user(name="Anna")
    held = give(of=anna, role=role, end_at=None)
    review = make.review(of=role, plan=make.plan(rita, applies_itself=True))
    says(rita, review, Verdict.DENY, "Anna")
    other = amendments.convert(make.act(at=NINE + DAY), held, GrantAsk(NINE, NINE + 60 * DAY, "Needs it every day"))
    again = amendments.convert(make.act(at=NINE + 2 * DAY), other, GrantAsk(NINE, NINE + 60 * DAY, "No, she does not"))
    closing.close(make.act(at=END), review.pk)

    apply(review)

    again.refresh_from_db()
    assert (again.end_at, applied(review)) == (LATER, {"Anna": "removed"})


def test_what_was_made_active_and_taken_away_meanwhile_is_had_no_longer(rita):
    role = make.role()
    held = make.eligibility(of=make.user(name="Anna"), role=role, end_at=None)
    review = ended(role, rita, "Anna")
    made = amendments.convert(make.act(at=END), held, GrantAsk(END, None, "Needs it every day"))
    grants.remove_assignment(make.act(at=END + 5 * MINUTE), made, because="Left")

    apply(review)

    assert applied(review) == {"Anna": "gone"}


def test_whoever_left_meanwhile_breaks_nothing(rita):
    role, anna = make.role(), make.user(name="Anna")
    eligibility = make.eligibility(of=anna, role=role, end_at=None)
    make.eligibility(of=make.user(name="Bert"), role=role, end_at=None)
    review = ended(role, rita, "Anna", "Bert")
    departures.disable(make.act(at=END), anna)
    grants.remove_eligibility(make.act(at=END), eligibility, because="Left")

    apply(review)

    assert applied(review) == {"Anna": "gone", "Bert": "removed"}
    assert seen.entry("review.applied").facts["counts"] == {"removed": 1, "gone": 1, "refused": 0}


def test_the_last_administrator_stays_and_the_line_says_why(rita):
    ada = make.administrator()
    role = Assignment.objects.get(user=ada).role
    make.eligibility(of=ada, role=role, end_at=None)
    make.eligibility(of=make.user(name="Bert"), role=role, end_at=None)
    review = ended(role, rita, "Ada Admin", "Bert")

    apply(review)

    item = review.items.get(user=ada)
    assert applied(review) == {"Ada Admin": "refused", "Bert": "removed"}
    assert item.applied_note.startswith("Global Administrator would have no active holder left.")
    # All a line holds, or nothing of it: what could have been taken was not.
    assert Eligibility.objects.in_force(LATER).filter(user=ada).exists()
    assert review.applied_at == LATER


def test_what_could_not_be_removed_can_be_tried_again(rita, admin):
    role = Assignment.objects.get(user=admin).role
    review = ended(role, rita, "Ada Admin")
    apply(review)
    other = make.user(name="Olga")
    make.assignment(of=other, role=role, end_at=None, start_at=LATER, at=LATER)

    applying.again(make.act(by=other, at=LATER + HOUR), review)

    assert seen.queued("reviews.tasks.apply") == [review.pk] * 2
    apply(review, at=LATER + HOUR)
    assert (applied(review), review.applied_at) == ({"Ada Admin": "removed"}, LATER + HOUR)


def test_whoever_tries_again_applied_that_and_nothing_before(rita, admin):
    role = Assignment.objects.get(user=admin).role
    make.eligibility(of=make.user(name="Bert"), role=role, end_at=None)
    review = ended(role, rita, "Ada Admin", "Bert")
    apply(review)
    make.assignment(of=(other := make.user(name="Olga")), role=role, end_at=None, start_at=LATER, at=LATER)

    applying.again(make.act(by=other, at=LATER + HOUR), review)
    apply(review, at=LATER + HOUR)

    assert {item.name: item.applied_by for item in review.items.all()} == {"Ada Admin": other, "Bert": None}


def test_a_line_somebody_is_in_the_way_of_keeps_no_other_from_being_applied(rita, monkeypatch):
    role = make.role()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role, end_at=None)
    review = ended(role, rita, "Anna", "Bert")
    remove = grants.remove_eligibility

    def slow(act, eligibility, *, because):
        if eligibility.user.name == "Anna":
            raise OperationalError("canceling statement due to statement timeout")
        remove(act, eligibility, because=because)

    monkeypatch.setattr(grants, "remove_eligibility", slow)
    with pytest.raises(ExceptionGroup, match="1 of 2 lines"):
        apply(review)
    assert applied(review) == {"Anna": "", "Bert": "removed"}

    monkeypatch.setattr(grants, "remove_eligibility", remove)
    apply(review)
    assert applied(review) == {"Anna": "removed", "Bert": "removed"}


def test_only_what_could_not_be_removed_can_be_tried_again(rita, admin):
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role, end_at=None)
    review = ended(role, rita, "Anna")
    codes: list[str] = []

    for _ in range(2):
        with pytest.raises(Refused) as refused:
            applying.again(make.act(by=admin, at=LATER), review)
        codes += refused.value.codes
        apply(review)

    assert codes == ["not_applied", "nothing"]


def test_by_hand_it_is_applied_once_and_only_when_it_has_ended(rita, admin):
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role, end_at=None)
    running = make.review(of=role, plan=make.plan(rita, name="Another"))
    review = ended(role, rita, "Anna", applies_itself=False)

    applying.ask(make.act(by=admin, at=LATER), review)

    for one, at in ((running, NINE + DAY), (review, LATER)):
        with pytest.raises(Refused) as refused:
            applying.ask(make.act(by=admin, at=at), one)
        assert refused.value.codes == ("running" if one is running else "asked",)
    review.refresh_from_db()
    assert (review.apply_asked_by, seen.queued("reviews.tasks.apply")) == (admin, [review.pk])
    assert seen.entry("review.apply_asked").actor_id == admin.pk


def test_nothing_is_applied_that_nobody_asked_for(rita):
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role, end_at=None)
    review = ended(role, rita, "Anna", applies_itself=False)

    apply(review)

    assert (applied(review), review.applied_at) == ({"Anna": ""}, None)


def test_many_lines_are_applied_in_bites(rita, monkeypatch):
    role = make.role()
    for name in ("Anna", "Bert", "Cora"):
        make.eligibility(of=make.user(name=name), role=role, end_at=None)
    review = ended(role, rita, "Anna", "Bert", "Cora")
    monkeypatch.setattr(applying, "BITE", 2)

    left = [apply(review), review.applied_at, apply(review), review.applied_at, apply(review)]

    assert left == [True, None, False, LATER, False]
    assert len([kind for kind in seen.events(at=LATER) if kind == "eligibility.removed"]) == 3


def test_a_line_that_fails_stops_no_other_and_can_be_tried_again(rita, admin, monkeypatch, caplog):
    role = make.role()
    broken, _fine = (make.eligibility(of=make.user(name=name), role=role, end_at=None) for name in ("Anna", "Bert"))
    review = ended(role, rita, "Anna", "Bert")
    take_away = grants.take_away

    def fail(act, grant, *, because):
        if grant == broken:
            raise ValueError("the disk is on fire")
        take_away(act, grant, because=because)

    with monkeypatch.context() as patched, caplog.at_level(logging.CRITICAL):
        patched.setattr(grants, "take_away", fail)
        apply(review)

    assert applied(review) == {"Anna": "refused", "Bert": "removed"}
    assert review.items.get(name="Anna").applied_note == applying.FAILED
    applying.again(make.act(by=admin, at=LATER), review)
    apply(review)
    assert applied(review) == {"Anna": "removed", "Bert": "removed"}

"""Who is written to about an access review, and what they read."""

from dataclasses import replace

import pytest

from accounts.models import User
from kernel.period import DAY, HOUR
from notifications.email import render
from notifications.models import Email
from notifications.terms import Pace
from reviews import email
from reviews.operations import applying, closing, occurrences
from reviews.queries.panels import open_lines
from reviews.terms import Reviewers, Silence, StagePlan, Verdict
from tests import make, seen
from tests.make import NINE
from tests.reviews.saying import says

pytestmark = pytest.mark.django_db

END = NINE + 14 * DAY


def text_of(template):
    return " ".join(render(Email.objects.get(template=template)).text.split())


@pytest.fixture
def rita(db):
    return make.user(name="Rita", email="rita@example.com")


@pytest.fixture
def role(db):
    role = make.role(name="Exchange Administrator")
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name, email=f"{name.lower()}@example.com"), role=role, end_at=None)
    return role


def test_each_reviewer_reads_how_many_lines_wait_until_when(role, rita):
    make.review(of=role, plan=make.plan(rita, make.user(email="sam@example.com"), extra_text="Be strict."))

    assert seen.emails() == [("review_started", "rita@example.com"), ("review_started", "sam@example.com")]
    letter = Email.objects.get(to_person=rita.pk)
    text = " ".join(render(letter).text.split())
    assert letter.path.startswith("/my-reviews/")
    assert "2 lines wait for your answer" in text
    assert "Answer until: 7 Dec 2026, 09:00 UTC Note: Be strict." in text
    assert "Where nobody answers, it is kept." in text


def test_whoever_has_no_line_is_not_written_to(role):
    anna = User.objects.get(email="anna@example.com")

    make.review(of=role, plan=make.plan(anna))

    assert [email.facts["lines"] for email in Email.objects.filter(to_person=anna.pk, template="review_started")] == [1]


def test_holders_who_review_themselves_are_asked_whether_they_need_it(role):
    make.review(of=role, plan=make.plan(stages=(StagePlan(Reviewers.SELF),)))

    assert seen.emails() == [("review_started", "anna@example.com"), ("review_started", "bert@example.com")]
    letter = Email.objects.get(template="review_started", to_address="anna@example.com")
    assert "Do you still need Exchange Administrator in" in render(letter).text
    assert letter.why == email.HOLDS


def test_a_review_without_emails_writes_none(role, rita, admin):
    review = make.review(of=role, plan=make.plan(rita, writes_emails=False, told_addresses=("boss@example.com",)))
    says(rita, review, Verdict.DENY, "Anna")

    closing.close(make.act(at=END), review.pk)

    assert (seen.emails(), seen.emails(at=END)) == ([], [])


def test_reviewers_named_later_are_told_and_the_others_not_again(role, rita):
    review = make.review(of=role, plan=make.plan(rita))
    stage = review.stages.get()
    sam = make.user(email="sam@example.com")
    stage.named.create(user=sam)

    email_started(stage, at=NINE + HOUR)

    assert seen.emails(at=NINE + HOUR) == [("review_started", "sam@example.com")]


def email_started(stage, *, at):
    email.started(make.act(at=at), stage)


def test_the_end_is_told_to_administrators_who_set_it_up_and_the_addresses_named(role, rita, admin):
    olga = make.user(name="Olga", email="olga@example.com")
    temporary = make.assignment(of=olga, role=admin_role(admin), end_at=NINE + DAY)
    make.assignment(of=olga, role=make.role(name="Global Reader"), end_at=None)
    plan = make.plan(rita, told_addresses=("boss@example.com", "admin@example.com"))
    review = make.review(of=role, plan=plan, by=olga)
    says(rita, review, Verdict.DENY, "Anna")

    closing.close(make.act(at=END), review.pk)

    assert temporary.is_over(END)
    letters = Email.objects.filter(template="review_finished").order_by("to_address")
    assert [(letter.to_address, letter.why) for letter in letters] == [
        ("admin@example.com", email.ADMINISTERS),
        ("boss@example.com", email.NAMED),
        ("olga@example.com", email.SET_UP),
    ]
    text = " ".join(render(letters[0]).text.split())
    assert "Lines: 2 Approved: 0 Denied: 1 Don’t know: 0 No answer: 1 Lose it: 1" in text
    assert "nobody loses anything until somebody applies the results" in text


@pytest.mark.parametrize("answer", [Verdict.DENY, None])
def test_who_set_it_up_and_may_no_longer_read_it_is_not_told_how_it_ended(role, rita, admin, answer):
    """Nor of lines that nobody can answer."""
    olga = make.user(name="Olga", email="olga@example.com")
    make.assignment(of=olga, role=admin_role(admin), end_at=NINE + DAY)
    start_at = NINE + 2 * DAY
    set_up = make.series(of=role, plan=make.plan(*([rita] if answer else []), **plan_for(answer, start_at)), by=olga)

    review = occurrences.begin(make.act(at=start_at), set_up.pk)
    if answer:
        says(rita, review, answer, "Anna", at=start_at)
    closing.close(make.act(at=END + 2 * DAY), review.pk)
    applying.apply(make.act(at=END + 3 * DAY), review.pk)

    told = set(Email.objects.values_list("template", "to_address"))
    assert [template for template, to in told if to == "olga@example.com" and template.startswith("review_")] == []
    assert {("review_applied" if answer else "review_stuck", "admin@example.com")} <= told


def plan_for(answer, start_at):
    stages = {} if answer else {"stages": (StagePlan(Reviewers.MANAGERS),)}
    return {"start_at": start_at, "applies_itself": True, **stages}


@pytest.mark.parametrize("writes_emails", [True, False])
def test_lines_nobody_can_answer_alarm_administrators_and_who_set_it_up_once_a_stage(role, admin, writes_emails):
    olga = make.user(name="Olga", email="olga@example.com")
    make.assignment(of=olga, role=admin_role(admin), end_at=NINE + 5 * DAY)
    of_managers = StagePlan(Reviewers.MANAGERS, duration=3 * DAY)
    plan = make.plan(stages=(of_managers, of_managers), writes_emails=writes_emails, if_silent=Silence.REMOVE)
    review = make.review(of=role, plan=plan, by=olga)

    email_started(review.stages.get(number=1), at=NINE + HOUR)
    closing.close(make.act(at=NINE + 3 * DAY), review.pk)

    both = [("review_stuck", "admin@example.com"), ("review_stuck", "olga@example.com")]
    assert [seen.emails(at=at) for at in (NINE, NINE + HOUR, NINE + 3 * DAY)] == [both, [], both]
    letter = Email.objects.filter(template="review_stuck").earliest("pk")
    text = " ".join(render(letter).text.split())
    assert letter.path == f"/reviews/{review.pk}/reviewers/"
    assert "2 lines have nobody who could answer" in text
    assert "add a reviewer, or a fallback reviewer, until 26 Nov 2026, 09:00 UTC" in text
    assert "silence takes nothing away" in text


def test_the_end_says_what_was_kept_because_nobody_could_answer(role, admin):
    review = make.review(of=role, plan=make.plan(stages=(StagePlan(Reviewers.MANAGERS),), if_silent=Silence.REMOVE))

    closing.close(make.act(at=END), review.pk)

    text = text_of("review_finished")
    assert "No answer: 2 - of these, nobody could answer 2, so it is kept Lose it: 0" in text


def admin_role(admin):
    return type(make.assignment(of=admin)).objects.filter(user=admin).earliest("pk").role


@pytest.mark.parametrize(("applies_itself", "written_to"), [(True, 0), (False, 1)])
def test_only_an_end_that_somebody_has_to_apply_does_more_than_inform(role, rita, admin, applies_itself, written_to):
    User.objects.filter(pk=admin.pk).update(email_pace=Pace.DECISIONS)
    review = make.review(of=role, plan=make.plan(rita, applies_itself=applies_itself))
    says(rita, review, Verdict.DENY, "Anna")

    closing.close(make.act(at=END), review.pk)

    assert Email.objects.filter(template="review_finished", to_person=admin.pk).count() == written_to


def test_a_stopped_review_tells_by_whom_and_why(role, rita, admin):
    review = make.review(of=role, plan=make.plan(rita))

    closing.stop(make.act(by=admin, at=NINE + DAY), review, because="The role goes away")

    text = text_of("review_finished")
    assert "Ada Admin stopped the access review of everybody who has Exchange Administrator" in text
    assert "The role goes away" in text
    assert "everybody keeps what they hold" in text


def test_what_could_not_be_removed_is_told_with_its_reason(rita, admin):
    review = make.review(of=admin_role(admin), plan=make.plan(rita, applies_itself=True))
    says(rita, review, Verdict.DENY, "Ada Admin")
    closing.close(make.act(at=END), review.pk)

    applying.apply(make.act(at=END + HOUR), review.pk)

    text = text_of("review_applied")
    assert "Removed: 0 Gone before: 0 Not removed: 1" in text
    assert "- Ada Admin: Global Administrator would have no active holder left." in text
    html = render(Email.objects.get(template="review_applied")).html
    assert "Global Administrator would have no active holder left." in html


def test_the_number_of_queries_does_not_grow_with_lines_and_reviewers(role, rita, django_assert_num_queries):
    def review_by(number, holders):
        for _ in range(holders):
            make.eligibility(of=make.user(), role=role, end_at=None)
        stage = StagePlan(chosen=make.named(*(make.user() for _ in range(number))))
        review = make.review(of=role, plan=make.plan(stages=(replace(stage),)))
        Email.objects.all().delete()
        return review.stages.get()

    counts = []
    for stage in (review_by(1, 1), review_by(5, 9)):
        with django_assert_num_queries(QUERIES):
            email_started(stage, at=NINE + HOUR)
        counts.append((len(open_lines(stage, NINE)), Email.objects.filter(template="review_started").count()))
        Email.objects.all().delete()
    assert counts == [(1, 1), (5, 5)]


QUERIES = 15

"""Who is written to about an access review, and what they read."""

from dataclasses import replace

import pytest

from accounts.models import User
from kernel.period import DAY, HOUR
from notifications.email import render
from notifications.models import Email
from notifications.terms import Pace
from reviews import email
from reviews.operations import applying, closing
from reviews.queries.panels import open_lines
from reviews.terms import Reviewers, StagePlan, Verdict
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


QUERIES = 14

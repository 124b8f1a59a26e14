"""The page on which reviewers answer: what each line tells, what is saved, what is refused."""

from dataclasses import replace

import pytest

from accounts.models import User
from kernel.period import DAY, HOUR, MINUTE
from reviews.models import Answer, Review, ReviewItem, ReviewStage
from reviews.operations import answers, closing, resetting
from reviews.terms import Reviewers, StagePlan, Verdict
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

BEGAN = NINE - HOUR


@pytest.fixture
def rita(db):
    return make.user(name="Rita Reviewer")


@pytest.fixture
def review(rita):
    return begin(make.plan(rita, description="Who left the project?"))


def begin(plan, *names):
    role = make.role(name="Teams Reader", terms=EASY)
    for name in names or ("Anna", "Bert", "Cora"):
        make.eligibility(of=make.user(name=name, email=f"{name.lower().replace(' ', '')}@example.com"), role=role)
    return make.review(of=role, plan=plan, at=BEGAN)


def page(review, query=""):
    return f"/my-reviews/{review.pk}/{query}"


def line(review, name):
    return review.items.get(name=name).pk


def send(by, review, query="", *, answers=None, ticked=(), do="save", **fields):
    """Mark these lines, tick those, and press the button."""
    marked = {f"verdict_{line(review, name)}": verdict for name, verdict in (answers or {}).items()}
    sent = {
        **marked,
        "line": list(review.items.values_list("pk", flat=True)),
        "item": [line(review, name) for name in ticked],
        "do": do,
        **fields,
    }
    return visit.by(by).post(page(review, query), sent)


def who(response):
    """The names of the lines that are shown."""
    return [tick.text for row in visit.main(response).all("tr")[1:] for tick in row.all("td")[0].all("label")]


def standing(review):
    rows = review.items.exclude(verdict="").values_list("name", "verdict", "reason")
    return {name: (verdict, reason) for name, verdict, reason in rows}


# --- what is shown


@pytest.mark.parametrize("path", ["", "all/"])
def test_reviewers_know_who_reads_their_reason(rita, review, path):
    shown = visit.by(rita).get(page(review, path))

    assert "Administrators and auditors read it; whoever is denied does too, with your name." in visit.main(shown).text


def test_the_page_says_what_is_reviewed_until_when_and_what_silence_means(rita, review):
    response = visit.by(rita).get(page(review))

    assert visit.title(response) == "Quarterly check"
    assert visit.facts(response) == {
        "Who holds": "Teams Readerrole on Directory",
        "Due": "7 Dec 2026, 08:00 UTC13 days 23 h left",
        "If nobody answers": "Nothing: they keep it",
        "Progress": "0 of 3 answered",
    }
    assert "Who left the project?" in visit.main(response).text


def test_a_line_tells_what_is_known_and_what_is_recommended(rita):
    role = make.role(name="Teams Reader", terms=EASY)
    anna, bert = make.user(name="Anna", email="anna@example.com"), make.user(name="Bert")
    User.objects.filter(pk=anna.pk).update(last_login=BEGAN - DAY)
    held = make.eligibility(of=anna, role=role, at=BEGAN - 40 * DAY, start_at=BEGAN - 40 * DAY)
    crew = make.group(name="Crew", members=(anna, bert))
    make.assignment(of=crew, role=role)
    for days in (3, 20):
        make.role_request(by=anna, for_=held, at=BEGAN - days * DAY)
    review = make.review(of=role, plan=make.plan(rita), at=BEGAN)

    rows = visit.table(visit.by(rita).get(page(review)))

    assert [row[:3] for row in rows] == [
        [
            "Annaanna@example.com",
            "Recommended: Approve Has activated it 2 times in 90 days.Eligible · activated 2 times in 90 days, last "
            "3 days ago · signed in 1 day ago · given 40 days ago · also through Crew · 1 of 1 colleague in the same "
            "groups holds it",
            "Not reviewed",
        ],
        [
            "CrewGroup of 2 people: Anna, Bert",
            "Recommended: Approve Was given less than 30 days ago.Active · activated 2 times in 90 days, last 3 days "
            "ago · signed in 1 day ago · given less than a day ago",
            "Not reviewed",
        ],
    ]


def test_a_large_group_names_its_first_people(rita):
    crew = make.group(name="Crew", members=tuple(make.user(name=f"Member {number}") for number in range(7)))
    role = make.role(name="Teams Reader")
    make.eligibility(of=crew, role=role)
    review = make.review(of=role, plan=make.plan(rita), at=BEGAN)

    assert visit.table(visit.by(rita).get(page(review)))[0][0] == (
        "CrewGroup of 7 people: Member 0, Member 1, Member 2, Member 3, Member 4, 2 more"
    )


def test_the_answer_that_counts_and_the_earlier_ones_are_shown(rita):
    otto = make.user(name="Otto")
    review = begin(make.plan(rita, otto), "Anna")
    for minutes, by, verdict in ((2, rita, Verdict.DENY), (1, otto, Verdict.APPROVE)):
        answers.answer(
            make.act(by=by, at=NINE - minutes * MINUTE), review, [line(review, "Anna")], verdict, because="Yes"
        )

    (row,) = visit.table(visit.by(rita).get(page(review, "?show=all")))

    assert row[2] == (
        "ApprovedOtto, 23 Nov 2026, 08:59 UTCYes1 earlier on AnnaDenied, Rita Reviewer, 23 Nov 2026, 08:58 UTC: Yes"
    )


def staged(rita, *, shows_earlier):
    """Rita answered in the first stage, and answers in the second, too."""
    stage = StagePlan(chosen=make.named(rita), duration=7 * DAY, shows_earlier=shows_earlier)
    review = begin(make.plan(stages=(stage, stage)), "Anna")
    answers.answer(make.act(by=rita, at=NINE - MINUTE), review, [line(review, "Anna")], Verdict.DENY, because="Left")
    first, second = review.stages.all()
    ReviewStage.objects.filter(pk=first.pk).update(closes_at=NINE - MINUTE, handed_on_at=NINE)
    ReviewStage.objects.filter(pk=second.pk).update(opens_at=NINE - MINUTE)
    ReviewItem.objects.update(stage=second)
    return review


@pytest.mark.parametrize(
    ("shows_earlier", "told"),
    [(True, "DeniedRita Reviewer, 23 Nov 2026, 08:59 UTC, stage 1Left"), (False, "Not reviewed")],
)
def test_a_stage_shows_what_was_answered_before_it_or_hides_it(rita, shows_earlier, told):
    review = staged(rita, shows_earlier=shows_earlier)

    response = visit.by(rita).get(page(review))

    assert (visit.table(response)[0][2], visit.facts(response)["Stage"]) == (told, "2 of 2")


def passed_on(rita, otto, **terms):
    """Rita denied in the first stage, which is over. Otto approved in the second, which is open."""
    first = StagePlan(chosen=make.named(rita), duration=7 * DAY)
    review = begin(make.plan(stages=(first, replace(first, chosen=make.named(otto), **terms))), "Anna")
    answers.answer(make.act(by=rita, at=NINE - MINUTE), review, [line(review, "Anna")], Verdict.DENY, because="Left")
    closing.stop_stage(make.act(at=NINE - MINUTE), review.stages.get(number=1))
    answers.answer(make.act(by=otto), review, [line(review, "Anna")], Verdict.APPROVE, because="Came back")
    return review


@pytest.mark.parametrize("shows_earlier", [True, False])
def test_whose_stage_is_over_reads_their_own_answers_and_those_of_others_when_the_review_is_over(rita, shows_earlier):
    review = passed_on(rita, make.user(name="Otto"), shows_earlier=shows_earlier)
    browser = visit.by(rita)

    running = browser.get(page(review))
    closing.stop(make.act(), review, because="Enough")
    over = browser.get(page(review))

    assert [row[2] for row in visit.table(running)] == ["DeniedRita Reviewer, 23 Nov 2026, 08:59 UTCLeft"]
    assert visit.notices(running) == [
        "Nothing of this review is yours to answer now. These are the lines you answered; what others answered is "
        "shown when the review is over."
    ]
    assert [row[2] for row in visit.table(over)] == [
        "ApprovedOtto, 23 Nov 2026, 09:00 UTCCame back1 earlier on AnnaDenied, Rita Reviewer, 23 Nov 2026, 08:59 UTC: "
        "Left"
    ]


def test_who_answered_before_a_reset_reads_that_it_does_not_count_though_others_answered_since(rita):
    otto = make.user(name="Otto")
    review = begin(make.plan(rita, otto), "Anna")
    send(rita, review, answers={"Anna": "deny"}, because="Left")
    resetting.reset(make.act(), review, because="Wrong list")
    review.stages.get().named.filter(user=rita).delete()
    answers.answer(make.act(by=otto, at=NINE + MINUTE), review, [line(review, "Anna")], Verdict.APPROVE, because="Yes")

    (row,) = visit.table(visit.by(rita).get(page(review)))

    assert row[2] == "Not reviewed1 earlier on AnnaDenied, Rita Reviewer, 23 Nov 2026, 09:00 UTC: Left"


def test_the_page_says_when_the_review_ends_while_it_runs_and_that_it_ended_afterwards(rita):
    otto = make.user(name="Otto")
    stage = StagePlan(chosen=make.named(rita), duration=7 * DAY)
    review = begin(make.plan(stages=(stage, replace(stage, chosen=make.named(otto)))))
    browser = visit.by(otto)

    ahead = visit.facts(browser.get(page(review)))
    Review.objects.update(ends_at=NINE)
    over = visit.facts(browser.get(page(review)))

    assert (ahead["Ends"], ahead["State"]) == ("7 Dec 2026, 08:00 UTC", "In progress")
    assert (over["Ended"], over["State"]) == ("23 Nov 2026, 09:00 UTC", "Completing")


def test_after_a_reset_nothing_counts_and_what_was_answered_stays_to_be_read(rita, review):
    send(rita, review, answers={"Anna": "deny"}, because="Left")
    none = {"verdict": "", "reason": "", "decided_by": None, "decided_at": None, "decided_in": None}
    ReviewItem.objects.update(**none)

    row = visit.table(visit.by(rita).get(page(review)))[0]

    assert row[2] == "Not reviewed1 earlier on AnnaDenied, Rita Reviewer, 23 Nov 2026, 09:00 UTC: Left"


# --- which lines


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["Bert", "Cora"]),
        ("?show=answered", ["Anna"]),
        ("?show=all", ["Anna", "Bert", "Cora"]),
        ("?show=all&recommended=deny", ["Cora"]),
        ("?show=all&q=bert@", ["Bert"]),
        ("?show=all&q=an", ["Anna"]),
        ("?show=nonsense&recommended=x", ["Bert", "Cora"]),
        ("?q=%00", ["Bert", "Cora"]),
    ],
)
def test_the_lines_are_narrowed(rita, review, query, shown):
    ReviewItem.objects.filter(name="Cora").update(recommendation=Verdict.DENY)
    send(rita, review, answers={"Anna": "approve"}, because="Yes")

    assert who(visit.by(rita).get(page(review, query))) == shown


def test_only_lines_that_are_mine_are_shown(review):
    anna = User.objects.get(display_name="Anna")
    own = begin(make.plan(stages=(StagePlan(Reviewers.SELF),)), "Dora")
    dora = User.objects.get(display_name="Dora")

    assert who(visit.by(dora).get(page(own))) == ["Dora"]
    assert visit.by(anna).get(page(review)).status_code == 404


def test_fifty_lines_stand_on_a_page(rita):
    review = begin(make.plan(rita), *(f"Holder {number:02}" for number in range(51)))

    assert len(who(visit.by(rita).get(page(review)))) == 50
    assert who(visit.by(rita).get(page(review, "?page=2"))) == ["Holder 50"]


# --- saving


def test_what_was_marked_is_saved_each_line_with_its_own_reason_or_the_one_for_all(rita, review):
    own = {f"because_{line(review, 'Bert')}": "Changed teams"}

    response = send(rita, review, answers={"Anna": "approve", "Bert": "deny"}, because="Project goes on", **own)

    assert standing(review) == {"Anna": ("approve", "Project goes on"), "Bert": ("deny", "Changed teams")}
    again = visit.by(rita).get(response.url)
    assert response.url == page(review)
    assert who(again) == ["Cora"]


def test_saving_is_told_and_leads_back_to_the_same_lines(rita, review):
    browser = visit.by(rita)
    sent = {f"verdict_{line(review, 'Anna')}": "approve", "because": "Yes", "do": "save"}

    response = browser.post(page(review, "?show=all&page=1"), sent)

    assert response.url == page(review, "?show=all&page=1")
    assert visit.notices(browser.get(response.url)) == ["Saved: 1 approved."]


@pytest.mark.parametrize("do", ["approve", "deny", "dont_know"])
def test_the_ticked_lines_are_answered_together_and_the_marked_ones_as_marked(rita, review, do):
    send(rita, review, answers={"Anna": "deny", "Bert": "deny"}, ticked=("Bert", "Cora"), do=do, because="Yes")

    assert {name: verdict for name, (verdict, _reason) in standing(review).items()} == {
        "Anna": "deny", "Bert": do, "Cora": do,
    }  # fmt: skip


def test_recommendations_of_ticked_lines_are_followed_but_replace_nothing(rita, review):
    ReviewItem.objects.update(recommendation=Verdict.DENY, recommended_because="Has never signed in.")
    send(rita, review, answers={"Anna": "approve"}, because="Yes")

    send(rita, review, ticked=("Anna", "Bert"), do="follow")

    assert standing(review) == {"Anna": ("approve", "Yes"), "Bert": ("deny", "Has never signed in.")}


def test_after_the_last_line_one_reads_until_when_answers_can_be_changed(rita, review):
    browser = visit.by(rita)
    sent = {f"verdict_{item.pk}": "approve" for item in review.items.all()}

    response = browser.get(browser.post(page(review), {**sent, "because": "Yes"}).url)

    assert visit.notices(response) == [
        "Saved: 3 approved. All done: you can change your answers until 08:00 UTC on 7 Dec 2026."
    ]
    assert [empty.text for empty in visit.main(response).all(of="empty")] == [
        "All done: all 3 lines are answeredYou can change your answers until 7 Dec 2026, 08:00 UTC. Show all lines"
    ]


def test_saying_the_same_again_changes_nothing_and_says_so(rita, review):
    send(rita, review, answers={"Anna": "approve"}, because="Yes")
    browser = visit.by(rita)

    response = browser.post(page(review), {f"verdict_{line(review, 'Anna')}": "approve", "because": "Yes"})

    assert visit.notices(browser.get(response.url)) == ["Nothing changed: that is what you had answered."]


# --- what is refused


def test_a_missing_reason_is_asked_for_and_nothing_typed_is_lost(rita, review):
    own = {f"because_{line(review, 'Bert')}": "Changed teams"}

    response = send(rita, review, answers={"Anna": "approve", "Bert": "deny"}, ticked=("Cora",), **own)

    typed = visit.typed(response)
    assert (response.status_code, standing(review)) == (400, {})
    assert visit.sentences(response) == ["Say why you approve or deny: beside the line, or here for all of them."]
    assert (typed[f"verdict_{line(review, 'Anna')}"], typed["item"]) == (["approve"], [str(line(review, "Cora"))])
    assert typed[f"because_{line(review, 'Bert')}"] == "Changed teams"


def test_what_was_typed_about_a_line_stays_though_somebody_else_answered_it_meanwhile(rita):
    otto = make.user(name="Otto")
    review = begin(make.plan(rita, otto))
    answers.answer(make.act(by=otto, at=NINE), review, [line(review, "Anna")], Verdict.DENY, because="Left")

    response = send(rita, review, answers={"Anna": "approve"})

    assert who(response) == ["Anna", "Bert", "Cora"]
    assert visit.typed(response)[f"verdict_{line(review, 'Anna')}"] == ["approve"]


def test_pressing_a_button_with_nothing_chosen_says_what_to_do(rita, review):
    response = send(rita, review)

    assert (response.status_code, visit.notices(response)) == (
        400, ["Choose an answer for a line, or tick lines and answer them together."],
    )  # fmt: skip


@pytest.mark.parametrize("reason", ["x" * 2001, "a\x00b"])
def test_a_reason_beside_a_line_is_held_to_the_same(rita, review, reason):
    anna = line(review, "Anna")

    response = send(rita, review, answers={"Anna": "approve"}, because="Yes", **{f"because_{anna}": reason})

    assert (response.status_code, len(visit.sentences(response)), standing(review)) == (400, 1, {})


def test_a_holder_who_reviews_themself_does_not_learn_from_numbers_who_else_holds_it():
    review = begin(make.plan(stages=(StagePlan(Reviewers.SELF),)))
    anna = User.objects.get(display_name="Anna")

    response = send(anna, review, answers={"Anna": "approve", "Bert": "approve", "Cora": "deny"}, because="Yes")

    assert (response.status_code, visit.notices(response)) == (
        409, ["2 lines you chose are not yours to answer now. Open the review again to see which are."],
    )  # fmt: skip
    assert who(response) == ["Anna"]


@pytest.mark.parametrize("sent", [{"verdict_x": "approve"}, {"verdict_1": "maybe"}, {"item": "²", "do": "approve"}])
def test_what_no_page_sends_is_no_answer(rita, review, sent):
    assert visit.by(rita).post(page(review), {**sent, "because": "Yes"}).status_code == 400
    assert standing(review) == {}


def test_what_ended_meanwhile_says_so_and_shows_what_i_answered(rita, review):
    send(rita, review, answers={"Anna": "approve"}, because="Yes")
    Review.objects.update(closed_at=NINE, ends_at=NINE)
    ReviewStage.objects.update(closes_at=NINE)

    response = send(rita, review, answers={"Bert": "deny"}, because="Left")

    assert response.status_code == 409
    assert visit.notices(response) == [
        "This review ended at 09:00 UTC, so nothing was saved. Ask an administrator if an answer was wrong.",
        "Nothing of this review is yours to answer now. These are the lines you answered.",
    ]
    assert [row[0] for row in visit.table(response)] == ["Annaanna@example.com"]
    assert visit.buttons(response) == []


# --- who may open it


def test_a_reviewer_whose_stage_is_over_is_told_so_though_they_never_answered(rita, review):
    ReviewStage.objects.update(closes_at=NINE)

    assert visit.notices(visit.by(rita).get(page(review))) == ["Nothing of this review is yours to answer now."]


@pytest.mark.parametrize("kind", [Reviewers.SELF, Reviewers.MANAGERS])
def test_holders_and_managers_find_the_review_after_its_end(kind):
    boss = make.user(name="Boss")
    review = begin(make.plan(stages=(StagePlan(kind, fallback=make.named(make.user())),)), "Anna")
    ReviewItem.objects.update(manager=boss)
    ReviewStage.objects.update(closes_at=NINE)
    person = {Reviewers.SELF: User.objects.get(display_name="Anna"), Reviewers.MANAGERS: boss}[kind]

    assert visit.by(person).get(page(review)).status_code == 200


def test_owners_find_the_review_of_their_group_after_its_end(stranger):
    owner = make.user()
    crew = make.group(members=(make.user(),), owners=(owner,))
    review = make.review(of=crew, plan=make.plan(stages=(StagePlan(Reviewers.OWNERS),)), at=BEGAN)
    ReviewStage.objects.update(closes_at=NINE)

    assert [visit.by(person).get(page(review)).status_code for person in (owner, stranger)] == [200, 404]


def test_a_deleted_review_is_not_there(rita, review):
    send(rita, review, answers={"Anna": "approve"}, because="Yes")
    Review.objects.update(deleted_at=NINE)

    assert visit.by(rita).get(page(review)).status_code == 404
    assert Answer.objects.count() == 1


def test_an_administrator_who_is_no_reviewer_does_not_find_it_here(admin, review):
    assert visit.by(admin).get(page(review)).status_code == 404


def test_whoever_has_one_line_is_spared_what_is_for_many(rita):
    one, many = begin(make.plan(rita), "Anna"), begin(make.plan(rita), "Bert", "Cora")

    def for_many(review):
        response = visit.by(rita).get(page(review))
        links = [link.text for link in visit.main(response).all("a") if link.text.startswith("Answer all")]
        return len(visit.main(response).all("select")), links

    assert for_many(one) == (0, [])
    assert for_many(many) == (2, ["Answer all 3 open lines at once…"])

"""Setting up access reviews: typed, checked, saved."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from kernel.period import DAY, HOUR, MINUTE
from reviews.models import Series
from reviews.queries.plans import plan_of
from reviews.terms import Answered, Holding, Plan, Recurrence, Reviewers, Silence, StagePlan
from roles.models import Assignment
from tests import make, seen, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

ADD = "/reviews/add/"
ALL_MOVES = ["approve", "deny", "dont_know", "nothing"]


@pytest.fixture
def browser(admin):
    """The administrator's."""
    return visit.by(admin)


@pytest.fixture
def rita():
    """Who reviews."""
    return make.user(name="Rita Reviewer", email="rita@example.com")


def typed(browser, *roles, path=ADD, **changed):
    """The form as a browser sends it, filled in."""
    begun = visit.typed(browser.get(path))
    chosen = {"name": "Quarterly check", "roles": [str(role.pk) for role in roles], "chosen_1": "rita@example.com"}
    return {**begun, **chosen, "step": "check", **changed}


def hidden(response):
    """What the page of the check sends again."""
    sent: dict[str, list[str]] = {}
    for field in visit.main(response).all("input"):
        if field.attributes["name"] != "csrfmiddlewaretoken":
            sent.setdefault(field.attributes["name"], []).append(field.attributes["value"])
    return sent


def says(response):
    """The cards of the check, by their heading."""
    cards = visit.main(response).all("section")
    return {card.all("h2")[0].text: [line.text for line in card.all("p", "li")] for card in cards}


def save(browser, response):
    """Press the button that saves."""
    return browser.post(ADD, {**hidden(response), "step": "save"}, follow=True)


# --- the way through


def test_a_review_is_set_up_once_it_was_checked(browser, rita):
    role = make.role()
    make.eligibility(of=make.user(name="Anna"), role=role)

    checked = browser.post(ADD, typed(browser, role))
    before = Series.objects.count()
    response = save(browser, checked)

    series = Series.objects.get()
    assert (visit.title(checked), before, series.role) == ("5 · Check: Quarterly check", 0, role)
    assert visit.notices(response) == [
        "Quarterly check is set up for Teams Administrator. It starts within seconds.",
    ]
    assert (series.next_at, series.next_number, seen.events()) == (NINE, 1, ["review.planned"])


def test_everything_that_can_be_typed_is_kept(browser, rita):
    make.group(name="Panel")
    everything = {
        "description": "Who still works on Teams?",
        "holding": "eligible",
        "inactive_days": "60",
        "stages": "2",
        "reviewers_1": "managers",
        "chosen_1": "",
        "fallback_1": "Rita Reviewer",
        "days_1": "3",
        "moves_on_1": ["deny", "nothing"],
        "reviewers_2": "chosen",
        "chosen_2": "Panel",
        "days_2": "4",
        "shows_earlier_2": [],
        "start_at": "2026-12-01T08:30",
        "recurrence": "weekly",
        "ending": "times",
        "occurrences": "5",
        "if_silent": "recommended",
        "applies_itself": "on",
        "needs_reason": [],
        "writes_emails": [],
        "reminds": [],
        "extra_text": "Ask Ada.",
        "told_addresses": "ciso@example.com",
    }

    save(browser, browser.post(ADD, typed(browser, make.role(), **everything)))

    assert plan_of(Series.objects.get()) == Plan(
        name="Quarterly check",
        description="Who still works on Teams?",
        holding=Holding.ELIGIBLE,
        inactive_days=60,
        stages=(
            StagePlan(
                Reviewers.MANAGERS,
                fallback=make.named(rita),
                duration=3 * DAY,
                moves_on=frozenset({Answered.DENY, Answered.NOTHING}),
            ),
            StagePlan(chosen=(make.Named(make.ApproverKind.GROUP, "Panel"),), duration=4 * DAY, shows_earlier=False),
        ),
        start_at=datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
        recurrence=Recurrence.WEEKLY,
        occurrences=5,
        if_silent=Silence.RECOMMENDED,
        applies_itself=True,
        needs_reason=False,
        writes_emails=False,
        reminds=False,
        extra_text="Ask Ada.",
        told_addresses=("ciso@example.com",),
    )


def test_each_role_becomes_a_review_of_its_own(browser, rita):
    roles = [make.role(), make.role(name="Teams Reader")]

    checked = browser.post(ADD, typed(browser, *roles))
    response = save(browser, checked)

    assert visit.buttons(checked)[0] == "Set up 2 reviews"
    assert visit.notices(response) == ["2 reviews are set up. They start within seconds."]
    assert sorted(series.role.name for series in Series.objects.all()) == ["Teams Administrator", "Teams Reader"]


def test_a_group_is_reviewed_by_its_owners(browser, user, stranger):
    crew = make.group(name="Crew", members=(user,), owners=(stranger,))
    sent = typed(browser, path=f"{ADD}?group={crew.pk}", reviewers_1="owners", chosen_1="", if_silent="remove")

    checked = browser.post(ADD, sent)
    save(browser, checked)

    assert says(checked)["Crew"][1:] == [
        "If nobody answers, John Doe loses their place in Crew. It happens when an administrator applies the results.",
        "Sam Stranger reviews 1 line: John Doe.",
    ]
    assert Series.objects.get().group == crew


def test_the_role_named_in_the_address_is_ticked(browser):
    role = make.role()

    response = browser.get(f"{ADD}?role={role.pk}")

    assert visit.typed(response)["roles"] == [str(role.pk)]


def test_the_hour_is_that_of_the_person_with_the_zone_named(admin, rita):
    User.objects.filter(pk=admin.pk).update(time_zone="Europe/Berlin")
    browser = visit.by(User.objects.get(pk=admin.pk))
    sent = typed(browser, make.role(), start_at="2027-03-01T09:00", recurrence="monthly")

    checked = browser.post(ADD, sent)
    save(browser, checked)

    assert visit.facts(checked)["Starts"] == "1 Mar 2027, 09:00 CET"
    assert visit.facts(checked)["Then comes again"] == ("1 Apr 2027, 09:00 CEST; 1 May 2027, 09:00 CEST; and so on")
    assert Series.objects.get().next_at == datetime(2027, 3, 1, 8, tzinfo=UTC)


# --- nothing typed is lost


def test_going_back_from_the_check_loses_nothing(browser, rita):
    sent = typed(browser, make.role(), needs_reason=[], moves_on_1=["deny"], stages="2", chosen_2="Rita Reviewer")

    back = browser.post(ADD, {**hidden(browser.post(ADD, sent)), "step": "edit"})

    expected = {name: value for name, value in sent.items() if value != [] and name not in ("step", "find")}
    found = {name: value for name, value in visit.typed(back).items() if name != "find"}
    assert found == expected


def test_finding_roles_keeps_what_is_ticked_and_typed(browser):
    reader = make.role(name="Teams Reader")
    for name in ("Teams Administrator", "User Administrator"):
        make.role(name=name)

    response = browser.post(ADD, typed(browser, reader, find="teams", step="find", description="Long thought"))

    boxes = [box.text for box in visit.main(response).all(of="boxes")[0].all("label", "p")]
    assert (response.status_code, boxes) == (200, ["Ticked", "Teams Reader", "Others", "Teams Administrator"])
    assert (visit.typed(response)["roles"], visit.typed(response)["description"]) == ([str(reader.pk)], "Long thought")


def test_privileged_roles_come_first(browser):
    for name in ("Application Administrator", "Reports Reader"):
        make.role(name=name)

    response = browser.get(ADD)

    boxes = [box.text for box in visit.main(response).all(of="boxes")[0].all("label", "p")]
    assert boxes == ["Privileged", "Application Administrator", "Global Administrator", "Others", "Reports Reader"]


def test_what_was_sent_after_the_session_had_ended_is_there_after_signing_in(admin, rita):
    sent = typed(visit.by(admin), make.role(), description="Long thought", needs_reason=[])
    browser = Client()

    asked = browser.post(ADD, sent)
    browser.post("/sign-in/", {"username": admin.email, "password": make.PASSWORD})
    to_verify = browser.get(ADD)
    session = browser.session
    session["proof"] = {"method": "totp", "device": "Phone", "at": NINE.isoformat()}
    session.save()
    found = visit.typed(browser.get(ADD))

    assert (asked.headers["Location"], to_verify.headers["Location"]) == (
        "/sign-in/?next=/reviews/add/",
        "/verify/?next=/reviews/add/",
    )
    assert (found["description"], found["chosen_1"], "needs_reason" in found) == (
        "Long thought",
        "rita@example.com",
        False,
    )


def test_what_was_sent_before_the_second_factor_is_there_after_it(admin, rita):
    role = make.role()
    sent = typed(visit.by(admin), role)
    browser = visit.by(admin, proven=False)

    asked = browser.post(ADD, sent)
    session = browser.session
    session["proof"] = {"method": "totp", "device": "Phone", "at": NINE.isoformat()}
    session.save()
    found = browser.get(ADD)
    save(browser, browser.post(ADD, {**visit.typed(found), "step": "check"}))

    assert asked.headers["Location"] == "/verify/?next=/reviews/add/"
    assert (visit.typed(found)["name"], Series.objects.get().role) == ("Quarterly check", role)
    assert visit.typed(browser.get(ADD))["name"] == ""


def test_what_nobody_could_have_typed_is_not_kept_for_anybody(db):
    browser = Client()

    browser.post(ADD, {"description": "x" * 60_000})

    assert dict(browser.session) == {}


# --- once


def test_the_same_form_sent_twice_is_one_review(browser, at_nine, rita):
    checked = browser.post(ADD, typed(browser, make.role(), make.role(name="Teams Reader")))

    save(browser, checked)
    at_nine.move_to(NINE + MINUTE)
    again = save(browser, checked)

    assert Series.objects.count() == 2
    assert visit.notices(again) == ["This was set up already."]


def test_a_form_found_again_and_changed_is_another_review(browser, rita):
    checked = browser.post(ADD, typed(browser, make.role()))
    save(browser, checked)

    changed = browser.post(ADD, {**hidden(checked), "name": "Another check", "step": "check"})
    save(browser, changed)

    assert sorted(Series.objects.values_list("name", flat=True)) == ["Another check", "Quarterly check"]


# --- refused


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        ({"name": ""}, ["This field is required."]),
        ({"roles": []}, ["Tick at least one role, or choose a group."]),
        ({"chosen_1": ""}, ["Name the reviewers."]),
        ({"chosen_1": "manager"}, ["“manager” is a way to choose reviewers, not a name. "
                                   "Choose “The manager of each holder”."]),
        ({"reviewers_1": "self"}, ["Choose “Chosen people and groups” above, or name nobody here."]),
        ({"reviewers_1": "owners", "chosen_1": ""}, ["Only a group has owners. Choose who reviews the holders of a "
                                                     "role in another way."]),
        ({"days_1": "0"}, ["Choose 1 to 365 whole days."]),
        ({"recurrence": "weekly"}, ["All stages together may last 7 days at most where the review comes every week."]),
        ({"stages": "2"}, ["Name the reviewers of stage 2."]),
        ({"chosen_3": "rita@example.com"}, ["You named reviewers of stage 3. Choose 3 stages, or name nobody there."]),
        ({"stages": "2", "chosen_2": "rita@example.com", "moves_on_1": []},
         ["Say which lines go on after stage 1."]),
        ({"inactive_days": "731"}, ["Choose 1 to 730 days."]),
        ({"start_at": "2026-11-22T09:00"}, ["The start is in the past. Choose a later one, or leave it empty for "
                                            "now."]),
        ({"recurrence": "monthly", "ending": "day"}, ["Choose the last day, or another end."]),
        ({"recurrence": "monthly", "ending": "times"}, ["Say how many times, or choose another end."]),
        ({"recurrence": "monthly", "ending": "day", "last_day": "2026-11-01"}, ["Choose a last day after the start."]),
        ({"told_addresses": "ciso"}, ["ciso is not an email address. Write name@example.com."]),
        ({"form_key": ""}, ["This page was sent incompletely. Open it again and send it once more."]),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence_and_nothing_is_lost(browser, rita, changed, sentences):
    sent = typed(browser, make.role(), description="Long thought", **changed)

    response = browser.post(ADD, sent)

    assert (response.status_code, visit.sentences(response)) == (400, sentences)
    assert visit.typed(response)["description"] == "Long thought"
    assert Series.objects.count() == 0


def test_roles_and_a_group_at_once_are_refused(browser, rita):
    crew = make.group()

    response = browser.post(ADD, typed(browser, make.role(), group=str(crew.pk)))

    assert visit.sentences(response) == ["Review roles or a group. For both, set up two reviews."]


@pytest.mark.parametrize("said", ["7", "x", "9" * 30])
def test_a_group_or_a_role_that_is_not_there_is_refused(browser, rita, said):
    group = browser.post(ADD, typed(browser, group=said))
    role = browser.post(ADD, typed(browser, roles=[said]))

    assert (group.status_code, role.status_code, Series.objects.count()) == (400, 400, 0)


def test_a_power_lost_between_the_check_and_saving_counts(browser, admin, rita):
    checked = browser.post(ADD, typed(browser, make.role()))
    User.objects.filter(pk=admin.pk).update(is_enabled=False)

    browser.post(ADD, {**hidden(checked), "step": "save"})

    assert Series.objects.count() == 0


# --- what the check says


def test_the_check_says_who_will_review_whom(browser, rita):
    role, boss = make.role(), make.user(name="Boss")
    for name in ("Anna", "Bert", "Cleo", "Dora", "Emil"):
        make.eligibility(of=make.user(name=name), role=role)
    make.eligibility(of=rita, role=role)
    make.assignment(of=make.group(name="Crew", members=(boss, make.user())), role=role)

    checked = browser.post(ADD, typed(browser, role))

    assert says(checked)["Teams Administrator"] == [
        "7 lines as things stand, 1 of them a group with 2 people. Who is in it is settled when the review starts.",
        "Rita Reviewer reviews 6 lines: Anna, Bert, Cleo and 3 more.",
        "Nobody can review 1 line: Rita Reviewer. Silence takes nothing away there. Name fallback reviewers, or "
        "others.",
    ]


@pytest.mark.parametrize(
    ("by_itself", "then"),
    [
        ([], "It happens when an administrator applies the results."),
        ("on", "This happens by itself when the review ends, and nobody is asked before."),
    ],
)
def test_the_check_warns_of_what_silence_takes_away(browser, rita, by_itself, then):
    role = make.role()
    for name in ("Anna", "Bert"):
        make.eligibility(of=make.user(name=name), role=role, at=NINE - 60 * DAY, start_at=NINE - 60 * DAY)

    checked = browser.post(ADD, typed(browser, role, if_silent="remove", applies_itself=by_itself))

    assert says(checked)["Teams Administrator"][1] == f"If nobody answers, all 2 lose Teams Administrator. {then}"


def test_of_a_role_of_administrators_the_check_says_that_the_last_one_stays(browser, admin, rita):
    role = Assignment.objects.get(user=admin).role

    checked = browser.post(ADD, typed(browser, role, if_silent="remove"))

    assert says(checked)["Global Administrator"][1].endswith("The last administrator stays in any case.")


def test_the_check_costs_the_same_with_one_line_and_with_six(browser, rita):
    role = make.role()
    make.eligibility(of=make.user(), role=role)
    sent = typed(browser, role)
    with CaptureQueriesContext(connection) as with_one:
        browser.post(ADD, sent)
    for _ in range(5):
        make.eligibility(of=make.user(), role=role)

    with CaptureQueriesContext(connection) as with_six:
        response = browser.post(ADD, sent)

    assert says(response)["Teams Administrator"][0].startswith("6 lines")
    assert len(with_six) == len(with_one)


def test_the_first_review_begins_where_the_clock_begins_it(browser, rita):
    save(browser, browser.post(ADD, typed(browser, make.role(), start_at="2026-11-23T11:00")))

    assert Series.objects.get().next_at == NINE + 2 * HOUR
    assert Series.objects.to_begin(NINE + HOUR).count() == 0


def test_the_fields_to_look_at_again_are_named_above_a_long_form(browser, rita):
    response = browser.post(ADD, typed(browser, make.role(), name="", days_1="0"))

    assert visit.notices(response) == ["Nothing is saved yet. Look again at Name, Days to review."]
    links = [link.attributes["href"] for link in visit.main(response).all("a")]
    assert [one for one in links if one.startswith("#")] == ["#div_id_name", "#div_id_days_1"]


def test_owners_are_offered_as_reviewers_of_a_group(browser):
    labels = [label.text for label in visit.main(browser.get(ADD)).all("label")]

    assert "The owners of the group, if a group is reviewed" in labels
    assert "The owners of the group" not in labels


def test_a_manager_is_not_proposed_as_a_name(browser, rita):
    response = browser.post(ADD, typed(browser, make.role(), chosen_1="nobody@example.net"))

    assert visit.sentences(response) == [
        "“nobody@example.net” is not known. Write an email, a full name, or a group's name."
    ]

"""Activating several roles with one form, and what came of it."""

from uuid import uuid4

import pytest

from kernel.period import HOUR, MINUTE
from requests_app.models import RoleRequest, RoleSet
from roles.models import Eligibility
from roles.operations import grants
from roles.terms import ActivationTerms, SecondFactor
from tests import make, visit
from tests.make import EASY, NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

FRESH = ActivationTerms(second_factor=SecondFactor.FRESH)


def page_of(*eligibilities):
    return "/my-roles/basket/?" + "&".join(f"pick={one.pk}" for one in eligibilities)


def typed(**changed):
    """The form as a person fills it in."""
    sent = {"form_key": str(uuid4()), "quick": "60", "duration": "", "start_at": "", "justification": "Patching"}
    return {**sent, **changed}


def eligible(user, name, **terms):
    return make.eligibility(of=user, role=make.role(name=name, **terms))


@pytest.fixture
def three(user, approver):
    """One that is granted at once, one that waits, one that is active already."""
    waits = eligible(user, "User Administrator", approvers=(approver,))
    taken = eligible(user, "Teams Reader", terms=EASY)
    make.activation(by=user, of=taken, at=NINE - MINUTE)
    return eligible(user, "Exchange Administrator"), waits, taken


def test_what_is_ticked_on_my_roles_comes_into_the_basket(user):
    first, second = eligible(user, "Teams Administrator"), eligible(user, "Teams Reader")

    page = visit.by(user).get("/my-roles/")

    boxes = [box.attributes for box in visit.main(page).all("input") if box.attributes.get("type") == "checkbox"]
    assert [(box["name"], box["value"], box["form"]) for box in boxes] == [
        ("pick", str(first.pk), "picked"),
        ("pick", str(second.pk), "picked"),
    ]


def test_the_page_says_of_each_role_what_it_needs_and_what_would_be_refused(user, three):
    page = visit.by(user).get(page_of(*three))

    assert [row[1:4] for row in visit.table(page)] == [
        ["Directory", "second factor, reason, no approval", "8 h"],
        ["Directory", "no approval", "8 h"],
        ["Directory", "second factor, reason, approval by Alva Approver", "8 h"],
    ]
    assert "Teams Reader is active until 09:59 UTC." in visit.table(page)[1][0]


def test_each_role_has_its_outcome_and_the_page_can_be_read_again(user, three):
    browser = visit.by(user)

    response = browser.post(page_of(*three), typed(), follow=True)
    again = browser.get(response.redirect_chain[-1][0])

    assert [row[:2] for row in visit.table(response)] == [
        ["Exchange Administrator on Directory", "Granted"],
        ["User Administrator on Directory", "Waiting for approval"],
        ["Teams Reader on Directory", "Refused"],
    ]
    assert visit.table(again) == visit.table(response)
    assert RoleRequest.objects.exclude(basket=None).count() == 2


def test_the_same_basket_sent_twice_is_one_request_per_role(user, three):
    browser, sent = visit.by(user), typed()

    answers = [browser.post(page_of(*three), sent).headers["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert RoleRequest.objects.exclude(basket=None).count() == 2


def test_what_was_refused_is_corrected_with_what_was_typed(user):
    good = eligible(user, "Teams Administrator", terms=EASY)
    strict = eligible(user, "Teams Reader", terms=ActivationTerms(justification_min_length=20))
    browser = visit.by(user)
    outcome = browser.post(page_of(good, strict), typed(justification="Short"), follow=True)

    page = browser.get(visit.links(outcome)["Correct and send again"])
    assert visit.typed(page)["justification"] == "Short"
    mended = browser.post(page_of(good, strict), {**visit.typed(page), "justification": "Patching all the servers"})

    assert browser.get(mended.headers["Location"]).status_code == 200
    assert list(RoleRequest.objects.order_by("pk").values_list("role__name", flat=True)) == [
        "Teams Administrator",
        "Teams Reader",
    ]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"justification": ""}, "Say why you need the role."),
        ({"start_at": "1999-12-31T23:59"}, "This start is in the past. Leave it empty to start at once."),
    ],
)
def test_where_all_are_refused_the_page_says_why_and_keeps_what_was_typed(user, sent, sentence):
    chosen = eligible(user, "Teams Administrator")
    sent = typed(**sent)

    response = visit.by(user).post(page_of(chosen), sent)

    assert response.status_code == 400
    assert visit.table(response)[0][0].endswith(sentence)
    assert {name: value for name, value in visit.typed(response).items() if name != "quick"} == {
        name: value for name, value in sent.items() if name != "quick"
    }
    assert RoleRequest.objects.count() == 0


def test_where_all_came_too_late_the_answer_is_a_conflict(user, admin):
    chosen = eligible(user, "Teams Administrator")
    browser = visit.by(user)
    page = browser.get(page_of(chosen))
    grants.remove_eligibility(make.act(by=admin, at=NINE), chosen, because="left")

    response = browser.post(page_of(chosen), {**visit.typed(page), "justification": "x"})

    assert response.status_code == 409
    assert "Ada Admin ended this at 09:00 UTC already" in visit.table(response)[0][0]


@pytest.mark.parametrize("sent", [{"form_key": ""}, {"duration": "", "quick": ""}, {"start_at": "soon"}])
def test_a_form_with_mistakes_asks_for_nothing(user, sent):
    response = visit.by(user).post(page_of(eligible(user, "Teams Administrator")), typed(**sent))

    assert (response.status_code, len(visit.sentences(response))) == (400, 1)
    assert RoleRequest.objects.count() == 0


def test_a_longer_duration_is_cut_to_what_each_role_allows(user):
    short = eligible(user, "Teams Administrator", terms=ActivationTerms(max_duration=2 * HOUR))
    long = eligible(user, "Teams Reader")

    response = visit.by(user).post(page_of(short, long), typed(quick="240"), follow=True)

    assert list(RoleRequest.objects.order_by("role__name").values_list("duration", flat=True)) == [2 * HOUR, 4 * HOUR]
    assert "2 h, its maximum" in visit.table(response)[0][2]


def test_beside_each_duration_stands_which_role_gets_less(user):
    short = eligible(user, "Teams Administrator", terms=ActivationTerms(max_duration=2 * HOUR))
    middle = eligible(user, "Teams Reader", terms=ActivationTerms(max_duration=3 * HOUR))

    page = visit.main(visit.by(user).get(page_of(short, middle, eligible(user, "Exchange Administrator"))))

    cut = "Teams Administrator gets 2 h and Teams Reader gets 3 h, the maximum of each."
    assert [one.text for one in page.all(of="form-check-label")] == [
        "1 h – until 10:00 UTC",
        "2 h – until 11:00 UTC",
        "4 h – until 13:00 UTC. " + cut,
        "8 h, the maximum – until 17:00 UTC. " + cut,
    ]
    assert "At most 8 h. Goes before what is chosen above. Where that is too long, " + cut in page.text


def test_one_role_that_gets_less_is_named_with_its_maximum(user):
    short = eligible(user, "Teams Administrator", terms=ActivationTerms(max_duration=2 * HOUR))

    page = visit.by(user).get(page_of(short, eligible(user, "Teams Reader", terms=ActivationTerms(max_duration=HOUR))))

    labels = [one.text for one in visit.main(page).all(of="form-check-label")]
    assert labels[1:] == ["2 h, the maximum – until 11:00 UTC. Teams Reader gets 1 h, the maximum of this role."]


def test_the_maximum_is_each_roles_own(user):
    short = eligible(user, "Teams Administrator", terms=ActivationTerms(max_duration=3 * HOUR))
    long = eligible(user, "Teams Reader")

    visit.by(user).post(page_of(short, long), typed(quick="max"))

    assert list(RoleRequest.objects.order_by("role__name").values_list("duration", flat=True)) == [3 * HOUR, 8 * HOUR]


def test_one_step_up_is_enough_and_what_was_typed_survives_it(user):
    chosen = [eligible(user, name, terms=FRESH) for name in ("Teams Administrator", "Teams Reader")]
    device = make.device(of=user)
    browser, sent = visit.by(user, proven=False), typed(justification="Kept")

    led = browser.post(page_of(*chosen), sent)
    verify = browser.get(led.headers["Location"])
    back = browser.post("/verify/", {**visit.typed(verify), "code": make.code(device)}, follow=True)
    browser.post(page_of(*chosen), visit.typed(back))

    assert visit.typed(back)["justification"] == "Kept"
    assert RoleRequest.objects.filter(justification="Kept").count() == 2


def test_one_chooses_where_for_each_role_that_has_places_below(user):
    shop = make.resource(name="Shop", below=make.resource())
    chosen = eligible(user, "Teams Administrator")
    page = visit.by(user).get(page_of(chosen))

    sent = {**visit.typed(page), "justification": "x", f"scope-{chosen.pk}": str(shop.pk)}
    visit.by(user).post(page_of(chosen), sent)

    assert RoleRequest.objects.get().scope == shop


def test_an_empty_basket_says_what_to_do(user):
    page = visit.by(user).get("/my-roles/basket/?pick=x&pick=999999&pick=" + "9" * 30)

    assert [strong.text for strong in visit.main(page).all("strong")] == ["No role is chosen"]


def test_somebody_elses_eligibilities_and_outcomes_are_not_shown(user, stranger):
    mine = eligible(user, "Teams Administrator")
    outcome = visit.by(user).post(page_of(mine), typed()).headers["Location"]

    browser = visit.by(stranger)

    assert visit.table(browser.get(page_of(mine))) == []
    assert browser.get(outcome).status_code == 404


# --- favourites and sets


def test_favourites_come_first_then_what_was_used_lately(user, at_nine):
    for name in ("Exchange Administrator", "Teams Administrator", "Teams Reader"):
        eligible(user, name, terms=EASY)
    by_name = {one.role.name: one for one in Eligibility.objects.select_related("role")}
    make.role_request(by=user, for_=by_name["Teams Administrator"], at=NINE - HOUR)
    browser = visit.by(user)

    browser.post(f"/my-roles/{by_name['Teams Reader'].pk}/favourite/", {"is_favourite": "yes"})
    marked = visit.table(browser.get("/my-roles/"))
    browser.post(f"/my-roles/{by_name['Teams Reader'].pk}/favourite/", {"is_favourite": "no"})
    unmarked = visit.table(browser.get("/my-roles/"))

    by_star = [row[4].split(" ", 1) for row in marked]
    assert by_star == [
        ["★", "Activate Teams Reader"],
        ["☆", "Activate Teams Administrator"],
        ["☆", "Activate Exchange Administrator"],
    ]
    assert [row[4] for row in unmarked] == [
        "☆ Activate Teams Administrator",
        "☆ Activate Exchange Administrator",
        "☆ Activate Teams Reader",
    ]


def test_a_set_is_saved_offered_with_what_is_missing_and_deleted(user, three):
    browser = visit.by(user)
    save = visit.links(browser.get(page_of(*three)))["Save as a set"]

    saved = browser.post(save, {"name": "Monday patching"}, follow=True)
    free, waits, _taken = three
    deleted = browser.post(f"/my-roles/sets/{RoleSet.objects.get().pk}/delete/", follow=True)

    assert visit.notices(saved) == ["Monday patching is saved. It is listed on top of your roles."]
    offered = visit.links(saved)["Activate Monday patching"].removeprefix("/my-roles/basket/?").split("&")
    assert sorted(offered) == sorted([f"pick={free.pk}", f"pick={waits.pk}"])
    assert "Not now – Teams Reader on Directory: is active already." in visit.main(saved).text
    assert "Monday patching" not in [strong.text for strong in visit.main(deleted).all("strong")]


def test_a_set_without_a_name_or_without_roles_is_not_saved(user):
    chosen = eligible(user, "Teams Administrator")
    browser = visit.by(user)

    unnamed = browser.post(f"/my-roles/sets/save/?pick={chosen.pk}", {"name": ""})
    empty = browser.post("/my-roles/sets/save/", {"name": "Mine"})

    assert (unnamed.status_code, visit.sentences(unnamed)) == (400, ["This field is required."])
    assert (empty.status_code, visit.sentences(empty)) == (400, ["Choose at least one role you can activate."])


def test_nobody_deletes_somebody_elses_set(user, stranger):
    chosen = eligible(user, "Teams Administrator")
    visit.by(user).post(f"/my-roles/sets/save/?pick={chosen.pk}", {"name": "Mine"})

    response = visit.by(stranger).post(f"/my-roles/sets/{RoleSet.objects.get().pk}/delete/")

    assert response.status_code == 404
    assert RoleSet.objects.count() == 1

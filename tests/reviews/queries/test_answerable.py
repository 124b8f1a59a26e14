"""Who may answer which line: the database says the same as the panel that was worked out."""

import pytest

from accounts.models import User
from reviews.queries import answerable
from reviews.queries.panels import panel_of
from reviews.terms import Reviewers, StagePlan
from roles.models import Role
from tests import make
from tests.make import NINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(db):
    """A role, a group and their people; some hold it themselves, some manage others, one is disabled. Some own the
    group, and some are eligible to be in it or to own it: by name, by a role, through a group."""
    boss, anna, bert, rita, paul = (make.user(name=name) for name in ("Boss", "Anna", "Bert", "Rita", "Paul"))
    gone = make.user(name="Gone")
    User.objects.filter(pk__in=[anna.pk, boss.pk]).update(manager=boss)
    User.objects.filter(pk=bert.pk).update(manager=gone)
    crew = make.group(name="Crew", members=(rita, paul), owners=(boss, anna))
    role = make.role()
    for holder in (boss, anna, bert, rita, gone, crew):
        make.eligibility(of=holder, role=role)
    User.objects.filter(pk=gone.pk).update(is_enabled=False)
    panel = make.group(name="Panel", members=(rita, bert))
    near = [make.user(name=name) for name in ("Mia", "Tess", "Mara", "Olaf", "Omar")]
    mia, tess, mara, olaf, omar = near
    member, owner = make.membership_role(of=crew), make.membership_role(of=crew, kind=Role.Membership.OWNER)
    team, board = make.group(name="Team", members=(tess,)), make.group(name="Board", members=(omar,))
    for eligible, to_be in ((mia, member), (team, member), (board, owner)):
        make.eligibility(of=eligible, role=to_be)
    for active, being in ((mara, member), (olaf, owner)):
        make.assignment(of=active, role=being)
    all_ = make.group(name="All", members=(boss, anna, bert, rita, paul, *near, make.user(name="Sam")))
    return {"role": role, "crew": crew, "panel": panel, "all": all_, "rita": rita, "paul": paul, "boss": boss}


@pytest.mark.parametrize("subject", ["role", "crew"])
@pytest.mark.parametrize("reviewers", list(Reviewers))
@pytest.mark.parametrize(
    ("chosen", "fallback"),
    [
        ((), ()),
        (("rita",), ()),
        (("rita",), ("paul",)),
        (("panel",), ("boss",)),
        (("paul", "rita"), ("boss", "rita")),
        (("all",), ()),
        (("rita",), ("all",)),
    ],
)
def test_the_page_of_each_person_has_the_lines_the_panel_gives_them(house, subject, reviewers, chosen, fallback):
    of = house[subject]
    if reviewers == Reviewers.OWNERS and isinstance(of, Role):
        pytest.skip("a role has no owners")
    if reviewers == Reviewers.CHOSEN and not chosen:
        pytest.skip("nobody was chosen")
    stage = StagePlan(
        reviewers, make.named(*(house[one] for one in chosen)), make.named(*(house[one] for one in fallback))
    )

    review = make.review(of=of, plan=make.plan(stages=(stage,)))

    panel = panel_of(review.stages.get(), NINE)
    expected = {(item.name, person) for item in review.items.all() for person in panel.of(item)}
    found = {(item.name, user.pk) for user in User.objects.all() for item in answerable.by(user, NINE)}
    assert found == expected


def test_nobody_reviews_themself_unless_that_is_what_was_chosen(house):
    rita = house["rita"]
    chosen = make.review(of=house["role"], plan=make.plan(rita))

    assert "Rita" not in {item.name for item in answerable.by(rita, NINE)}
    assert "Crew" not in {item.name for item in answerable.by(rita, NINE)}
    assert {item.name for item in chosen.items.filter(is_for_fallback=True)} == {"Rita", "Crew"}


def test_who_reviews_by_right_answers_a_line_that_fell_back_meanwhile(house):
    """She was away when it was last looked who is there."""
    review = make.review(of=house["role"], plan=make.plan(house["paul"], fallback=(house["boss"],)))
    review.items.update(is_for_fallback=True)

    assert "Anna" in {item.name for item in answerable.by(house["paul"], NINE)}


@pytest.mark.parametrize("place", ["first", "fallback"])
def test_of_all_who_were_named_only_who_is_far_from_a_group_reviews_it(house, place):
    named = {"first": make.plan(house["all"]), "fallback": make.plan(house["rita"], fallback=(house["all"],))}

    make.review(of=house["role"], plan=named[place])

    theirs = [user.name for user in User.objects.all() if answerable.by(user, NINE).filter(name="Crew").exists()]
    assert theirs == ["Bert", "Sam"]


def test_managers_review_their_people_and_the_fallback_the_rest(house):
    plan = make.plan(stages=(StagePlan(Reviewers.MANAGERS, fallback=make.named(house["paul"])),))

    make.review(of=house["role"], plan=plan)

    assert [item.name for item in answerable.by(house["boss"], NINE)] == ["Anna"]
    assert [item.name for item in answerable.by(house["paul"], NINE)] == ["Bert", "Boss", "Gone", "Rita"]

"""Lists cost the same with one row and with three: a number of queries, written down."""

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Group, User
from kernel.period import DAY, HOUR, MINUTE
from pimportal.health import WORKER, beat
from requests_app.operations import activation, baskets, offers
from reviews.models import Review, Series
from reviews.operations import answers, occurrences, resetting, series
from reviews.queries.plans import plan_of
from reviews.terms import Recurrence, Reviewers, StagePlan, Verdict
from roles.models import Eligibility, Resource, Role, SettingsTemplate
from roles.operations import catalogue, groups
from roles.terms import DEFAULTS, ActivationTerms, SecondFactor
from tests import make, visit
from tests.make import EASY, NINE
from tests.reviews import acts

pytestmark = pytest.mark.usefixtures("at_nine", "db")

ROLES = ("Teams Administrator", "Teams Reader", "User Administrator")


def eligible(admin: User, user: User, approver: User, name: str) -> None:
    """John may activate one role more, and somebody else in a group may, too."""
    role = make.role(name=name, terms=EASY)
    make.eligibility(of=user, role=role)
    make.eligibility(of=make.group(members=(make.user(),)), role=role)


def saved(admin: User, user: User, approver: User, name: str) -> None:
    """One set more, with one role more."""
    make.eligibility(of=user, role=make.role(name=name, terms=EASY))
    held = list(Eligibility.objects.filter(user=user))
    offers.save_set(make.act(by=user), held, name=name)


BASKET = UUID("11111111-2222-3333-4444-555555555555")


def bought(admin: User, user: User, approver: User, name: str) -> None:
    """One role more of a basket."""
    eligibility = make.eligibility(of=user, role=make.role(name=name, terms=EASY))
    baskets.send(make.act(by=user), [baskets.Line(eligibility, make.ask())], basket=BASKET)


def approvable(admin: User, user: User, approver: User, name: str) -> None:
    """One role more that somebody, and a group, would approve."""
    make.eligibility(of=user, role=make.role(name=name, terms=EASY, approvers=(make.user(), make.group())))


def wanted(admin: User, user: User, approver: User, name: str) -> None:
    """Three roles more for the basket: one approved, one with a fresh factor, one that is a membership."""
    approvable(admin, user, approver, name)
    fresh = ActivationTerms(second_factor=SecondFactor.FRESH)
    make.eligibility(of=user, role=make.role(name=f"{name} of the shop", terms=fresh))
    crew = make.group(name=f"Crew of {name}")
    make.assignment(of=crew, role=make.role(name=f"{name} at night"))
    make.eligibility(of=user, role=make.membership_role(of=crew))


def pending(admin: User, user: User, approver: User, name: str) -> None:
    """One request more waits."""
    role = make.role(name=name, terms=EASY, approvers=(approver,))
    make.role_request(by=user, for_=make.eligibility(of=user, role=role))


def active(admin: User, user: User, approver: User, name: str) -> None:
    """One role more is active, and one is scheduled."""
    eligibility = make.eligibility(of=user, role=make.role(name=name, terms=EASY))
    make.activation(by=user, of=eligibility, at=NINE - MINUTE)
    make.activation(by=user, of=eligibility, at=NINE - MINUTE, start_at=NINE + 2 * HOUR)


def activations(admin: User, user: User, approver: User, name: str) -> None:
    """One member more of a group has activated what the group may."""
    if not (eligibility := Eligibility.objects.first()):
        eligibility = make.eligibility(of=make.group(), role=make.role(name=name, terms=EASY))
    groups.add_member(make.act(), eligibility.holder, somebody := make.user())
    make.activation(by=somebody, of=eligibility, at=NINE - MINUTE)


def ended(admin: User, user: User, approver: User, name: str) -> None:
    """One eligibility and one assignment more have ended."""
    role = make.role(name=name)
    make.eligibility(of=user, role=role, end_at=NINE - HOUR)
    make.assignment(of=user, role=role, end_at=NINE - HOUR)


def closed(admin: User, user: User, approver: User, name: str) -> None:
    """One request more was taken back, and one was granted."""
    role = make.role(name=name, terms=EASY, approvers=(approver,))
    asked = make.role_request(by=user, for_=make.eligibility(of=user, role=role), at=NINE - HOUR)
    activation.cancel(make.act(by=user, at=NINE - HOUR), asked)
    granted = make.role(name=f"{name} of the shop", terms=EASY)
    make.activation(by=user, of=make.eligibility(of=user, role=granted), at=NINE - MINUTE)


def holders(admin: User, user: User, approver: User, name: str) -> None:
    """One person and one group more may activate the same role, have it, and approve it."""
    role = Role.objects.filter(name="Owner").first() or make.role(name="Owner", terms=EASY)
    for holder in (make.user(), make.group(members=(make.user(),))):
        make.eligibility(of=holder, role=role)
        make.assignment(of=holder, role=role)
    named = [one.user or one.group for one in role.policy.approvers.all()]
    make.change_terms(
        of=role,
        to=make.ActivationTerms(needs_approval=True),
        approvers=(*named, make.user(), make.group()),
        at=NINE - HOUR,
    )


def person(admin: User, user: User, approver: User, name: str) -> None:
    """One person more, in a group, with a manager and a device."""
    made = make.user()
    made.manager = admin
    made.save()
    make.group(members=(made,))


def emergencies(admin: User, user: User, approver: User, name: str) -> None:
    """One break-glass account more, whose sign-in waits for its note."""
    number = User.objects.filter(is_break_glass=True).count()
    make.emergency_use(of=make.break_glass(email=f"glass{number}@example.com"))


def resource(admin: User, user: User, approver: User, name: str) -> None:
    """One resource more, one deeper than the last, with a role that somebody may have and somebody has."""
    for name_of_place in ("Elsewhere", "Between"):
        make.resource(name=name_of_place, below=make.resource())
    last = Resource.objects.exclude(name="Elsewhere").order_by("-pk").first()
    role = make.role(name=f"Operator of {name}", on=make.resource(name=name, below=last))
    make.eligibility(of=make.user(), role=role)
    make.assignment(of=make.group(), role=role)
    for grant in (make.eligibility, make.assignment):
        grant(of=make.user(), role=make.role(name=name))


def team(admin: User, user: User, approver: User, name: str) -> None:
    """In one group: a member, a member and an owner for a time, an owner more; it holds and approves one role more."""
    group = Group.objects.filter(name="Team").first() or make.group(name="Team")
    groups.add_member(make.act(), group, make.user())
    groups.add_owner(make.act(), group, make.user())
    for kind in Role.Membership:
        somebody = make.user()
        make.activation(by=somebody, of=make.eligibility(of=somebody, role=make.membership_role(of=group, kind=kind)))
    make.assignment(of=group, role=make.role(name=name, approvers=(group,)))


def letters(admin: User, user: User, approver: User, name: str) -> None:
    """One email more was written."""
    make.email(to=make.user(is_demo=True))


def templates(admin: User, user: User, approver: User, name: str) -> None:
    """One template more, that names a person and a group more."""
    named = make.wanted(to=DEFAULTS, approvers=(make.user(), make.group()))
    make.template(of=named, by=admin)
    make.role(name=name)


def planned(admin: User, user: User, approver: User, name: str) -> None:
    """In one series: a person and a group more review, in each of two stages."""
    if not (found := Series.objects.first()):
        found = make.series(of=make.role(), plan=make.plan(stages=(StagePlan(Reviewers.SELF),) * 2))
    stages = [
        replace(stage, fallback=(*stage.fallback, *make.named(make.user(), make.group())))
        for stage in plan_of(found).stages
    ]
    series.change(make.act(), found, replace(plan_of(found), stages=tuple(stages)), stand=found.stand)


def applied(admin: User, user: User, approver: User, name: str) -> None:
    """One role more with approvers of its own, one template more."""
    role = make.role(name=name if Role.objects.filter(name="Owner").exists() else "Owner")
    make.change_settings(of=role, to=DEFAULTS, approvers=(make.user(), make.group()), at=NINE - HOUR)
    templates(admin, user, approver, f"{name} of the shop")


def reviewed(admin: User, user: User, approver: User, name: str) -> None:
    """One review more, of a role and of a group, waits for Alva."""
    role, crew = make.role(name=name), make.group(members=(user,))
    make.eligibility(of=user, role=role)
    for subject in (role, crew):
        make.review(of=subject, plan=make.plan(approver), at=NINE - HOUR)


def finished(admin: User, user: User, approver: User, name: str) -> None:
    """One review more that Alva answered is over."""
    role = make.role(name=name)
    make.eligibility(of=user, role=role)
    review = make.review(of=role, plan=make.plan(approver), at=NINE - HOUR)
    items = list(review.items.values_list("pk", flat=True))
    answers.answer(make.act(by=approver, at=NINE - MINUTE), review, items, Verdict.DENY, because="Left")
    Review.objects.filter(pk=review.pk).update(ends_at=NINE, closed_at=NINE)
    review.stages.update(closes_at=NINE)


def lines(admin: User, user: User, approver: User, name: str) -> None:
    """One person, answered twice, and one group more in a review that began anew."""
    role = Role.objects.filter(name="Owner").first() or make.role(name="Owner")
    for holder in (make.user(), make.group(members=(make.user(), make.user()))):
        make.eligibility(of=holder, role=role)
    Review.objects.update(deleted_at=NINE - HOUR)
    review = make.review(of=role, plan=make.plan(approver), at=NINE - HOUR)
    items = list(review.items.exclude(user=None).values_list("pk", flat=True))
    for verdict in (Verdict.DENY, Verdict.DONT_KNOW):
        answers.answer(make.act(by=approver, at=NINE - MINUTE), review, items, verdict, because="Left")


def looked_after(admin: User, user: User, approver: User, name: str) -> None:
    """One review more of the same role, that one person and one group more may activate, with answers and a reset."""
    role = Role.objects.filter(name="Owner").first() or make.role(name="Owner")
    for holder in (make.user(name=f"Anna {name}"), make.group(members=(make.user(),))):
        make.eligibility(of=holder, role=role)
    stage = make.plan(approver, admin, make.user(), make.group(), fallback=(make.user(),)).stages[0]
    plan = make.plan(stages=(stage, stage), recurrence=Recurrence.YEARLY)
    review = Review.objects.first() or make.review(of=role, plan=plan, by=admin, at=NINE - 3 * HOUR)
    if review.items.count() < Eligibility.objects.filter(role=role).count():
        review = make.review(of=role, plan=plan, by=admin, at=NINE - 3 * HOUR)
    first, *_rest = review.items.all()
    for by in (approver, admin):
        acts.answered(review, by=by, at=NINE - 2 * HOUR, **{first.name: "deny"})
    resetting.reset(make.act(by=admin, at=NINE - HOUR), review, because="Wrong list")
    acts.answered(review, by=approver, at=NINE - MINUTE, **{first.name: "deny"})


def occurred(admin: User, user: User, approver: User, name: str) -> None:
    """One review more of the same series."""
    series = Series.objects.first()
    if series is None:
        plan = make.plan(approver, recurrence=Recurrence.MONTHLY)
        series = make.series(of=make.role(name="Owner"), plan=plan, at=NINE - 100 * DAY)
    make.eligibility(of=make.user(), role=series.role)
    occurrences.begin(make.act(at=series.next_at), series.pk)


Setup = Callable[[User, User, User, str], None]

MATRIX = 13
"""How many queries the matrix of all roles costs."""

ALARMS = "pimportal_heartbeat"
"""The table that the one query more asks on each page of an administrator."""

LISTS: list[tuple[str, str, Setup, int]] = [
    ("user", "/", eligible, 16),
    ("user", "/", pending, 16),
    ("user", "/", active, 16),
    ("approver", "/", pending, 16),
    ("user", "/my-roles/", eligible, 16),
    ("user", "/my-roles/", pending, 20),
    ("user", "/my-roles/", approvable, 23),
    ("user", "/my-roles/", saved, 19),
    ("user", "/my-roles/basket/?every-pick", wanted, 25),
    ("user", "/my-roles/basket/outcome/", bought, 10),
    ("user", "/my-roles/?tab=active", active, 12),
    ("user", "/my-roles/?tab=expired", ended, 13),
    ("user", "/requests/", pending, 14),
    ("user", "/requests/", closed, 14),
    ("approver", "/approvals/", pending, 14),
    ("admin", "/roles/", holders, 13),
    ("admin", "/roles/?changed=yes", eligible, 11),
    ("admin", "/roles/owner/", holders, 19),
    ("admin", "/roles/owner/?tab=notification", holders, 23),
    ("admin", "/roles/owner/settings/", holders, 19),
    ("admin", "/roles/owner/settings/?tab=assignment", holders, 13),
    ("admin", "/roles/owner/settings/?tab=notification", holders, 21),
    ("admin", "/roles/owner/versions/", holders, 13),
    ("admin", "/roles/matrix/", applied, MATRIX),
    ("admin", "/roles/compare/", templates, 11),
    ("admin", "/roles/compare/?left=role-owner&right=defaults", holders, 15),
    ("admin", "/templates/", templates, 11),
    ("admin", "/templates/template/", templates, 13),
    ("admin", "/templates/template/apply/?every-role", applied, 16),
    ("admin", "/assignments/?tab=eligible", eligible, 13),
    ("admin", "/assignments/?tab=active", active, 13),
    ("admin", "/assignments/?tab=expired", ended, 13),
    ("admin", "/assignments/?member=person&time=bound&days=30&sort=-member&q=o", eligible, 13),
    ("admin", "/assignments/export/", eligible, 4),
    ("admin", "/assignments/export/?tab=active&how=activated", active, 4),
    ("admin", "/assignments/export/?tab=expired", ended, 5),
    ("admin", "/assignments/eligible/first/", activations, 11),
    ("admin", "/assignments/many/", eligible, 10),
    ("admin", "/assignments/add/", person, 14),
    ("admin", "/people/", person, 11),
    ("admin", "/groups/", person, 11),
    ("admin", "/break-glass/", emergencies, 12),
    ("admin", "/", emergencies, 19),
    ("admin", "/groups/", team, 11),
    ("admin", "/groups/team/", team, 23),
    ("admin", "/resources/", resource, 13),
    ("admin", "/resources/top/", resource, 17),
    ("admin", "/resources/leaf/move/", resource, 11),
    ("admin", "/resources/leaf/move/?parent=elsewhere", resource, 21),
    ("admin", "/reviews/add/", team, 12),
    ("admin", "/reviews/series/planned/", planned, 15),
    ("admin", "/history/", closed, 12),
    ("admin", "/history/?person_id=1&q=teams", closed, 23),
    ("user", "/my-history/", closed, 14),
    ("admin", "/history/who/?role=owner&moment=2026-11-23T08:30", holders, 20),
    ("admin", "/history/who/?person=user@example.com&moment=2026-11-23T08:59:30", active, 23),
    ("admin", "/emails/", letters, 11),
    ("admin", "/emails/?state=waiting&person=example&template=invitation", letters, 12),
    ("admin", "/digest/?week=2026-W48", active, 16),
    ("admin", "/digest/?week=2026-W48", holders, 18),
    ("admin", "/notifications/", person, 12),
    ("admin", "/mailbox/", letters, 13),
    ("approver", "/my-reviews/", reviewed, 12),
    ("approver", "/my-reviews/", finished, 10),
    ("approver", "/my-reviews/review/?show=all", lines, 19),
    ("approver", "/my-reviews/review/all/", lines, 15),
    ("approver", "/", reviewed, 18),
    ("admin", "/reviews/", looked_after, 14),
    ("admin", "/reviews/", occurred, 13),
    ("admin", "/reviews/?standing=running&text=check", looked_after, 14),
    ("admin", "/reviews/review/", looked_after, 30),
    ("admin", "/reviews/review/", occurred, 23),
    ("admin", "/reviews/review/results/", looked_after, 18),
    ("admin", "/reviews/review/results/?answer=deny&text=anna", looked_after, 18),
    ("admin", "/reviews/review/reviewers/", looked_after, 28),
    ("admin", "/reviews/review/settings/", looked_after, 15),
    ("admin", "/reviews/review/history/", looked_after, 13),
    ("admin", "/reviews/review/stop/", looked_after, 15),
    ("admin", "/reviews/coverage/", looked_after, 13),
    ("admin", "/reviews/series/monthly/reviews/", occurred, 16),
]


@pytest.fixture(autouse=True)
def worker(db):
    """One that works: about a silent one every page of an administrator asks once more."""
    beat({WORKER: NINE})


def queries(browser, path: str) -> int:
    """How many queries this page costs. Administrators are told of the worker on each by one more: see `ALARMS`."""
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(path)
        b"".join(response)
    assert response.status_code == 200
    asked = [query["sql"] for query in captured]
    assert sum(ALARMS in sql for sql in asked) <= 1
    return sum(ALARMS not in sql for sql in asked)


@pytest.mark.parametrize(("who", "path", "one_more", "count"), LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_three(admin, user, approver, who, path, one_more, count):
    people = {"admin": admin, "user": user, "approver": approver}
    one_more(**people, name=ROLES[0])
    browser = visit.by(people[who])
    with_one = queries(browser, address(path))

    for name in ROLES[1:]:
        one_more(**people, name=name)

    assert (with_one, queries(browser, address(path))) == (count, count)


def address(path: str) -> str:
    """The path with numbers instead of words."""
    about = {
        "owner": Role.objects.filter(name="Owner").first(),
        "first": Eligibility.objects.first(),
        "template": SettingsTemplate.objects.first(),
        "team": Group.objects.filter(name="Team").first(),
        "top": Resource.objects.filter(parent=None).first(),
        "leaf": Resource.objects.filter(children=None).exclude(name="Elsewhere").first(),
        "review": Review.objects.order_by("pk").last(),
        "planned": Series.objects.first(),
        "monthly": Series.objects.first(),
        "elsewhere": Resource.objects.filter(name="Elsewhere").first(),
    }
    path = path.replace("outcome", str(BASKET))
    for word, found in about.items():
        path = re.sub(rf"(?<=[/=-]){word}(?=[/&]|$)", str(found.pk), path) if found else path
    path = path.replace("every-pick", "&".join(f"pick={pk}" for pk in Eligibility.objects.values_list("pk", flat=True)))
    return path.replace("every-role", "&".join(f"role={pk}" for pk in Role.objects.values_list("pk", flat=True)))


def test_the_matrix_of_all_118_roles_costs_no_more_than_that_of_three(admin, approver):
    catalogue.load(make.act(at=make.THE_DAY_BEFORE))
    for role in Role.objects.order_by("?")[:40]:
        make.change_settings(of=role, to=DEFAULTS, approvers=(approver, make.group()), at=NINE - HOUR)

    assert queries(visit.by(admin), "/roles/matrix/") == MATRIX

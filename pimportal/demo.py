"""The demo organisation: people, groups, settings and assignments to try the portal with."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.act import Act
from accounts.models import Group, User
from accounts.operations import people
from kernel.period import DAY, HOUR
from kernel.refusal import Refusal, Refused
from reviews.operations import occurrences, series
from reviews.terms import Plan, Recurrence, Silence, StagePlan
from roles.models import Resource, Role
from roles.operations import catalogue, custom_roles, grants, groups, resources, settings
from roles.policy import GrantAsk
from roles.terms import DEFAULTS, ActivationTerms, ApprovalTerms, ApproverKind, Named, SecondFactor, Stage

PASSWORD = "correct-horse-battery"  # noqa: S105 - printed on purpose
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - printed on purpose
TOTP_KEY = "48656c6c6f21deadbeef48656c6c6f21deadbeef"


@dataclass(frozen=True)
class Somebody:
    """One demo person."""

    email: str
    name: str
    job_title: str
    what: str


PEOPLE = (
    Somebody("admin@example.com", "Ada Admin", "Identity engineer", "Global Administrator, active"),
    Somebody(
        "user@example.com",
        "John Doe",
        "Collaboration engineer",
        "eligible for Teams Administrator and five more",
    ),
    Somebody(
        "approver@example.com", "Alva Approver", "Head of collaboration", "approves Teams Administrator; owns a group"
    ),
    Somebody("second.approver@example.com", "Ben Second", "Service manager", "approves Teams Administrator, too"),
    Somebody("auditor@example.com", "Cleo Auditor", "Internal audit", "Security Reader, active"),
    Somebody("stranger@example.com", "Sam Stranger", "Trainee", "nothing at all"),
)


@transaction.atomic
def seed(at: datetime) -> None:
    """Make the demo organisation. Refuses where there is anybody: no real database gets demo sign-ins."""
    if User.objects.exists():
        raise Refused(Refusal("people", "There are people in this database. The demo needs an empty one."))
    act = Act(None, at)
    catalogue.load(act)
    known = {person.email: _add(act, person) for person in PEOPLE}
    team = groups.make(act, name="Collaboration team", description="Looks after Teams, Exchange and groups")
    groups.add_member(act, team, known["user@example.com"])
    groups.add_member(act, team, known["second.approver@example.com"])
    _set_roles(act, known)
    _assign(act, known, team)
    _add_ticket_shop(act)
    _bring_crew_under_roles(act, known["user@example.com"])
    _review(act, team)


def _add(act: Act, person: Somebody) -> User:
    user = people.add(act, address=person.email, name=person.name, job_title=person.job_title, is_demo=True)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    TOTPDevice.objects.create(user=user, name="Demo authenticator", key=TOTP_KEY, confirmed=True)
    return user


def _set_roles(act: Act, known: dict[str, User]) -> None:
    approvers = (known["approver@example.com"], known["second.approver@example.com"])
    with_approval = ActivationTerms(needs_approval=True)
    _set(act, "Teams Administrator", with_approval, approvers)
    _set(
        act,
        "User Administrator",
        replace(with_approval, max_duration=4 * HOUR, needs_ticket=True),
        approvers[:1],
    )
    _set(act, "Exchange Administrator", ActivationTerms(max_duration=2 * HOUR, needs_ticket=True))
    _set(act, "Teams Reader", ActivationTerms(second_factor=SecondFactor.NONE, needs_justification=False))


def _set(act: Act, name: str, terms: ActivationTerms, approvers: tuple[User, ...] = ()) -> None:
    role = Role.objects.get(name=name)
    stage = Stage(tuple(sorted(Named(ApproverKind.USER, user.email) for user in approvers)))
    wanted = replace(DEFAULTS, activation=terms, approval=ApprovalTerms(stages=(stage,)))
    settings.change(act, role, wanted, version=role.policy.version)


def _assign(act: Act, known: dict[str, User], team: Group) -> None:
    user = known["user@example.com"]
    for name, days in (("Teams Administrator", 30), ("Teams Reader", 180), ("User Administrator", 10)):
        _make_eligible(act, name, user, days)
    _make_eligible(act, "Exchange Administrator", team, 180)
    _make_eligible(act, "Groups Administrator", team, 180)
    always = GrantAsk(start_at=act.at, end_at=None, justification="Demo organisation")
    grants.assign(act, Role.objects.get(name="Global Administrator"), always, to=known["admin@example.com"])
    half_a_year = replace(always, end_at=act.at + 180 * DAY)
    grants.assign(act, Role.objects.get(name="Security Reader"), half_a_year, to=known["auditor@example.com"])


def _make_eligible(act: Act, name: str, to: User | Group, days: int) -> None:
    ask = GrantAsk(start_at=act.at, end_at=act.at + days * DAY, justification="Demo organisation")
    grants.make_eligible(act, Role.objects.get(name=name), ask, to=to)


def _add_ticket_shop(act: Act) -> None:
    """An application below the directory, with roles of its own."""
    directory = Resource.objects.get(parent=None)
    shop = resources.add(act, name="Ticket shop", kind=Resource.Kind.APPLICATION, parent=directory)
    custom_roles.add(act, shop, name="Ticket shop operator", description="Restarts it and reads its logs")
    custom_roles.add(act, shop, name="Ticket shop owner", description="Refunds money", is_privileged=True)


def _review(act: Act, team: Group) -> None:
    """One review that runs, and comes again every three months."""
    reviewer = Named(ApproverKind.USER, "admin@example.com")
    plan = Plan(
        name="Who is in the team?",
        description="Does everybody still work on Teams and Exchange?",
        stages=(StagePlan(chosen=(reviewer,)),),
        recurrence=Recurrence.QUARTERLY,
        if_silent=Silence.RECOMMENDED,
    )
    for planned in series.plan(act, [team], plan):
        occurrences.begin(act, planned.pk)


def _bring_crew_under_roles(act: Act, user: User) -> None:
    """A group nobody is in for good: its members activate that, and hold what it holds meanwhile."""
    crew = groups.make(act, name="Ticket shop crew", description="Runs the ticket shop at night")
    groups.bring_under_roles(act, crew)
    half_a_year = GrantAsk(start_at=act.at, end_at=act.at + 180 * DAY, justification="Demo organisation")
    grants.assign(act, Role.objects.get(name="Ticket shop operator"), half_a_year, to=crew)
    _make_eligible(act, "Member of Ticket shop crew", user, 180)

"""What tests begin with: people, roles and grants, made as the portal itself makes them.

Everything is made a day before `NINE` unless said otherwise, so that what a test does at nine stands alone in the
history and in the outbox; see `tests.seen`.
"""

import csv
import itertools
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.db import transaction
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.act import Act, Proof
from accounts.models import Absence, EmergencyUse, Group, OneTimeCode, User
from accounts.operations import codes, people, second_factor, sign_in
from kernel.period import DAY, HOUR
from notifications.models import Email
from notifications.operations import outbox
from requests_app.models import RenewalRequest, RoleRequest
from requests_app.operations import activation as asking
from requests_app.operations import extension as extending
from requests_app.operations import renewals
from requests_app.policy import ActivationAsk
from reviews.models import Review, Series
from reviews.operations import occurrences
from reviews.operations import series as planning
from reviews.terms import Plan, StagePlan
from roles.models import Assignment, Eligibility, Resource, Role, RolePolicy, SettingsTemplate
from roles.operations import absences, administrators, catalogue, custom_roles, grants, groups, resources, templates
from roles.operations import settings as role_settings
from roles.policy import GrantAsk, Kind
from roles.queries.giving import Wish
from roles.terms import (
    DEFAULTS,
    GROUP_DEFAULTS,
    MANAGER,
    ActivationTerms,
    ApprovalTerms,
    ApproverKind,
    GrantTerms,
    Named,
    Notices,
    SecondFactor,
    Settings,
    Stage,
)

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The moment at which tests act."""

THE_DAY_BEFORE = NINE - DAY
IN_30_DAYS = NINE + 30 * DAY
PASSWORD = "correct-horse-battery"
MICROSECOND = timedelta(microseconds=1)
EASY = ActivationTerms(second_factor=SecondFactor.NONE, needs_justification=False)
"""Terms that ask for nothing."""

_numbers = itertools.count(1)


def act(*, by: User | None = None, at: datetime = NINE, ip: str | None = "203.0.113.7", proven: bool = True) -> Act:
    """Somebody acts, with a second factor shown that very moment; the portal itself if nobody is named."""
    proof = Proof("totp", "Phone", at) if by and proven else None
    return Act(by, at, ip if by else None, proof)


# --- people


def user(
    *,
    name: str = "",
    email: str = "",
    job_title: str = "Engineer",
    time_zone: str = "UTC",
    is_demo: bool = False,
) -> User:
    """A person who can sign in with `PASSWORD`, and holds nothing."""
    number = next(_numbers)
    made = people.add(
        act(at=THE_DAY_BEFORE),
        address=email or f"person{number}@example.com",
        name=name or f"Person {number}",
        job_title=job_title,
        is_demo=is_demo,
    )
    made.set_password(PASSWORD)
    made.time_zone = time_zone
    made.save(update_fields=["password", "time_zone"])
    return made


def group(*, name: str = "", members: tuple[User, ...] = (), owners: tuple[User, ...] = ()) -> Group:
    """A group with these members and owners."""
    made = groups.make(act(at=THE_DAY_BEFORE), name=name or f"Group {next(_numbers)}")
    for member in members:
        groups.add_member(act(at=THE_DAY_BEFORE), made, member)
    for owner in owners:
        groups.add_owner(act(at=THE_DAY_BEFORE), made, owner)
    return made


def membership_role(
    *, of: Group, kind: Role.Membership = Role.Membership.MEMBER, terms: ActivationTerms | None = None
) -> Role:
    """Member, or Owner, of a group that is managed with roles; activated like this, asking for nothing if unsaid."""
    if not Resource.objects.filter(group=of).exists():
        groups.bring_under_roles(act(at=THE_DAY_BEFORE), of)
    made = Role.objects.get(resource__group=of, membership=kind)
    change_settings(of=made, to=replace(GROUP_DEFAULTS, activation=terms or EASY), at=THE_DAY_BEFORE)
    return Role.objects.select_related("policy", "resource").get(pk=made.pk)


def invitation(*, by: User | None = None, address: str = "new@example.com", at: datetime = NINE) -> tuple[User, str]:
    """Somebody invited, and the secret of their link."""
    return people.invite(act(by=by, at=at), address=address, name="Nora New")


def permit(*, of: User, at: datetime = NINE) -> OneTimeCode:
    """An enrolment code of this person, as it is kept."""
    made, _secret = codes.issue(act(at=at), of, purpose=OneTimeCode.Purpose.ENROLMENT)
    return made


def device(*, of: User, name: str = "Phone") -> TOTPDevice:
    """An authenticator app, confirmed with the code before the current one, so that the current one is unused.

    Devices go by the machine's clock: see `clock_at`.
    """
    now = datetime.fromtimestamp(time.time(), tz=UTC)
    with time_machine.travel(now, tick=False):
        asks = act(by=of, at=now)
        proposed = second_factor.propose(asks, name=name)
        second_factor.add(asks, proposed, code=code(proposed, steps=-1), name=name, permit=permit(of=of, at=now))
    return TOTPDevice.objects.get(pk=proposed.pk)


def code(of: TOTPDevice, *, at: datetime | None = None, steps: int = 0) -> str:
    """What the authenticator shows now, or so many steps of 30 seconds later."""
    totp = TOTP(of.bin_key, of.step, of.t0, of.digits, of.drift)
    totp.time = (at.timestamp() if at else time.time()) + steps * of.step
    return f"{totp.token():06d}"


def wrong_code(of: TOTPDevice) -> str:
    """A code that is not shown now, nor just before, nor soon."""
    right = {code(of, steps=steps) for steps in range(-3, 4)}
    return next(guess for guess in (f"{digit}" * 6 for digit in range(8)) if guess not in right)


def clock_at(moment: datetime = NINE) -> Any:
    """The machine's clock, standing still; for what asks it: devices, tasks, backends."""
    return time_machine.travel(moment, tick=False)


# --- roles


@cache
def _built_in() -> dict[str, dict[str, str]]:
    with catalogue.BUILT_IN.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def resource(*, name: str = catalogue.DIRECTORY, below: Resource | None = None) -> Resource:
    """The directory, or an application below something."""
    known = Resource.objects.filter(name=name).first()
    if known:
        return known
    kind = Resource.Kind.APPLICATION if below else Resource.Kind.DIRECTORY
    return resources.add(act(at=THE_DAY_BEFORE), name=name, kind=kind, parent=below)


def role(
    *,
    name: str = "Teams Administrator",
    terms: ActivationTerms | None = None,
    eligible: GrantTerms = DEFAULTS.eligible,
    active: GrantTerms = DEFAULTS.active,
    approvers: tuple[User | Group, ...] = (),
    approval: ApprovalTerms = DEFAULTS.approval,
    notices: Notices = DEFAULTS.notices,
    on: Resource | None = None,
    at: datetime = THE_DAY_BEFORE,
) -> Role:
    """A built-in role, or one of one's own, set like this. Saying who approves makes approval necessary."""
    made = _role(name, on or resource())
    activation = terms or DEFAULTS.activation
    if approvers or approval != DEFAULTS.approval:
        activation = replace(activation, needs_approval=True)
    change_settings(
        of=made,
        to=Settings(activation, approval, eligible, active, notices),
        approvers=approvers,
        at=at,
    )
    return Role.objects.select_related("policy", "resource").get(pk=made.pk)


def _role(name: str, on: Resource) -> Role:
    if not Role.objects.filter(name=name, resource=on).exists():
        if name in _built_in():
            catalogue._add(on, _built_in()[name])
        else:
            custom_roles.add(act(at=THE_DAY_BEFORE), on, name=name)
    return Role.objects.get(name=name, resource=on)


def policies(roles: list[Role]) -> None:
    """Settings for roles that were made in bulk: the defaults."""
    made = [RolePolicy(role=role) for role in roles]
    for policy in made:
        policy.take(DEFAULTS)
    RolePolicy.objects.bulk_create(made)


def named(*approvers: User | Group) -> tuple[Named, ...]:
    """These people and groups as settings name them."""
    return tuple(
        sorted(
            Named(ApproverKind.USER, one.email) if isinstance(one, User) else Named(ApproverKind.GROUP, one.name)
            for one in approvers
        )
    )


def stage(*approvers: User | Group, quorum: int = 1, manager: bool = False) -> Stage:
    """One round of approval by these, and by the manager of whoever asks."""
    return Stage(tuple(sorted((*named(*approvers), *((MANAGER,) if manager else ())))), quorum)


def stages(*rounds: Stage, escalation: tuple[User | Group, ...] = (), **terms: Any) -> ApprovalTerms:
    """Approval in these stages; where escalation is named, it comes after an hour."""
    after = HOUR if escalation else None
    return ApprovalTerms(rounds, escalation=named(*escalation), **{"escalation_after": after, **terms})


def wanted(*, to: Settings, approvers: tuple[User | Group, ...] = ()) -> Settings:
    """These settings, with these approvers in the first stage, if any are named."""
    if not approvers:
        return to
    first = replace(to.approval.stages[0], approvers=named(*approvers))
    return replace(to, approval=replace(to.approval, stages=(first, *to.approval.stages[1:])))


def change_settings(
    *,
    of: Role,
    to: Settings,
    by: User | None = None,
    approvers: tuple[User | Group, ...] = (),
    at: datetime = NINE,
) -> list[dict[str, str]]:
    """The role is set like this from now on."""
    version = RolePolicy.objects.get(role=of).version
    return role_settings.change(act(by=by, at=at), of, wanted(to=to, approvers=approvers), version=version)


def change_terms(
    *, of: Role, to: ActivationTerms, approvers: tuple[User | Group, ...] = (), at: datetime = NINE
) -> None:
    """What it takes to activate the role, from now on."""
    change_settings(of=of, to=replace(DEFAULTS, activation=to), approvers=approvers, at=at)


def template(
    *,
    name: str = "",
    of: Settings = DEFAULTS,
    description: str = "",
    by: User | None = None,
    at: datetime = THE_DAY_BEFORE,
) -> SettingsTemplate:
    """These settings, kept under a name."""
    return templates.save(act(by=by, at=at), of, name=name or f"Template {next(_numbers)}", description=description)


def replace_template(
    template: SettingsTemplate, *, of: Settings, by: User | None = None, at: datetime = THE_DAY_BEFORE
) -> SettingsTemplate:
    """The template holds these settings from now on."""
    looked_at = templates.Seen(template.pk, template.version)
    return templates.save(act(by=by, at=at), of, name=template.name, replaces=looked_at)


def eligibility(
    *,
    of: User | Group,
    role: Role | None = None,
    terms: ActivationTerms | None = None,
    approvers: tuple[User | Group, ...] = (),
    start_at: datetime = THE_DAY_BEFORE,
    end_at: datetime | None = IN_30_DAYS,
    at: datetime | None = None,
    on: Resource | None = None,
) -> Eligibility:
    """Somebody may activate a role; one with these terms and approvers, if none is named."""
    act_at = at or min(start_at, NINE)
    ask = GrantAsk(start_at=start_at, end_at=end_at, justification="Project Falcon")
    return grants.make_eligible(act(at=act_at), role or _make_role(terms, approvers), ask, to=of, on=on)


def assignment(
    *,
    of: User | Group,
    role: Role | None = None,
    start_at: datetime = THE_DAY_BEFORE,
    end_at: datetime | None = IN_30_DAYS,
    at: datetime | None = None,
    on: Resource | None = None,
) -> Assignment:
    """Somebody has a role without activating it."""
    act_at = at or min(start_at, NINE)
    ask = GrantAsk(start_at=start_at, end_at=end_at, justification="Project Falcon")
    return grants.assign(act(at=act_at), role or _make_role(None, ()), ask, to=of, on=on)


def wish(
    *,
    to: User | Group,
    role: Role | None = None,
    on: Resource | None = None,
    kind: Kind = Kind.ELIGIBLE,
    start_at: datetime = NINE,
    end_at: datetime | None = IN_30_DAYS,
) -> Wish:
    """Something to be given at nine."""
    wanted_role = role or _make_role(None, ())
    return Wish(wanted_role, to, on or wanted_role.resource, kind, GrantAsk(start_at, end_at, "Project Falcon"))


def _make_role(terms: ActivationTerms | None, approvers: tuple[User | Group, ...]) -> Role:
    return role(terms=terms, approvers=approvers)


def administrator(*, name: str = "Ada Admin", email: str = "admin@example.com") -> User:
    """An active Global Administrator."""
    made = user(name=name, email=email)
    assignment(of=made, role=_role("Global Administrator", resource()), end_at=None)
    return made


def absence(
    *,
    of: User,
    deputy: User,
    start_at: datetime = NINE,
    end_at: datetime | None = None,
    by: User | None = None,
    at: datetime | None = None,
) -> Absence:
    """Somebody is away, for ten days if unsaid, and the deputy decides in their place."""
    act_at = at or min(start_at, NINE)
    until = end_at or start_at + 10 * DAY
    return absences.announce(act(by=by or of, at=act_at), of, deputy=deputy, start_at=start_at, end_at=until)


def break_glass(*, name: str = "Glass One", email: str = "glass@example.com") -> User:
    """An account for emergencies, whose password and second factor are in the safe."""
    made, _secret = administrators.make(act(at=THE_DAY_BEFORE), address=email, name=name, is_break_glass=True)
    made.set_password(PASSWORD)
    made.save(update_fields=["password"])
    return made


def emergency_use(*, of: User, at: datetime = NINE) -> EmergencyUse:
    """A break-glass account has signed in."""
    sign_in.succeeded(act(by=of, at=at, proven=False))
    return EmergencyUse.objects.get(user=of, signed_in_at=at)


def member(*, of: Group, who: User, end_at: datetime | None = IN_30_DAYS) -> Assignment:
    """Somebody is in a group for a time, or for good, as active Member of it."""
    role = membership_role(of=of)
    change_settings(of=role, to=DEFAULTS, at=THE_DAY_BEFORE)
    return assignment(of=who, role=role, end_at=end_at)


# --- requests


def ask(
    *,
    duration: timedelta = HOUR,
    start_at: datetime | None = None,
    justification: str = "Mailbox migration",
    ticket_number: str = "",
    ticket_system: str = "",
) -> ActivationAsk:
    """What somebody asks for: an hour, now."""
    return ActivationAsk(duration, start_at, justification, ticket_number, ticket_system)


def role_request(
    *,
    by: User,
    for_: Eligibility | None = None,
    approvers: tuple[User | Group, ...] = (),
    approval: ApprovalTerms = DEFAULTS.approval,
    asking_for: ActivationAsk | None = None,
    at: datetime = NINE,
    form_key: UUID | None = None,
    on: Resource | None = None,
) -> RoleRequest:
    """Somebody asks to activate; for an eligibility of their own, if none is named."""
    eligible = for_ or eligibility(of=by, role=role(approvers=approvers, approval=approval))
    return asking.submit(act(by=by, at=at), eligible, asking_for or ask(), form_key=form_key or uuid4(), on=on)


def activation(
    *,
    by: User,
    of: Eligibility | None = None,
    duration: timedelta = HOUR,
    start_at: datetime | None = None,
    at: datetime = NINE,
) -> Assignment:
    """Somebody has activated a role that nobody has to approve."""
    granted = role_request(by=by, for_=of, asking_for=ask(duration=duration, start_at=start_at), at=at)
    assert granted.assignment is not None, "this role needs approval"
    return Assignment.objects.get(pk=granted.assignment.pk)


def renewal(
    *,
    of: Eligibility | Assignment,
    by: User,
    end_at: datetime | None = NINE + 90 * DAY,
    justification: str = "The project goes on",
    at: datetime = NINE,
    form_key: UUID | None = None,
) -> RenewalRequest:
    """Somebody asks to keep what was assigned to them."""
    wanted_end = GrantAsk(at, end_at, justification)
    return renewals.ask(act(by=by, at=at), of, wanted_end, form_key=form_key or uuid4())


def extension(
    *, of: Assignment, duration: timedelta = 2 * HOUR, at: datetime = NINE, form_key: UUID | None = None
) -> RoleRequest:
    """The holder of an activation asks for it to end so long from now."""
    asks = act(by=of.user, at=at)
    return extending.extend(asks, of, ask(duration=duration), form_key=form_key or uuid4())


# --- emails


def letter(*, template: str = "invitation", key: str = "letter:1", path: str = "/", **facts: Any) -> outbox.Letter:
    """Something to be written."""
    return outbox.Letter(
        template=template, key=key, facts=facts or {"inviter_name": "Ada", "expires_at": NINE}, path=path
    )


def email(*, to: User, at: datetime = NINE, letter: outbox.Letter | None = None) -> Email:
    """A promise to write to somebody."""
    promised = letter or _letter()
    with transaction.atomic():
        outbox.post(promised, to=to, why="you asked for it", at=at)
    return Email.objects.get(key=f"{promised.key}:{to.pk}")


def _letter() -> outbox.Letter:
    return letter(key=f"letter:{next(_numbers)}")


# --- access reviews


def plan(
    *reviewers: User | Group, fallback: tuple[User | Group, ...] = (), stages: tuple[StagePlan, ...] = (), **terms: Any
) -> Plan:
    """A review by these people for 14 days, unless stages are given; its name is "Quarterly check"."""
    rounds = stages or (StagePlan(chosen=named(*reviewers), fallback=named(*fallback)),)
    return Plan(**{"name": "Quarterly check", "stages": rounds, **terms})


def series(*, of: Role | Group, plan: Plan, by: User | None = None, at: datetime = NINE) -> Series:
    """A series of reviews that was set up."""
    return planning.plan(act(by=by, at=at), [of], plan)[0]


def review(*, of: Role | Group, plan: Plan, by: User | None = None, at: datetime = NINE) -> Review:
    """The first review of a new series, begun that moment."""
    begun = occurrences.begin(act(at=at), series(of=of, plan=plan, by=by, at=at).pk)
    assert begun is not None
    return begun

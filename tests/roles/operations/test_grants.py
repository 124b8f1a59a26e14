"""Assigning roles, eligible or active, and taking them back."""

from dataclasses import replace

import pytest

from accounts.operations import people
from kernel.period import DAY, HOUR, MINUTE
from kernel.refusal import Refused
from notifications.models import Email
from roles.models import Assignment, Eligibility, Resource, Role
from roles.operations import grants
from roles.policy import GrantAsk, Kind
from roles.queries.access import access
from roles.terms import GrantTerms
from tests import make, seen
from tests.make import IN_30_DAYS, MICROSECOND, NINE, THE_DAY_BEFORE

pytestmark = pytest.mark.postgres

STRICT = GrantTerms(permanent_allowed=False, max_duration=30 * DAY)
ASK = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Project Falcon")
FOREVER = replace(ASK, end_at=None)
FOREVER_THEN = replace(FOREVER, start_at=THE_DAY_BEFORE)
BOTH = pytest.mark.parametrize(
    ("give", "model", "kind"),
    [(grants.make_eligible, Eligibility, "eligible"), (grants.assign, Assignment, "active")],
)


def refused(give, act, role, ask, *, to):
    """Why this cannot be given; nothing may be left behind."""
    before = Eligibility.objects.count(), Assignment.objects.count()
    with pytest.raises(Refused) as caught:
        give(act, role, ask, to=to)
    assert (Eligibility.objects.count(), Assignment.objects.count()) == before
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value


# --- given


@BOTH
def test_what_is_given_is_given_as_asked(give, model, kind, admin, user):
    role = make.role()

    grant = give(make.act(by=admin), role, ASK, to=user)

    kept = model.objects.get(pk=grant.pk)
    assert (kept.role, kept.scope, kept.user, kept.group) == (role, role.resource, user, None)
    assert (kept.start_at, kept.end_at, kept.made_at) == (NINE, IN_30_DAYS, NINE)
    assert (kept.justification, kept.end_told_at) == ("Project Falcon", None)


@pytest.mark.parametrize(
    ("give", "kind"), [(grants.make_eligible, "eligibility.assigned"), (grants.assign, "assignment.made")]
)
def test_history_tells_who_gave_what_to_whom_until_when_and_why(give, kind, admin, user):
    role = make.role()

    give(make.act(by=admin), role, ASK, to=user)

    (entry,) = seen.entries()
    assert (entry.kind, entry.actor_id, entry.person_id, entry.role_id) == (kind, admin.pk, user.pk, role.pk)
    assert (entry.scope_name, entry.because) == ("Directory", "Project Falcon")
    assert entry.facts == {"start_at": "2026-11-23T09:00:00Z", "end_at": "2026-12-23T09:00:00Z"}


@BOTH
def test_the_assignee_and_the_administrators_are_written_to(give, model, kind, admin, user, stranger):
    give(make.act(by=admin), make.role(), ASK, to=user)

    assert seen.emails() == [("assigned", admin.email), ("assigned_to_you", user.email)]
    facts = Email.objects.get(template="assigned_to_you", promised_at=NINE).facts
    assert facts == {
        "person_name": "John Doe",
        "role_name": "Teams Administrator",
        "scope_name": "Directory",
        "start_at": "2026-11-23T09:00:00Z",
        "end_at": "2026-12-23T09:00:00Z",
        "group_name": "",
        "kind": kind,
        "actor_name": "Ada Admin",
        "justification": "Project Falcon",
    }


@BOTH
def test_an_administrator_who_is_the_assignee_is_written_to_once(give, model, kind, admin):
    give(make.act(by=admin), make.role(), ASK, to=admin)

    assert seen.emails() == [("assigned_to_you", admin.email)]


@BOTH
def test_every_member_of_a_group_is_written_to(give, model, kind, user, stranger):
    team = make.group(name="Collaboration team", members=(user, stranger))

    grant = give(make.act(), make.role(), ASK, to=team)

    assert (grant.user, grant.group) == (None, team)
    assert seen.emails() == [("assigned_to_you", stranger.email), ("assigned_to_you", user.email)]
    (entry,) = seen.entries()
    assert (entry.person_id, entry.person_name) == (None, "Collaboration team")


def test_an_assigned_role_is_active_in_its_period(user):
    role = make.role()

    grants.assign(make.act(), role, ASK, to=user)

    assert access(user, role, at=NINE).until == IN_30_DAYS


def test_an_eligible_role_is_not_active(user):
    role = make.role()

    grants.make_eligible(make.act(), role, FOREVER, to=user)

    assert access(user, role, at=NINE) is None


def test_an_assignment_that_begins_later_needs_no_second_look(user):
    assignment = make.assignment(of=user, start_at=NINE + HOUR, at=NINE)

    assert assignment.start_told_at == NINE


# --- refused


@BOTH
def test_only_who_holds_the_power_gives_roles(give, model, kind, user, auditor):
    role = make.role()

    assert refused(give, make.act(by=user), role, ASK, to=user).codes == ("power",)
    assert refused(give, make.act(by=auditor), role, ASK, to=user).codes == ("power",)


@BOTH
def test_nobody_disabled_is_given_a_role(give, model, kind, user):
    people.disable(make.act(at=THE_DAY_BEFORE), user)
    user.refresh_from_db()

    assert refused(give, make.act(), make.role(), ASK, to=user).codes == ("disabled",)


@BOTH
def test_permanent_is_refused_where_it_is_not_allowed(give, model, kind, user):
    role = make.role(eligible=STRICT, active=STRICT)

    assert refused(give, make.act(), role, FOREVER, to=user).codes == ("permanent",)


@BOTH
def test_too_long_is_refused_where_permanent_is_not_allowed(give, model, kind, user):
    role = make.role(eligible=STRICT, active=STRICT)
    too_long = replace(ASK, end_at=IN_30_DAYS + MICROSECOND)

    assert refused(give, make.act(), role, too_long, to=user).codes == ("too_long",)
    assert give(make.act(), role, ASK, to=user).end_at == IN_30_DAYS


def test_eligible_and_active_have_terms_of_their_own(user):
    eligible_only = make.role(eligible=GrantTerms(), active=STRICT)

    assert refused(grants.assign, make.act(), eligible_only, FOREVER, to=user).codes == ("permanent",)
    assert grants.make_eligible(make.act(), eligible_only, FOREVER, to=user).end_at is None


@BOTH
def test_every_reason_is_told_at_once(give, model, kind, user, stranger):
    role = make.role(eligible=STRICT, active=STRICT)
    people.disable(make.act(at=THE_DAY_BEFORE), user)
    user.refresh_from_db()
    wrong = replace(ASK, start_at=NINE - DAY, end_at=None)

    codes = refused(give, make.act(by=stranger), role, wrong, to=user).codes

    assert codes == ("power", "disabled", "start_past", "permanent")


@BOTH
@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ((THE_DAY_BEFORE, IN_30_DAYS), (NINE, IN_30_DAYS)),
        ((THE_DAY_BEFORE, None), (NINE, IN_30_DAYS)),
        ((THE_DAY_BEFORE, None), (NINE, None)),
        ((NINE, NINE + DAY), (NINE, NINE + DAY)),
    ],
)
def test_what_somebody_holds_for_all_of_that_time_is_not_given_again(give, model, kind, held, asked, user):
    role = make.role()
    give(make.act(at=THE_DAY_BEFORE), role, GrantAsk(held[0], held[1], "Falcon"), to=user)

    assert refused(give, make.act(), role, GrantAsk(asked[0], asked[1], "Falcon"), to=user).codes == ("exists",)


@BOTH
@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ((THE_DAY_BEFORE, IN_30_DAYS), (NINE, IN_30_DAYS + MICROSECOND)),
        ((THE_DAY_BEFORE, IN_30_DAYS), (NINE, None)),
        ((NINE + MICROSECOND, IN_30_DAYS), (NINE, IN_30_DAYS)),
        ((THE_DAY_BEFORE, NINE), (NINE, IN_30_DAYS)),
    ],
)
def test_what_adds_some_time_is_given(give, model, kind, held, asked, user):
    role = make.role()
    give(make.act(at=THE_DAY_BEFORE), role, GrantAsk(held[0], held[1], "Falcon"), to=user)

    give(make.act(), role, GrantAsk(asked[0], asked[1], "Falcon"), to=user)

    assert model.objects.filter(role=role).count() == 2


@BOTH
def test_what_a_group_or_somebody_else_holds_does_not_count(give, model, kind, user, stranger):
    role = make.role()
    give(make.act(at=THE_DAY_BEFORE), role, GrantAsk(THE_DAY_BEFORE, None, "Falcon"), to=make.group(members=(user,)))
    give(make.act(at=THE_DAY_BEFORE), role, GrantAsk(THE_DAY_BEFORE, None, "Falcon"), to=stranger)

    assert give(make.act(), role, ASK, to=user).holder == user


# --- where


def test_a_role_is_given_on_something_below_its_resource(user):
    role, payroll = make.role(), make.resource(name="Payroll", below=make.resource())

    eligibility = grants.make_eligible(make.act(), role, ASK, to=user, on=payroll)
    assignment = grants.assign(make.act(), role, ASK, to=user, on=payroll)

    assert (eligibility.scope, assignment.scope) == (payroll, payroll)
    assert [entry.scope_name for entry in seen.entries()] == ["Payroll", "Payroll"]
    assert (access(user, role, at=NINE), access(user, role, at=NINE, on=payroll).until) == (None, IN_30_DAYS)


@BOTH
def test_a_role_is_not_given_on_something_else(give, model, kind, user):
    role = make.role(on=make.resource(name="Payroll", below=make.resource()), name="Owner")

    with pytest.raises(Refused) as caught:
        give(make.act(), role, ASK, to=user, on=make.resource())

    assert caught.value.codes == ("scope",)
    assert str(caught.value) == "Owner belongs to Payroll: choose that, or something below it."


@BOTH
def test_what_is_held_above_is_held_below_and_not_the_other_way_round(give, model, kind, user, stranger):
    role, payroll = make.role(), make.resource(name="Payroll", below=make.resource())
    give(make.act(at=THE_DAY_BEFORE), role, FOREVER_THEN, to=user)
    give(make.act(at=THE_DAY_BEFORE), role, FOREVER_THEN, to=stranger, on=payroll)

    with pytest.raises(Refused) as caught:
        give(make.act(), role, ASK, to=user, on=payroll)
    give(make.act(), role, ASK, to=stranger)

    assert caught.value.codes == ("exists",)
    assert model.objects.filter(user=stranger).count() == 2


# --- retired roles, and groups in groups


@BOTH
def test_a_retired_role_is_given_to_nobody(give, model, kind, user):
    role = make.role()
    Role.objects.filter(pk=role.pk).update(retired_at=THE_DAY_BEFORE)

    reason = refused(give, make.act(), role, ASK, to=user)

    assert (reason.codes, str(reason)) == (("retired",), "Teams Administrator is retired. Choose another role.")


@pytest.fixture
def member(db):
    """Member of the night shift, a group that is a resource."""
    night = make.group(name="Night shift")
    resource = Resource.objects.create(
        name="Night shift", kind=Resource.Kind.GROUP, group=night, parent=make.resource()
    )
    role = make.role(name="Member", on=resource)
    Role.objects.filter(pk=role.pk).update(membership=Role.Membership.MEMBER)
    return Role.objects.select_related("policy", "resource").get(pk=role.pk)


def test_a_group_may_be_eligible_for_membership_but_not_active(member):
    team = make.group(name="Day shift")

    reason = refused(grants.assign, make.act(), member, ASK, to=team)

    assert (reason.codes, str(reason)) == (
        ("people_only",),
        "A group cannot be active as Member of Night shift. Choose people, or make it eligible.",
    )
    assert grants.make_eligible(make.act(), member, ASK, to=team).group == team


@BOTH
def test_a_group_is_never_in_itself(give, model, kind, member):
    reason = refused(give, make.act(), member, ASK, to=member.resource.group)

    assert (reason.codes, str(reason)) == (
        ("itself",),
        "Night shift cannot be Member of itself. Choose people, or another group.",
    )


@BOTH
def test_people_may_be_members(give, model, kind, member, user):
    assert give(make.act(), member, ASK, to=user).holder == user


def test_asking_why_not_writes_nothing(admin, user):
    role = make.role(eligible=STRICT)
    act = make.act(by=admin)

    found = [
        grants.refusals_of(act, role, ask, to=user, kind=kind)
        for ask, kind in ((FOREVER, Kind.ELIGIBLE), (FOREVER, Kind.ACTIVE))
    ]

    assert [[refusal.code for refusal in refusals] for refusals in found] == [["permanent"], []]
    assert (Eligibility.objects.count(), seen.events(), seen.emails()) == (0, [], [])


def test_an_activation_does_not_stand_in_the_way_of_an_assignment(user):
    role = make.role()
    make.activation(by=user, of=make.eligibility(of=user, role=role))

    short = GrantAsk(NINE + MINUTE, NINE + 30 * MINUTE, "Falcon")

    assert grants.assign(make.act(at=NINE + MINUTE), role, short, to=user).holder == user


def test_what_was_removed_can_be_given_again(user):
    role = make.role()
    grants.remove_eligibility(make.act(), make.eligibility(of=user, role=role), because="New job")

    assert make.eligibility(of=user, role=role, start_at=NINE, at=NINE).end_at == IN_30_DAYS


# --- taken back: eligible


def test_a_removed_eligibility_ends_at_once_and_history_keeps_its_old_end(admin, user):
    eligibility = make.eligibility(of=user)

    grants.remove_eligibility(make.act(by=admin), eligibility, because="New job")

    eligibility.refresh_from_db()
    assert (eligibility.end_at, eligibility.end_told_at) == (NINE, NINE)
    (entry,) = seen.entries()
    assert (entry.kind, entry.because, entry.actor_id) == ("eligibility.removed", "New job", admin.pk)
    assert (entry.person_id, entry.facts) == (user.pk, {"old_end_at": "2026-12-23T09:00:00Z"})
    assert seen.emails() == [("removed_from_you", user.email)]


def test_removing_a_permanent_eligibility_tells_that_it_had_no_end(user):
    grants.remove_eligibility(make.act(), make.eligibility(of=user, end_at=None), because="New job")

    assert seen.entry("eligibility.removed").facts == {"old_end_at": None}


def test_an_eligibility_that_has_not_begun_is_emptied(user):
    eligibility = make.eligibility(of=user, start_at=NINE + DAY, at=THE_DAY_BEFORE)

    grants.remove_eligibility(make.act(), eligibility, because="New job")

    eligibility.refresh_from_db()
    assert (eligibility.start_at, eligibility.end_at) == (NINE + DAY, NINE + DAY)
    assert not Eligibility.objects.in_force(NINE + DAY).exists()


def test_what_was_activated_from_it_ends_with_it(user):
    eligibility = make.eligibility(of=user)
    running = make.activation(by=user, of=eligibility, duration=4 * HOUR, at=NINE - HOUR)
    scheduled = make.activation(by=user, of=eligibility, start_at=NINE + 5 * HOUR, at=NINE - HOUR)

    grants.remove_eligibility(make.act(), eligibility, because="New job")

    running.refresh_from_db()
    scheduled.refresh_from_db()
    assert (running.end_at, running.end_told_at) == (NINE, NINE)
    assert (scheduled.start_at, scheduled.end_at) == (NINE + 5 * HOUR, NINE + 5 * HOUR)
    assert seen.events() == ["eligibility.removed", "role.activation_revoked", "role.activation_revoked"]
    assert seen.emails() == [("removed_from_you", user.email)] * 3
    assert access(user, eligibility.role, at=NINE) is None
    assert access(user, eligibility.role, at=NINE + 5 * HOUR) is None
    revoked = seen.entries()[1]
    assert (revoked.facts, revoked.because) == ({"old_end_at": "2026-11-23T12:00:00Z"}, "New job")


def test_an_activation_that_is_over_keeps_its_end(user):
    eligibility = make.eligibility(of=user)
    over = make.activation(by=user, of=eligibility, at=NINE - 2 * HOUR)

    grants.remove_eligibility(make.act(), eligibility, because="New job")

    over.refresh_from_db()
    assert (over.end_at, over.end_told_at) == (NINE - HOUR, None)


def test_other_eligibilities_and_their_activations_stay(user, stranger):
    role = make.role()
    gone = make.eligibility(of=user, role=role)
    make.activation(by=stranger, of=make.eligibility(of=stranger, role=role))

    grants.remove_eligibility(make.act(), gone, because="New job")

    assert access(stranger, role, at=NINE).until == NINE + HOUR


# --- taken back: active


def test_a_removed_assignment_ends_at_once_and_history_keeps_its_old_end(admin, user):
    assignment = make.assignment(of=user)

    grants.remove_assignment(make.act(by=admin), assignment, because="New job")

    assignment.refresh_from_db()
    assert (assignment.end_at, assignment.end_told_at) == (NINE, NINE)
    assert access(user, assignment.role, at=NINE) is None
    (entry,) = seen.entries()
    assert (entry.kind, entry.because) == ("assignment.removed", "New job")
    assert entry.facts == {"old_end_at": "2026-12-23T09:00:00Z"}
    assert seen.emails() == [("removed_from_you", user.email)]


def test_removing_a_permanent_assignment_ends_it(user):
    assignment = make.assignment(of=user, end_at=None)

    grants.remove_assignment(make.act(), assignment, because="New job")

    assert access(user, assignment.role, at=NINE) is None
    assert seen.entry("assignment.removed").facts == {"old_end_at": None}


def test_removing_an_activation_is_told_as_a_revocation(admin, user):
    activation = make.activation(by=user, at=NINE - 10 * MINUTE)

    grants.remove_assignment(make.act(by=admin), activation, because="Incident closed")

    entry = seen.entry("role.activation_revoked")
    assert (entry.at, entry.because, entry.request_id) == (NINE, "Incident closed", activation.request_number)
    assert entry.facts == {"old_end_at": "2026-11-23T09:50:00Z"}
    assert access(user, activation.role, at=NINE) is None


# --- not taken back


REMOVERS = pytest.mark.parametrize(
    ("remove", "give"),
    [(grants.remove_eligibility, make.eligibility), (grants.remove_assignment, make.assignment)],
)


def not_removed(remove, act, grant, *, because="New job"):
    """Why this cannot be removed; it has to be as it was."""
    before = type(grant).objects.values().get(pk=grant.pk)
    with pytest.raises(Refused) as caught:
        remove(act, grant, because=because)
    assert type(grant).objects.values().get(pk=grant.pk) == before
    assert (seen.events(at=act.at), seen.emails(at=act.at)) == ([], [])
    return caught.value.codes


@REMOVERS
def test_only_who_holds_the_power_takes_roles_back(remove, give, user, auditor):
    grant = give(of=user)

    assert not_removed(remove, make.act(by=user), grant) == ("power",)
    assert not_removed(remove, make.act(by=auditor), grant) == ("power",)


@REMOVERS
@pytest.mark.parametrize("because", ["", " \t"])
def test_taking_back_needs_a_reason(remove, give, because, user, admin):
    assert not_removed(remove, make.act(by=admin), give(of=user), because=because) == ("justification",)


@REMOVERS
@pytest.mark.parametrize("waited", [MICROSECOND, 5 * MINUTE - MICROSECOND])
def test_what_was_made_less_than_five_minutes_ago_stays(remove, give, waited, user, admin):
    grant = give(of=user, start_at=NINE, at=NINE)

    assert not_removed(remove, make.act(by=admin, at=NINE + waited), grant) == ("too_early",)


@REMOVERS
def test_after_five_minutes_it_can_be_taken_back(remove, give, user, admin):
    grant = give(of=user, start_at=NINE, at=NINE)

    remove(make.act(by=admin, at=NINE + 5 * MINUTE), grant, because="New job")

    grant.refresh_from_db()
    assert grant.end_at == NINE + 5 * MINUTE


@REMOVERS
def test_the_portal_itself_need_not_wait(remove, give, user):
    grant = give(of=user, start_at=NINE, at=NINE)

    remove(make.act(at=NINE + MINUTE), grant, because="Person left")

    grant.refresh_from_db()
    assert grant.end_at == NINE + MINUTE


@REMOVERS
@pytest.mark.parametrize("at", [NINE, NINE + DAY])
def test_what_is_over_cannot_be_taken_back(remove, give, at, user, admin):
    assert not_removed(remove, make.act(by=admin, at=at), give(of=user, end_at=NINE)) == ("over",)


@REMOVERS
def test_what_was_taken_back_cannot_be_taken_back_again(remove, give, user, admin):
    grant = give(of=user)
    stale = type(grant).objects.get(pk=grant.pk)
    remove(make.act(by=admin), grant, because="New job")

    assert not_removed(remove, make.act(by=admin, at=NINE + MINUTE), stale) == ("over",)


@REMOVERS
def test_what_was_taken_back_before_it_began_cannot_be_taken_back_again(remove, give, user, admin):
    grant = give(of=user, start_at=NINE + DAY, at=THE_DAY_BEFORE)
    remove(make.act(by=admin), grant, because="New job")

    assert not_removed(remove, make.act(by=admin, at=NINE + MINUTE), grant) == ("over",)


@REMOVERS
def test_every_reason_against_removing_is_told_at_once(remove, give, user, stranger):
    grant = give(of=user, start_at=NINE, end_at=NINE + 5 * MINUTE, at=NINE)
    before_it_is_over = make.act(by=stranger, at=NINE + MINUTE)

    assert not_removed(remove, before_it_is_over, grant, because="") == ("power", "too_early", "justification")

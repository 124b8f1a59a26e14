"""Naming approvers and making them eligible at the same moment."""

from functools import partial

from roles.models import Eligibility, RolePolicy
from roles.operations import grants, settings
from roles.policy import GrantAsk
from roles.terms import DEFAULTS, ActivationTerms, Settings
from tests import make, seen
from tests.make import IN_30_DAYS, NINE
from tests.races.together import at_once, done, refusals

ASK = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")
WITH_APPROVAL = Settings(activation=ActivationTerms(needs_approval=True))


def test_nobody_becomes_the_only_approver_and_eligible_at_once(approver):
    role = make.role()
    wanted = make.wanted(to=WITH_APPROVAL, approvers=(approver,))

    outcomes = at_once(
        partial(settings.change, make.act(), role, wanted, version=0),
        partial(grants.make_eligible, make.act(), role, ASK, to=approver),
    )

    assert (refusals(outcomes), len(done(outcomes))) == ([("last_approver",)], 1)
    is_set = RolePolicy.objects.get(role=role).settings() == wanted
    assert is_set != Eligibility.objects.exists()
    assert seen.events() == (["settings.changed"] if is_set else ["eligibility.assigned"])


def test_nobody_becomes_the_only_approver_and_eligible_through_a_group_at_once(user, approver):
    role = make.role()
    team = make.group(members=(user, approver))
    wanted = make.wanted(to=WITH_APPROVAL, approvers=(approver,))

    outcomes = at_once(
        partial(settings.change, make.act(), role, wanted, version=0),
        partial(grants.make_eligible, make.act(), role, ASK, to=team),
    )

    assert (refusals(outcomes), len(done(outcomes))) == ([("last_approver",)], 1)
    assert (RolePolicy.objects.get(role=role).settings() == DEFAULTS) == Eligibility.objects.exists()

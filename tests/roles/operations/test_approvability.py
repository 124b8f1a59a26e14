"""The last approver stays: whoever is eligible finds enough others to approve."""

from dataclasses import replace

import pytest

from accounts.models import User
from accounts.operations.people import disable
from kernel.period import DAY, HOUR
from kernel.refusal import Refused
from roles.models import Eligibility, RolePolicy
from roles.operations import grants, settings
from roles.policy import GrantAsk
from roles.terms import DEFAULTS, MANAGER, ActivationTerms, ApprovalTerms, GrantTerms, Settings, Stage
from tests import make, seen
from tests.make import IN_30_DAYS, NINE, THE_DAY_BEFORE

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WITH_APPROVAL = ActivationTerms(needs_approval=True)
ASK = GrantAsk(start_at=NINE, end_at=IN_30_DAYS, justification="Falcon")
NEVER = "Nobody approves their own request; disabled people and break-glass accounts never approve."


@pytest.fixture
def role():
    """A role that is activated without approval."""
    return make.role()


def stages(*each):
    """Settings with these stages: the approvers of each, and how many of them have to approve."""
    named = tuple(Stage(make.named(*people), quorum) for people, quorum in each)
    return Settings(activation=WITH_APPROVAL, approval=ApprovalTerms(stages=named))


def save(role, wanted):
    return settings.change(make.act(), role, wanted, version=RolePolicy.objects.get(role=role).version)


def refused(call, *args, **kwargs):
    """Why this is refused; nothing may have happened."""
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    assert seen.events() == []
    assert caught.value.codes == ("last_approver",)
    return caught.value.refusals[0]


# --- settings


@pytest.mark.parametrize("start_at", [THE_DAY_BEFORE, NINE + DAY])
def test_settings_under_which_only_the_one_who_asks_could_approve_are_refused(role, user, start_at):
    make.eligibility(of=user, role=role, start_at=start_at, at=THE_DAY_BEFORE)

    refusal = refused(save, role, stages(((user,), 1)))

    assert refusal.field == "approvers"
    assert refusal.sentence == f"Too few others could approve for John Doe. {NEVER} Name more approvers."


def test_settings_under_which_nobody_could_approve_are_refused(role, user):
    """Nobody is named, and no administrator is active."""
    make.eligibility(of=user, role=role)

    refused(save, role, stages(((), 1)))


def test_with_a_second_approver_the_same_is_saved(role, user, approver):
    make.eligibility(of=user, role=role)

    save(role, stages(((user, approver), 1)))

    assert seen.events() == ["settings.changed"]


def test_an_eligibility_that_is_over_asks_for_nobody(role, user):
    make.eligibility(of=user, role=role, end_at=NINE)

    save(role, stages(((user,), 1)))

    assert seen.events() == ["settings.changed"]


def test_whoever_is_eligible_for_another_role_is_no_concern(role, user):
    make.eligibility(of=user, role=make.role(name="Teams Reader"))

    save(role, stages(((user,), 1)))

    assert seen.events() == ["settings.changed"]


def test_a_role_without_approval_needs_no_approver(role, user):
    make.eligibility(of=user, role=role)

    save(role, replace(stages(((user,), 1)), activation=ActivationTerms(max_duration=HOUR)))

    assert seen.events() == ["settings.changed"]


def test_those_eligible_through_a_group_count_too(role, user, approver):
    make.eligibility(of=make.group(members=(user, approver)), role=role)

    refusal = refused(save, role, stages(((user,), 1)))

    assert refusal.sentence.startswith("Too few others could approve for John Doe. ")


@pytest.mark.parametrize("lost", ["disabled", "break-glass"])
def test_who_is_disabled_or_kept_for_emergencies_is_no_approver(role, user, approver, lost):
    team = make.group(members=(approver,))
    make.eligibility(of=user, role=role)
    if lost == "disabled":
        disable(make.act(at=THE_DAY_BEFORE), approver)
    else:
        approver.is_break_glass = True
        approver.save()

    refused(save, role, stages(((team,), 1)))


def test_a_disabled_person_who_is_eligible_keeps_nobody_from_saving(role, user):
    make.eligibility(of=user, role=role)
    disable(make.act(at=THE_DAY_BEFORE), user)

    save(role, stages(((), 1)))

    assert seen.events() == ["settings.changed"]


def test_the_quorum_has_to_be_met_without_the_one_who_asks(role, user, approver, other_approver):
    make.eligibility(of=user, role=role)

    refused(save, role, stages(((user, approver), 2)))
    save(role, stages(((user, approver, other_approver), 2)))


def test_nobody_decides_in_both_stages(role, user, approver, other_approver):
    make.eligibility(of=user, role=role)

    refused(save, role, stages(((approver,), 1), ((approver,), 1)))
    refused(save, role, stages(((approver, other_approver), 1), ((approver, other_approver), 2)))
    save(role, stages(((approver,), 1), ((approver, other_approver), 1)))


def test_whoever_has_no_manager_is_not_approved_by_one(role, user, approver, stranger):
    managed = Settings(activation=WITH_APPROVAL, approval=ApprovalTerms(stages=(Stage((MANAGER,)),)))
    user.manager = approver
    user.save()
    make.eligibility(of=user, role=role)
    make.eligibility(of=stranger, role=role)

    refusal = refused(save, role, managed)
    stranger.manager = approver
    stranger.save()
    save(role, managed)

    assert refusal.sentence.startswith("Too few others could approve for Sam Stranger. ")


def test_the_refusal_names_the_first_few_and_counts_the_rest(role):
    people = [make.user(name=f"Person {letter}") for letter in "ABCDEFG"]
    make.eligibility(of=make.group(members=tuple(people)), role=role)

    refusal = refused(save, role, stages(((), 1)))

    assert refusal.sentence.startswith(
        "Too few others could approve for Person A, Person B, Person C, Person D, Person E and 2 more. "
    )


def test_administrators_approve_where_nobody_is_named_unless_they_ask_themselves(role, user, admin):
    make.eligibility(of=user, role=role)
    other = make.role(name="Teams Reader")
    make.eligibility(of=admin, role=other)

    refusal = refused(save, other, stages(((), 1)))
    save(role, stages(((), 1)))

    assert refusal.sentence.startswith("Too few others could approve for Ada Admin. ")


def test_settings_that_stay_as_they_are_are_not_asked_again(role, user):
    administrator = make.administrator()
    make.eligibility(of=user, role=role)
    save(role, stages(((), 1)))
    User.objects.filter(pk=administrator.pk).update(is_enabled=False)
    later = make.act(at=NINE + DAY)

    assert settings.change(later, role, stages(((), 1)), version=1) == []
    with pytest.raises(Refused):
        settings.change(later, role, replace(stages(((), 1)), eligible=GrantTerms(permanent_allowed=False)), version=1)


# --- checking


def test_checking_says_what_saving_would_and_saves_nothing(role, user, approver):
    make.eligibility(of=user, role=role)
    alone = stages(((user,), 1))

    assert [refusal.code for refusal in settings.check(make.act(), role, alone)] == ["last_approver"]
    assert [
        refusal.code
        for refusal in settings.check(
            make.act(), role, replace(alone, activation=ActivationTerms(max_duration=DAY * 2))
        )
    ] == ["max_duration"]
    assert settings.check(make.act(), role, stages(((approver,), 1))) == []
    assert (RolePolicy.objects.get(role=role).settings(), seen.events()) == (DEFAULTS, [])


# --- assigning


def test_the_only_approver_is_not_made_eligible(user, approver):
    role = make.role(terms=WITH_APPROVAL, approvers=(approver,))

    refusal = refused(grants.make_eligible, make.act(), role, ASK, to=approver)

    assert refusal.field == "holder"
    assert refusal.sentence == (
        f"Too few others could approve for Alva Approver. {NEVER} "
        "Name more approvers in the settings of the role first."
    )
    grants.make_eligible(make.act(), role, ASK, to=user)
    assert [eligibility.user for eligibility in Eligibility.objects.all()] == [user]


def test_no_group_with_the_only_approver_in_it_is_made_eligible(user, approver):
    role = make.role(terms=WITH_APPROVAL, approvers=(approver,))

    refused(grants.make_eligible, make.act(), role, ASK, to=make.group(members=(user, approver)))

    assert not Eligibility.objects.exists()


def test_whoever_could_be_approved_is_made_eligible_though_somebody_else_could_not(user, approver, stranger):
    role = make.role(terms=WITH_APPROVAL, approvers=(approver, stranger))
    make.eligibility(of=approver, role=role)
    disable(make.act(at=THE_DAY_BEFORE), stranger)

    grants.make_eligible(make.act(), role, ASK, to=user)

    assert seen.events() == ["eligibility.assigned"]


def test_a_role_without_approval_is_given_to_anybody(role, user):
    grants.make_eligible(make.act(), role, ASK, to=user)

    assert seen.events() == ["eligibility.assigned"]

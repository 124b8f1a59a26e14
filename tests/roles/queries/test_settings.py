"""What the pages about settings show."""

from dataclasses import replace

from accounts.operations import people
from roles.models import Role
from roles.queries import settings
from roles.terms import DEFAULTS, MANAGER, ApprovalTerms, ApproverKind, Named, Stage
from tests import make


def naming(*named, escalation=()):
    """Settings that name these approvers in the second stage."""
    return replace(DEFAULTS, approval=ApprovalTerms(stages=(Stage(), Stage(named)), escalation=escalation))


def test_who_is_named_and_here_is_not_missed(approver):
    team = make.group(name="Night shift")

    assert settings.unknown(naming(*make.named(approver, team), MANAGER)) == []


def test_who_is_named_in_any_stage_and_not_here_is_missed(db, django_assert_num_queries):
    nobody, team = Named(ApproverKind.USER, "nobody@example.com"), Named(ApproverKind.GROUP, "Night shift")

    with django_assert_num_queries(2):
        missed = settings.unknown(naming(team, escalation=(nobody,)))

    assert missed == ["Nobody here has the email nobody@example.com.", "No group here is called Night shift."]


def test_who_is_named_and_disabled_is_missed(approver):
    people.disable(make.act(), approver)

    assert settings.unknown(naming(*make.named(approver))) == ["Nobody here has the email approver@example.com."]


def test_where_nobody_is_named_nobody_is_looked_for(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert settings.unknown(DEFAULTS) == []


def test_roles_are_in_the_order_of_their_names_capital_or_not(db):
    for name in ("beta", "Alpha", "Gamma"):
        make.role(name=name)

    assert [role.name for role in settings.by_label(Role.objects.order_by("-name"))] == ["Alpha", "beta", "Gamma"]
    assert [role.name for role in settings.roles_to_choose("a", set())] == ["Alpha", "beta", "Gamma"]
    assert [name for _value, name in settings.sides()[2][1]] == ["Alpha", "beta", "Gamma"]
    rows = settings.preview(make.template(), settings.roles_in_use("").order_by("-name"))
    assert [row.label for row in rows] == ["Alpha", "beta", "Gamma"]

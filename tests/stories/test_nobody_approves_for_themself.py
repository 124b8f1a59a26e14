"""No one approves for themself, whichever way they try."""

import pytest

from requests_app.models import Decision, RoleRequest
from tests import make, visit
from tests.make import NINE

pytestmark = pytest.mark.usefixtures("at_nine", "db")

TERMS = make.ActivationTerms(needs_approval=True)
EARLIER = NINE - make.HOUR


def asked(by, *rounds, escalation=(), at=EARLIER):
    """Somebody asks for a role that is decided so."""
    role = make.role(approval=make.stages(*rounds, escalation=escalation)) if rounds else make.role(terms=TERMS)
    return make.role_request(by=by, for_=make.eligibility(of=by, role=role), at=at)


def managed_by(person, manager):
    person.manager = manager
    person.save(update_fields=["manager"])


def assert_cannot_decide(person, role_request):
    """Neither verb does anything, and the page has no buttons for it."""
    browser = visit.by(person)
    for verb in ("approve", "deny"):
        response = browser.post(f"/requests/{role_request.pk}/{verb}/", {"justification": "It is fine"})
        assert response.status_code in (400, 404, 409)
    page = browser.get(f"/requests/{role_request.pk}/")
    assert page.status_code == 404 or not {"Approve", "Deny"} & set(visit.buttons(page))
    assert Decision.objects.count() == 0
    assert RoleRequest.objects.get(pk=role_request.pk).status == "pending"


def test_not_when_named(user, approver):
    assert_cannot_decide(user, asked(user, make.stage(user, approver)))


def test_not_through_a_group(user, approver):
    assert_cannot_decide(user, asked(user, make.stage(make.group(members=(user, approver)))))


def test_not_as_their_own_manager(user, approver):
    managed_by(user, user)

    assert_cannot_decide(user, asked(user, make.stage(approver, manager=True)))


def test_not_in_the_second_stage(user, approver, other_approver):
    assert_cannot_decide(user, asked(user, make.stage(approver), make.stage(user, other_approver)))


def test_not_on_escalation(user, approver, other_approver):
    role_request = asked(user, make.stage(approver), escalation=(user, other_approver), at=NINE - 2 * make.HOUR)

    assert_cannot_decide(user, role_request)


def test_not_as_administrator_where_nobody_is_named(admin):
    make.administrator(name="Another", email="another@example.com")

    assert_cannot_decide(admin, asked(admin))


def test_not_as_the_deputy_of_an_approver(user, approver, other_approver):
    role_request = asked(user, make.stage(approver, other_approver))
    make.absence(of=approver, deputy=user)

    assert_cannot_decide(user, role_request)


def test_not_through_a_deputy_of_ones_own(user, approver, stranger):
    role_request = asked(user, make.stage(user, approver))
    make.absence(of=user, deputy=stranger)

    assert_cannot_decide(stranger, role_request)
    assert_cannot_decide(user, role_request)


def test_not_as_the_deputy_of_ones_manager(user, approver, other_approver):
    managed_by(user, approver)
    role_request = asked(user, make.stage(other_approver, manager=True))
    make.absence(of=approver, deputy=user)

    assert_cannot_decide(user, role_request)


def test_not_by_being_made_approver_after_asking(user, approver):
    role_request = asked(user, make.stage(approver))
    make.change_terms(of=role_request.role, to=TERMS, approvers=(user, approver), at=EARLIER)

    assert_cannot_decide(user, role_request)


def test_not_as_the_only_approver(user, approver):
    role = make.role(approvers=(user, approver))
    eligibility = make.eligibility(of=user, role=role)
    make.people.disable(make.act(at=make.THE_DAY_BEFORE), approver)

    response = visit.by(user).post(
        f"/my-roles/{eligibility.pk}/activate/",
        visit.typed(visit.by(user).get(f"/my-roles/{eligibility.pk}/activate/")) | {"justification": "On call"},
    )

    assert (response.status_code, RoleRequest.objects.count()) == (400, 0)
    assert visit.sentences(response) == [
        "Nobody else can approve this role now. Ask an administrator to name an approver."
    ]

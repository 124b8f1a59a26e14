"""Asking to activate several roles at once."""

from uuid import uuid4

import pytest

from kernel.period import HOUR, MINUTE
from kernel.refusal import Refused
from requests_app.lifecycle import Status
from requests_app.models import RoleRequest
from requests_app.operations import activation, baskets
from roles.operations import activation as ending
from roles.terms import ActivationTerms, SecondFactor
from tests import make
from tests.make import EASY, NINE

pytestmark = pytest.mark.postgres

FRESH = ActivationTerms(second_factor=SecondFactor.FRESH)


def line(user, name, *, terms=EASY, approvers=(), **asked):
    """One role more, to be activated for an hour."""
    eligibility = make.eligibility(of=user, role=make.role(name=name, terms=terms, approvers=approvers))
    return baskets.Line(eligibility, make.ask(**asked))


def test_each_line_has_an_outcome_of_its_own(user, approver):
    lines = [
        line(user, "Teams Administrator"),
        line(user, "User Administrator", approvers=(approver,)),
        line(user, "Teams Reader", duration=9 * HOUR),
    ]
    basket = uuid4()

    outcomes = baskets.send(make.act(by=user), lines, basket=basket)

    assert [one.role_request.status if one.role_request else one.refusals[0].code for one in outcomes] == [
        Status.GRANTED,
        Status.PENDING,
        "too_long",
    ]
    assert list(RoleRequest.objects.values_list("basket", flat=True)) == [basket] * 2


def test_a_basket_sent_again_gives_the_same_requests_even_after_their_end(user):
    lines, basket = [line(user, "Teams Administrator"), line(user, "Teams Reader")], uuid4()
    first = baskets.send(make.act(by=user), lines, basket=basket)
    ending.deactivate(make.act(by=user, at=NINE + 10 * MINUTE), first[0].role_request.assignment)

    second = baskets.send(make.act(by=user, at=NINE + 20 * MINUTE), lines, basket=basket)

    assert [one.role_request for one in second] == [one.role_request for one in first]
    assert RoleRequest.objects.count() == 2


def test_what_was_refused_can_be_corrected_and_sent_again(user):
    good, bad = line(user, "Teams Administrator"), line(user, "Teams Reader", duration=9 * HOUR)
    basket = uuid4()
    baskets.send(make.act(by=user), [good, bad], basket=basket)

    mended = baskets.Line(bad.eligibility, make.ask())
    outcomes = baskets.send(make.act(by=user), [good, mended], basket=basket)

    assert [one.refusals for one in outcomes] == [(), ()]
    assert RoleRequest.objects.count() == 2


def test_one_fresh_proof_counts_for_the_whole_basket_and_for_nothing_else(user):
    lines = [line(user, name, terms=FRESH) for name in ("Teams Administrator", "Teams Reader")]
    other = line(user, "User Administrator", terms=FRESH)
    act = make.act(by=user)

    outcomes = baskets.send(act, lines, basket=uuid4())

    assert [one.refusals for one in outcomes] == [(), ()]
    (late,) = baskets.send(act, [other], basket=uuid4())
    assert [refusal.code for refusal in late.refusals] == ["second_factor_spent"]
    with pytest.raises(Refused) as caught:
        activation.submit(act, other.eligibility, make.ask(), form_key=uuid4())
    assert caught.value.codes == ("second_factor_spent",)


def test_a_proof_spent_on_something_else_does_not_count_for_a_basket(user):
    act, single = make.act(by=user), line(user, "User Administrator", terms=FRESH)
    activation.submit(act, single.eligibility, make.ask(), form_key=uuid4())

    (outcome,) = baskets.send(act, [line(user, "Teams Reader", terms=FRESH)], basket=uuid4())

    assert [refusal.code for refusal in outcome.refusals] == ["second_factor_spent"]


def test_a_basket_is_what_was_picked_in_one_form(user):
    one, other = (line(user, name).eligibility for name in ("Teams Administrator", "Teams Reader"))
    form_key = uuid4()

    alone, both = baskets.basket_of(form_key, [one]), baskets.basket_of(form_key, [one, other])

    assert both == baskets.basket_of(form_key, [other, one])
    assert len({alone, both, baskets.basket_of(uuid4(), [one])}) == 3

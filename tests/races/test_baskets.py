"""The same basket sent several times at the same moment."""

from functools import partial
from uuid import uuid4

from requests_app.models import RoleRequest
from requests_app.operations import baskets, offers
from roles.models import Assignment
from tests import make
from tests.make import EASY
from tests.races.together import at_once


def test_the_same_basket_sent_four_times_at_once_is_one_request_per_line(user, approver):
    waits = make.role(name="User Administrator", terms=EASY, approvers=(approver,))
    roles = [make.role(terms=EASY), make.role(name="Teams Reader", terms=EASY), waits]
    lines = [baskets.Line(make.eligibility(of=user, role=role), make.ask()) for role in roles]
    basket = uuid4()

    answers = at_once(*[partial(baskets.send, make.act(by=user), lines, basket=basket) for _ in range(4)])

    numbers = [[outcome.role_request.pk for outcome in outcomes] for outcomes in answers]
    assert numbers == [numbers[0]] * 4
    assert (RoleRequest.objects.count(), Assignment.objects.exclude(activated_from=None).count()) == (3, 2)


def test_a_set_saved_twice_at_once_is_one_set(user):
    eligibility = make.eligibility(of=user)
    save = partial(offers.save_set, make.act(by=user), [eligibility], name="Mine")

    first, second = at_once(save, save)

    assert first == second
    assert first.lines.count() == 1


def test_a_favourite_marked_twice_at_once_is_one(user):
    eligibility = make.eligibility(of=user)
    mark = partial(offers.mark, make.act(by=user), eligibility, is_favourite=True)

    at_once(mark, mark)

    assert user.favourites.count() == 1

"""The roles somebody picked, as they stand in the address."""

from collections.abc import Iterable

from django.utils.http import urlencode

from accounts.act import PortalRequest
from requests_app.queries import offers
from roles.models import Eligibility

MOST_PICKS = 20


def picked(request: PortalRequest) -> list[Eligibility]:
    """My own eligibilities that were picked, ended ones as well; whatever else is named is passed over."""
    typed = dict.fromkeys(request.GET.getlist("pick"))
    numbers = [int(one) for one in typed if one.isascii() and one.isdigit() and len(one) <= offers.LONGEST_NUMBER]
    return offers.picked(request.user, numbers[:MOST_PICKS], at=request.act.at)


def query(eligibilities: Iterable[Eligibility]) -> str:
    """The picks of an address."""
    return urlencode([("pick", one.pk) for one in eligibilities])

"""Tables of requests and decisions, of requests to keep what one has, and of what one likes to activate."""

from requests_app.models.offers import Favourite, RoleSet, RoleSetLine
from requests_app.models.renewals import RenewalRequest, RenewalRequestQuerySet
from requests_app.models.requests import Decision, Question, RoleRequest, RoleRequestQuerySet

__all__ = [
    "Decision",
    "Favourite",
    "Question",
    "RenewalRequest",
    "RenewalRequestQuerySet",
    "RoleRequest",
    "RoleRequestQuerySet",
    "RoleSet",
    "RoleSetLine",
]

"""Ending everything one has activated."""

from accounts.act import Act
from kernel.refusal import Refusal, Refused
from requests_app.queries import lists
from roles.models import Assignment
from roles.operations import activation


def end_everything(act: Act) -> list[tuple[Assignment, list[Refusal]]]:
    """End each running activation of one's own, each for itself; returns of each why not, if it was refused."""
    return [(assignment, _end(act, assignment)) for assignment in lists.activated(act.person, at=act.at)]


def _end(act: Act, assignment: Assignment) -> list[Refusal]:
    try:
        activation.deactivate(act, assignment)
    except Refused as refused:
        return list(refused.refusals)
    return []

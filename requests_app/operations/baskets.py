"""Asking to activate several roles at once: each is a request of its own, and none stands in the way of another."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from accounts.act import Act
from kernel.refusal import Refusal, Refused
from requests_app.models import RoleRequest
from requests_app.operations import activation, waiting
from requests_app.policy import ActivationAsk
from roles.models import Eligibility, Resource


@dataclass(frozen=True)
class Line:
    """One role of a basket: what is asked for, and where; None: where one is eligible."""

    eligibility: Eligibility
    ask: ActivationAsk
    on: Resource | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of a line: a request, or why there is none."""

    line: Line
    role_request: RoleRequest | None
    refusals: tuple[Refusal, ...] = ()


def send(act: Act, lines: Sequence[Line], *, basket: UUID) -> list[Outcome]:
    """Ask for each line in a transaction of its own. The same basket sent again gives the same requests, and asks
    anew only for what was refused."""
    return [_send(act, line, basket) for line in lines]


def basket_of(form_key: UUID, eligibilities: Sequence[Eligibility]) -> UUID:
    """What tells a basket from others: the form and all that was picked, so that nothing joins it later."""
    return uuid5(form_key, ",".join(sorted(str(one.pk) for one in eligibilities)))


def _send(act: Act, line: Line, basket: UUID) -> Outcome:
    form_key = uuid5(basket, str(line.eligibility.pk))
    if sent := RoleRequest.objects.filter(form_key=form_key, user=act.person).first():
        return Outcome(line, sent)
    try:
        asked = activation.submit(act, line.eligibility, line.ask, form_key=form_key, on=line.on, basket=basket)
    except Refused as refused:
        if "nobody" in refused.codes:
            waiting.tell_nobody_available(act, line.eligibility)
        return Outcome(line, None, refused.refusals)
    return Outcome(line, asked)

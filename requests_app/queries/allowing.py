"""What may come of a request: what was asked for, narrowed by each decision so far. Never widened."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from kernel.period import in_words
from kernel.refusal import Refusal
from requests_app.models import Decision, RoleRequest
from requests_app.policy import ActivationAsk, assess_allowance
from roles.models import Resource
from roles.queries import access


@dataclass(frozen=True)
class Allowance:
    """What whoever approves allows of what was asked for; None: as it stands so far."""

    duration: timedelta | None = None
    start_at: datetime | None = None
    scope: Resource | None = None


@dataclass(frozen=True)
class Allowed:
    """What is left of what was asked for."""

    ask: ActivationAsk
    scope: Resource

    def narrowed(self, by: Allowance | Decision) -> "Allowed":
        """With what a decision allows of it."""
        given = (
            by if isinstance(by, Allowance) else Allowance(by.allowed_duration, by.allowed_start_at, by.allowed_scope)
        )
        ask = replace(
            self.ask, duration=given.duration or self.ask.duration, start_at=given.start_at or self.ask.start_at
        )
        return Allowed(ask, given.scope or self.scope)


def ask_of(role_request: RoleRequest) -> ActivationAsk:
    """What was asked for."""
    return ActivationAsk(
        duration=role_request.duration,
        start_at=role_request.start_at,
        justification=role_request.justification,
        ticket_number=role_request.ticket_number,
        ticket_system=role_request.ticket_system,
    )


def allowed(role_request: RoleRequest) -> Allowed:
    """What was asked for, narrowed by every decision there is."""
    found = Allowed(ask_of(role_request), role_request.scope)
    for decision in role_request.decisions.select_related("allowed_scope"):
        found = found.narrowed(decision)
    return found


def too_much(role_request: RoleRequest, so_far: Allowed, allowing: Allowance, *, at: datetime) -> list[Refusal]:
    """Why this cannot be allowed: it is more than what was asked for, or than what was allowed before."""
    extends = role_request.extends_id is not None
    refusals = assess_allowance(allowing.duration, allowing.start_at, so_far.ask, extends=extends, at=at)
    if allowing.scope is None or allowing.scope == so_far.scope:
        return refusals
    if extends:
        sentence = "What runs already keeps its scope. Allow a shorter time, or deny it."
        return [*refusals, Refusal("allowed_scope", sentence, "scope")]
    if so_far.scope not in access.lineage(allowing.scope):
        sentence = f"Choose {so_far.scope}, or something below it: less can be allowed, never more."
        return [*refusals, Refusal("allowed_scope", sentence, "scope")]
    return refusals


def in_short(role_request: RoleRequest, found: Allowed) -> str:
    """What is allowed instead of what was asked for, in words; empty where it is all of it."""
    parts = []
    if found.ask.duration != role_request.duration:
        parts.append(f"{in_words(found.ask.duration)} instead of {in_words(role_request.duration)}")
    if found.ask.start_at and found.ask.start_at != role_request.start_at:
        local = timezone.localtime(found.ask.start_at)
        parts.append(f"not before {local.day} {local:%b %Y, %H:%M} {local.tzname()}")
    if found.scope != role_request.scope:
        parts.append(f"only {found.scope.name} instead of {role_request.scope.name}")
    return ", ".join(parts)

"""An act is a value: who, when, from where, how surely known."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from accounts.models import User


@dataclass(frozen=True)
class Proof:
    """A second factor somebody showed, and when."""

    method: str
    device: str
    at: datetime

    def is_fresh(self, at: datetime, within: timedelta) -> bool:
        """Whether it was shown no longer ago than the window; one from the future is not fresh."""
        return timedelta() <= at - self.at < within


@dataclass(frozen=True)
class Act:
    """Every operation takes it first. `actor` is None where the portal itself acts."""

    actor: User | None
    at: datetime
    ip: str | None = None
    proof: Proof | None = None

    @property
    def person(self) -> User:
        """The person who acts. Raises TypeError where the portal itself does."""
        if self.actor is None:
            raise TypeError("a person has to do this, not the portal itself")
        return self.actor

    @property
    def actor_name(self) -> str:
        """Who acts, in words."""
        return self.actor.name if self.actor else "the portal"


class PortalRequest(HttpRequest):
    """An HTTP request as our middleware leaves it, in a view that asks for sign-in."""

    act: Act
    user: User

"""What can be told of requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from audit.events import Event


@dataclass(frozen=True, kw_only=True)
class ActivationRequested(Event):
    kind: ClassVar[str] = "request.made"
    label: ClassVar[str] = "Activation requested"
    duration: str
    start_at: datetime | None
    decide_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class RequestApproved(Event):
    kind: ClassVar[str] = "request.approved"
    label: ClassVar[str] = "Request approved"
    # How many have approved in this stage with this one, and how many it needs.
    stage: int
    stages: int
    approvals: int
    quorum: int
    # What was allowed instead of what was asked for, in words; empty where it was all of it.
    allowed: str = ""
    # In whose stead, if a deputy did.
    deputy_for: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestDenied(Event):
    kind: ClassVar[str] = "request.denied"
    label: ClassVar[str] = "Request denied"
    deputy_for: str = ""


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event):
    kind: ClassVar[str] = "request.question_asked"
    label: ClassVar[str] = "Question asked"


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Event):
    kind: ClassVar[str] = "request.question_answered"
    label: ClassVar[str] = "Question answered"
    question: str


@dataclass(frozen=True, kw_only=True)
class RequestResent(Event):
    kind: ClassVar[str] = "request.resent"
    label: ClassVar[str] = "Approvers written to again"
    asked: list[str]


@dataclass(frozen=True, kw_only=True)
class RequestCancelled(Event):
    kind: ClassVar[str] = "request.cancelled"
    label: ClassVar[str] = "Request cancelled"


@dataclass(frozen=True, kw_only=True)
class RequestTimedOut(Event):
    kind: ClassVar[str] = "request.timed_out"
    label: ClassVar[str] = "Request not decided in time"


@dataclass(frozen=True, kw_only=True)
class RequestLapsed(Event):
    kind: ClassVar[str] = "request.lapsed"
    label: ClassVar[str] = "Request no longer possible"


@dataclass(frozen=True, kw_only=True)
class ApproversReminded(Event):
    kind: ClassVar[str] = "request.reminded"
    label: ClassVar[str] = "Approvers reminded"
    reminded: list[str]


@dataclass(frozen=True, kw_only=True)
class RequestEscalated(Event):
    kind: ClassVar[str] = "request.escalated"
    label: ClassVar[str] = "Request escalated"
    asked: list[str]


@dataclass(frozen=True, kw_only=True)
class RequestHandedOver(Event):
    kind: ClassVar[str] = "request.handed_over"
    label: ClassVar[str] = "Deputy asked to decide"
    deputy: str
    deputy_for: str


@dataclass(frozen=True, kw_only=True)
class RequestStranded(Event):
    kind: ClassVar[str] = "request.stranded"
    label: ClassVar[str] = "Nobody can decide the request"


@dataclass(frozen=True, kw_only=True)
class NobodyAvailable(Event):
    kind: ClassVar[str] = "request.nobody_available"
    label: ClassVar[str] = "Asked, but nobody could approve"


@dataclass(frozen=True, kw_only=True)
class RoleActivated(Event):
    kind: ClassVar[str] = "role.activated"
    label: ClassVar[str] = "Role activated"
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, kw_only=True)
class RenewalAsked(Event):
    kind: ClassVar[str] = "renewal.asked"
    label: ClassVar[str] = "Extension or renewal asked for"
    renewal: int
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RenewalGranted(Event):
    kind: ClassVar[str] = "renewal.granted"
    label: ClassVar[str] = "Extension or renewal granted"
    renewal: int
    given_kind: str
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RenewalDenied(Event):
    kind: ClassVar[str] = "renewal.denied"
    label: ClassVar[str] = "Extension or renewal denied"
    renewal: int


@dataclass(frozen=True, kw_only=True)
class RenewalCancelled(Event):
    kind: ClassVar[str] = "renewal.cancelled"
    label: ClassVar[str] = "Extension or renewal cancelled"
    renewal: int


@dataclass(frozen=True, kw_only=True)
class RenewalTimedOut(Event):
    kind: ClassVar[str] = "renewal.timed_out"
    label: ClassVar[str] = "Extension or renewal not decided in time"
    renewal: int


@dataclass(frozen=True, kw_only=True)
class RenewalLapsed(Event):
    kind: ClassVar[str] = "renewal.lapsed"
    label: ClassVar[str] = "Extension or renewal no longer possible"
    renewal: int


@dataclass(frozen=True, kw_only=True)
class RoleExtended(Event):
    kind: ClassVar[str] = "role.activation_extended"
    label: ClassVar[str] = "Activation extended"
    old_end_at: datetime | None
    end_at: datetime | None

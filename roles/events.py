"""What can be told of roles, their settings and who holds them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from audit.events import Event


@dataclass(frozen=True, kw_only=True)
class CatalogueLoaded(Event):
    kind: ClassVar[str] = "catalogue.loaded"
    label: ClassVar[str] = "Built-in roles loaded"
    count: int


@dataclass(frozen=True, kw_only=True)
class SettingsChanged(Event):
    kind: ClassVar[str] = "settings.changed"
    label: ClassVar[str] = "Role settings changed"
    version: int
    changes: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class EligibilityAssigned(Event):
    kind: ClassVar[str] = "eligibility.assigned"
    label: ClassVar[str] = "Made eligible"
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EligibilityRemoved(Event):
    kind: ClassVar[str] = "eligibility.removed"
    label: ClassVar[str] = "Eligibility removed"
    old_end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EligibilityEnded(Event):
    kind: ClassVar[str] = "eligibility.ended"
    label: ClassVar[str] = "Eligibility ended"
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class AssignmentMade(Event):
    kind: ClassVar[str] = "assignment.made"
    label: ClassVar[str] = "Assigned active"
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AssignmentRemoved(Event):
    kind: ClassVar[str] = "assignment.removed"
    label: ClassVar[str] = "Active assignment removed"
    old_end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AssignmentEnded(Event):
    kind: ClassVar[str] = "assignment.ended"
    label: ClassVar[str] = "Active assignment ended"
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class ActivationStarted(Event):
    kind: ClassVar[str] = "role.activation_started"
    label: ClassVar[str] = "Scheduled activation started"
    end_at: datetime


@dataclass(frozen=True, kw_only=True)
class ActivationEnded(Event):
    kind: ClassVar[str] = "role.activation_ended"
    label: ClassVar[str] = "Activation ended"
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class RoleDeactivated(Event):
    kind: ClassVar[str] = "role.deactivated"
    label: ClassVar[str] = "Role deactivated"
    old_end_at: datetime


@dataclass(frozen=True, kw_only=True)
class ActivationRevoked(Event):
    kind: ClassVar[str] = "role.activation_revoked"
    label: ClassVar[str] = "Activation revoked"
    old_end_at: datetime

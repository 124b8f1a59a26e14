"""What can be told of roles, their settings and who holds them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

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
class BreakGlassMade(Event):
    kind: ClassVar[str] = "break_glass.made"
    label: ClassVar[str] = "Break-glass account made"


@dataclass(frozen=True, kw_only=True)
class BreakGlassAlarmed(Event):
    kind: ClassVar[str] = "break_glass.alarmed"
    label: ClassVar[str] = "Administrators alarmed of a break-glass sign-in"
    signed_in_at: datetime


@dataclass(frozen=True, kw_only=True)
class BreakGlassNoted(Event):
    kind: ClassVar[str] = "break_glass.noted"
    label: ClassVar[str] = "Break-glass sign-in explained"
    signed_in_at: datetime
    purpose: str


@dataclass(frozen=True, kw_only=True)
class TemplateMade(Event):
    kind: ClassVar[str] = "template.made"
    label: ClassVar[str] = "Template of settings made"
    template: str


@dataclass(frozen=True, kw_only=True)
class TemplateReplaced(Event):
    kind: ClassVar[str] = "template.replaced"
    label: ClassVar[str] = "Template of settings replaced"
    template: str
    changes: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class TemplateRemoved(Event):
    kind: ClassVar[str] = "template.removed"
    label: ClassVar[str] = "Template of settings removed"
    template: str
    settings: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TemplateApplied(Event):
    kind: ClassVar[str] = "template.applied"
    label: ClassVar[str] = "Template of settings applied"
    template: str
    roles: list[str]


@dataclass(frozen=True, kw_only=True)
class EligibilityAssigned(Event):
    kind: ClassVar[str] = "eligibility.assigned"
    label: ClassVar[str] = "Made eligible"
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EligibilityUpdated(Event):
    kind: ClassVar[str] = "eligibility.updated"
    label: ClassVar[str] = "Eligibility changed"
    old_start_at: datetime
    old_end_at: datetime | None
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EligibilityConverted(Event):
    kind: ClassVar[str] = "eligibility.converted"
    label: ClassVar[str] = "Eligible made active"
    old_number: int
    old_end_at: datetime | None
    number: int
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
class AssignmentUpdated(Event):
    kind: ClassVar[str] = "assignment.updated"
    label: ClassVar[str] = "Active assignment changed"
    old_start_at: datetime
    old_end_at: datetime | None
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AssignmentConverted(Event):
    kind: ClassVar[str] = "assignment.converted"
    label: ClassVar[str] = "Active made eligible"
    old_number: int
    old_end_at: datetime | None
    number: int
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
class ActivationCalledOff(Event):
    kind: ClassVar[str] = "role.activation_called_off"
    label: ClassVar[str] = "Scheduled activation called off"
    start_at: datetime


@dataclass(frozen=True, kw_only=True)
class ActivationEnded(Event):
    kind: ClassVar[str] = "role.activation_ended"
    label: ClassVar[str] = "Activation ended"
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class ToldTooEarly(Event):
    """What comes at its time again is named; the other one is None."""

    kind: ClassVar[str] = "clock.put_right"
    label: ClassVar[str] = "Start or end told too early by a wrong clock"
    start_at: datetime | None
    end_at: datetime | None


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


@dataclass(frozen=True, kw_only=True)
class GroupBroughtUnderRoles(Event):
    kind: ClassVar[str] = "group.brought_under_roles"
    label: ClassVar[str] = "Group managed with roles"
    group: str


@dataclass(frozen=True, kw_only=True)
class ResourceAdded(Event):
    kind: ClassVar[str] = "resource.added"
    label: ClassVar[str] = "Resource added"
    below: str


@dataclass(frozen=True, kw_only=True)
class ResourceRenamed(Event):
    kind: ClassVar[str] = "resource.renamed"
    label: ClassVar[str] = "Resource renamed"
    old_name: str


@dataclass(frozen=True, kw_only=True)
class ResourceMoved(Event):
    kind: ClassVar[str] = "resource.moved"
    label: ClassVar[str] = "Resource moved"
    old_parent: str
    new_parent: str


@dataclass(frozen=True, kw_only=True)
class ResourceDeleted(Event):
    kind: ClassVar[str] = "resource.deleted"
    label: ClassVar[str] = "Resource deleted"


@dataclass(frozen=True, kw_only=True)
class RoleAdded(Event):
    kind: ClassVar[str] = "role.added"
    label: ClassVar[str] = "Role added"


@dataclass(frozen=True, kw_only=True)
class RoleEdited(Event):
    kind: ClassVar[str] = "role.edited"
    label: ClassVar[str] = "Role edited"
    changes: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class RoleRetired(Event):
    kind: ClassVar[str] = "role.retired"
    label: ClassVar[str] = "Role retired"


@dataclass(frozen=True, kw_only=True)
class RoleDeleted(Event):
    kind: ClassVar[str] = "role.deleted"
    label: ClassVar[str] = "Role deleted"


@dataclass(frozen=True, kw_only=True)
class ActivationShortened(Event):
    kind: ClassVar[str] = "role.activation_shortened"
    label: ClassVar[str] = "Activation shortened"
    old_end_at: datetime
    end_at: datetime


@dataclass(frozen=True, kw_only=True)
class EmailSentAgain(Event):
    kind: ClassVar[str] = "email.sent_again"
    label: ClassVar[str] = "Email sent again"
    email: str
    number: int
    copy: int | None


@dataclass(frozen=True, kw_only=True)
class EmailTested(Event):
    kind: ClassVar[str] = "email.tested"
    label: ClassVar[str] = "Test email asked for"

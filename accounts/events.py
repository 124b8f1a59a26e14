"""What can be told of people and how they sign in."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from audit.events import Event


@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    kind: ClassVar[str] = "person.signed_in"
    label: ClassVar[str] = "Signed in"


@dataclass(frozen=True, kw_only=True)
class SignInFailed(Event):
    kind: ClassVar[str] = "person.sign_in_failed"
    label: ClassVar[str] = "Sign-in failed"
    email: str


@dataclass(frozen=True, kw_only=True)
class SignInBlocked(Event):
    kind: ClassVar[str] = "person.sign_in_blocked"
    label: ClassVar[str] = "Sign-in blocked after wrong passwords"
    email: str


@dataclass(frozen=True, kw_only=True)
class SignedOut(Event):
    kind: ClassVar[str] = "person.signed_out"
    label: ClassVar[str] = "Signed out"


@dataclass(frozen=True, kw_only=True)
class SecondFactorShown(Event):
    kind: ClassVar[str] = "second_factor.shown"
    label: ClassVar[str] = "Second factor shown"


@dataclass(frozen=True, kw_only=True)
class SecondFactorRefused(Event):
    kind: ClassVar[str] = "second_factor.refused"
    label: ClassVar[str] = "Second factor refused"
    device: str


@dataclass(frozen=True, kw_only=True)
class DeviceAdded(Event):
    kind: ClassVar[str] = "second_factor.added"
    label: ClassVar[str] = "Second factor added"
    device: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(Event):
    kind: ClassVar[str] = "second_factor.recovery_codes_made"
    label: ClassVar[str] = "Recovery codes made"
    count: int


@dataclass(frozen=True, kw_only=True)
class PersonAdded(Event):
    kind: ClassVar[str] = "person.added"
    label: ClassVar[str] = "Person added"
    email: str


@dataclass(frozen=True, kw_only=True)
class PersonInvited(Event):
    kind: ClassVar[str] = "person.invited"
    label: ClassVar[str] = "Person invited"
    email: str


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Event):
    kind: ClassVar[str] = "person.invitation_accepted"
    label: ClassVar[str] = "Invitation accepted"


@dataclass(frozen=True, kw_only=True)
class EnrolmentCodeIssued(Event):
    kind: ClassVar[str] = "person.enrolment_code_issued"
    label: ClassVar[str] = "Enrolment code issued"


@dataclass(frozen=True, kw_only=True)
class EnrolmentCodeRefused(Event):
    kind: ClassVar[str] = "person.enrolment_code_refused"
    label: ClassVar[str] = "Enrolment code refused"


@dataclass(frozen=True, kw_only=True)
class PersonDisabled(Event):
    kind: ClassVar[str] = "person.disabled"
    label: ClassVar[str] = "Person disabled"


@dataclass(frozen=True, kw_only=True)
class PersonEnabled(Event):
    kind: ClassVar[str] = "person.enabled"
    label: ClassVar[str] = "Person enabled"


@dataclass(frozen=True, kw_only=True)
class EmailsChosen(Event):
    kind: ClassVar[str] = "person.emails_chosen"
    label: ClassVar[str] = "Emails chosen"
    old_pace: str
    pace: str
    wants_weekly_digest: bool


@dataclass(frozen=True, kw_only=True)
class AbsenceAnnounced(Event):
    kind: ClassVar[str] = "absence.announced"
    label: ClassVar[str] = "Absence announced"
    deputy: str
    start_at: datetime
    end_at: datetime


@dataclass(frozen=True, kw_only=True)
class AbsenceEnded(Event):
    kind: ClassVar[str] = "absence.ended"
    label: ClassVar[str] = "Absence ended early"
    deputy: str
    old_end_at: datetime


@dataclass(frozen=True, kw_only=True)
class GroupMade(Event):
    kind: ClassVar[str] = "group.made"
    label: ClassVar[str] = "Group made"
    group: str


@dataclass(frozen=True, kw_only=True)
class MemberAdded(Event):
    kind: ClassVar[str] = "group.member_added"
    label: ClassVar[str] = "Group member added"
    group: str


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(Event):
    kind: ClassVar[str] = "group.member_removed"
    label: ClassVar[str] = "Group member removed"
    group: str


@dataclass(frozen=True, kw_only=True)
class OwnerAdded(Event):
    kind: ClassVar[str] = "group.owner_added"
    label: ClassVar[str] = "Group owner added"
    group: str


@dataclass(frozen=True, kw_only=True)
class OwnerRemoved(Event):
    kind: ClassVar[str] = "group.owner_removed"
    label: ClassVar[str] = "Group owner removed"
    group: str


@dataclass(frozen=True, kw_only=True)
class GroupDeleted(Event):
    kind: ClassVar[str] = "group.deleted"
    label: ClassVar[str] = "Group deleted"
    group: str

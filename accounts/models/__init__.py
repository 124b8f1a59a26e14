"""People and groups, their absences, and what lets them in: one file per table. Django looks for them here."""

from accounts.models.absences import Absence
from accounts.models.codes import OneTimeCode
from accounts.models.emergencies import EmergencyUse
from accounts.models.groups import Group, Membership, Ownership
from accounts.models.people import User

__all__ = [
    "Absence",
    "EmergencyUse",
    "Group",
    "Membership",
    "OneTimeCode",
    "Ownership",
    "User",
]

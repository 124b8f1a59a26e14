"""Resources, roles, their settings, and who may have or has them: one file per table. Django looks for them here."""

from roles.models.digests import WeeklyDigest
from roles.models.grants import (
    Assignment,
    AssignmentQuerySet,
    Eligibility,
    EligibilityQuerySet,
    G,
    GrantQuerySet,
    displacing,
    joined,
)
from roles.models.resources import Resource, Role
from roles.models.settings import Approver, RolePolicy, SettingsTemplate, SettingsVersion

__all__ = [
    "Approver",
    "Assignment",
    "AssignmentQuerySet",
    "Eligibility",
    "EligibilityQuerySet",
    "G",
    "GrantQuerySet",
    "Resource",
    "Role",
    "RolePolicy",
    "SettingsTemplate",
    "SettingsVersion",
    "WeeklyDigest",
    "displacing",
    "joined",
]

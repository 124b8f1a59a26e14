"""What a role can allow in the portal itself: one closed vocabulary, `<thing>.<verb>`."""

from enum import StrEnum


class Power(StrEnum):
    """Answered through `user.has_perm(power)` from the assignments in force at that moment."""

    AUDIT_READ = "audit.read"
    # Comes with owning a group, not with a role.
    GROUPS_OWN = "groups.own"
    PEOPLE_MANAGE = "people.manage"
    REVIEWS_MANAGE = "reviews.manage"
    ROLES_MANAGE = "roles.manage"
    ROLES_READ = "roles.read"
    SETTINGS_MANAGE = "settings.manage"


EVERY_POWER = frozenset(Power) - {Power.GROUPS_OWN}
"""What a role can give."""

READING_POWERS = frozenset({Power.AUDIT_READ, Power.ROLES_READ})

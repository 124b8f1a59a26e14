"""Two questions that nearly every page asks, written in SQL.

Put together by the ORM they cost several times as much as answering them: each page would spend more on writing the
query than on all else. The text is fixed; moments and numbers are parameters.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from accounts.models import User

GROUPS_OF = """
    SELECT added.group_id
    FROM accounts_membership added
    JOIN accounts_user person ON person.id = added.user_id AND person.is_enabled
    WHERE added.user_id = %s
    UNION ALL
    SELECT place.group_id
    FROM roles_assignment active
    JOIN roles_role role ON role.id = active.role_id AND role.membership = 'member'
    JOIN roles_resource place ON place.id = role.resource_id AND place.id = active.scope_id
    JOIN accounts_user person ON person.id = active.user_id AND person.is_enabled
    LEFT JOIN roles_eligibility source ON source.id = active.activated_from_id
    WHERE active.user_id = %s
      AND active.start_at <= %s AND (active.end_at IS NULL OR active.end_at > %s)
      AND (active.activated_from_id IS NULL
           OR (source.start_at <= %s AND (source.end_at IS NULL OR source.end_at > %s)))
"""

# {grants} and {only} are names and conditions of ours: see `Grant.KEPT_IF`.
KEPT = """
    SELECT kept.id
    FROM {grants} kept
    JOIN roles_role role ON role.id = kept.role_id
    WHERE role.template_id IN ({templates})
      AND kept.removed_at IS NULL AND kept.end_at <= %s AND kept.end_at > kept.start_at {only}
      AND NOT EXISTS (
        SELECT 1
        FROM roles_assignment longer
        LEFT JOIN accounts_user person ON person.id = longer.user_id
        WHERE longer.role_id = kept.role_id AND longer.scope_id = role.resource_id
          AND longer.activated_from_id IS NULL AND longer.start_at <= %s
          AND (longer.end_at IS NULL OR (longer.end_at > kept.end_at AND longer.end_at > longer.start_at))
          AND (person.is_enabled OR EXISTS (
            SELECT 1
            FROM accounts_membership added
            JOIN accounts_user member ON member.id = added.user_id AND member.is_enabled
            WHERE added.group_id = longer.group_id)))
"""


def groups_of(user: User, at: datetime) -> RawSQL:
    """The groups an enabled person is in at that moment, added to them or active as their Member."""
    moment = _moment(at)
    return RawSQL(GROUPS_OF, [user.pk, user.pk, moment, moment, moment, moment])  # noqa: S611 - fixed text


def kept(grants: str, templates: tuple[str, ...], at: datetime, *, only: str = "") -> RawSQL:
    """The grants of a table that are past their end and stay: those of the last administrator."""
    text = KEPT.format(grants=grants, templates=", ".join(["%s"] * len(templates)), only=only)
    moment = _moment(at)
    return RawSQL(text, [*map(_number, templates), moment, moment])  # noqa: S611 - fixed text, names of ours


def _moment(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _number(template: str) -> Any:
    number = UUID(template)
    return number if connection.features.has_native_uuid_field else number.hex

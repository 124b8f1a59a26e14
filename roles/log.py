"""What the history is told about roles and grants."""

from accounts.models import User
from audit.events import About
from roles.models import Assignment, Eligibility, Resource, Role


def about_role(role: Role) -> About:
    """An event about a role as such."""
    return About(role_id=role.pk, role_name=role.name, scope_name=role.resource.name)


def about_resource(resource: Resource) -> About:
    """An event about a resource as such."""
    return About(scope_name=resource.name)


def about_grant(grant: Eligibility | Assignment) -> About:
    """An event about who holds a role."""
    holder = grant.holder
    return About(
        person_id=holder.pk if isinstance(holder, User) else None,
        person_name=holder.name,
        role_id=grant.role_id,
        role_name=grant.role.name,
        scope_name=grant.scope.name,
        request_id=grant.request_number if isinstance(grant, Assignment) else None,
    )

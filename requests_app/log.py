"""What the history is told about requests."""

from audit.events import About
from requests_app.models import RoleRequest


def about(role_request: RoleRequest) -> About:
    """An event about a request: whose, for which role, where."""
    return About(
        person_id=role_request.user_id,
        person_name=role_request.user.name,
        role_id=role_request.role_id,
        role_name=role_request.role.name,
        scope_name=role_request.scope.name,
        request_id=role_request.pk,
    )

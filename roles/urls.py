"""Pages about roles and assignments."""

from django.urls import path

from roles.views import assignments, roles

urlpatterns = [
    path("roles/", roles.roles, name="roles"),
    path("roles/<int:role_id>/", roles.role, name="role"),
    path("roles/<int:role_id>/settings/", roles.role_settings, name="role_settings"),
    path("assignments/", assignments.assignments, name="assignments"),
    path("assignments/add/", assignments.add_assignment, name="add_assignment"),
    path(
        "assignments/eligible/<int:grant_id>/remove/",
        assignments.remove_eligibility,
        name="remove_eligibility",
    ),
    path("assignments/active/<int:grant_id>/remove/", assignments.remove_assignment, name="remove_assignment"),
]

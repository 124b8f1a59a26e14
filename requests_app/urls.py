"""Pages where people ask and decide."""

from django.urls import path, re_path

from requests_app.views import activate, my_roles, requests

urlpatterns = [
    path("my-roles/", my_roles.my_roles, name="my_roles"),
    path("my-roles/<int:eligibility_id>/activate/", activate.activate, name="activate"),
    path("my-roles/active/<int:assignment_id>/deactivate/", my_roles.deactivate, name="deactivate"),
    path("requests/", requests.my_requests, name="my_requests"),
    path("requests/<int:request_id>/", requests.role_request, name="request"),
    re_path(r"^requests/(?P<request_id>\d+)/(?P<verb>approve|deny)/$", requests.decide, name="decide"),
    path("requests/<int:request_id>/cancel/", requests.cancel, name="cancel"),
    path("approvals/", requests.approvals, name="approvals"),
]

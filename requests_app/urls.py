"""Pages where people ask and decide."""

from django.urls import path, re_path

from requests_app.views import activate, approvals, end_everything, extend, my_requests, my_roles, request

urlpatterns = [
    path("my-roles/", my_roles.my_roles, name="my_roles"),
    path("my-roles/<int:eligibility_id>/activate/", activate.activate, name="activate"),
    path("my-roles/active/<int:assignment_id>/deactivate/", my_roles.deactivate, name="deactivate"),
    path("my-roles/active/<int:assignment_id>/extend/", extend.extend, name="extend"),
    path("my-roles/end-everything/", end_everything.end_everything, name="end_everything"),
    path("requests/", my_requests.my_requests, name="my_requests"),
    path("requests/<int:request_id>/", request.role_request, name="request"),
    re_path(r"^requests/(?P<request_id>\d+)/(?P<verb>approve|deny)/$", request.decide, name="decide"),
    path("requests/<int:request_id>/cancel/", request.cancel, name="cancel"),
    path("approvals/", approvals.approvals, name="approvals"),
]

"""Pages where people ask and decide."""

from django.urls import path, re_path

from requests_app.views import activate, approvals, my_requests, my_roles, request

urlpatterns = [
    path("my-roles/", my_roles.my_roles, name="my_roles"),
    path("my-roles/<int:eligibility_id>/activate/", activate.activate, name="activate"),
    path("my-roles/active/<int:assignment_id>/deactivate/", my_roles.deactivate, name="deactivate"),
    path("requests/", my_requests.my_requests, name="my_requests"),
    path("requests/<int:request_id>/", request.role_request, name="request"),
    re_path(r"^requests/(?P<request_id>\d+)/(?P<verb>approve|deny)/$", request.decide, name="decide"),
    path("requests/<int:request_id>/ask/", request.ask, name="ask"),
    path("requests/<int:request_id>/questions/<int:question_id>/", request.answer, name="answer"),
    path("requests/<int:request_id>/resend/", request.resend, name="resend"),
    path("requests/<int:request_id>/cancel/", request.cancel, name="cancel"),
    path("approvals/", approvals.approvals, name="approvals"),
    re_path(r"^approvals/(?P<verb>approve|deny)/$", approvals.decide_many, name="decide_many"),
]

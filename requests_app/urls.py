"""Pages where people ask and decide."""

from django.urls import path, re_path

from requests_app.views import (
    activate,
    approvals,
    basket,
    basket_outcome,
    end_everything,
    extend,
    favourites,
    my_requests,
    my_roles,
    renew,
    renewal,
    request,
    sets,
)

urlpatterns = [
    path("my-roles/", my_roles.my_roles, name="my_roles"),
    path("my-roles/<int:eligibility_id>/activate/", activate.activate, name="activate"),
    path("my-roles/<int:eligibility_id>/favourite/", favourites.favourite, name="favourite"),
    path("my-roles/basket/", basket.basket, name="basket"),
    path("my-roles/basket/<uuid:basket_id>/", basket_outcome.basket_outcome, name="basket_outcome"),
    path("my-roles/sets/save/", sets.save_set, name="save_set"),
    path("my-roles/sets/<int:set_id>/delete/", sets.delete_set, name="delete_set"),
    path("my-roles/active/<int:assignment_id>/deactivate/", my_roles.deactivate, name="deactivate"),
    path("my-roles/active/<int:assignment_id>/extend/", extend.extend, name="extend"),
    path("my-roles/end-everything/", end_everything.end_everything, name="end_everything"),
    path("requests/", my_requests.my_requests, name="my_requests"),
    path("requests/<int:request_id>/", request.role_request, name="request"),
    re_path(r"^requests/(?P<request_id>\d+)/(?P<verb>approve|deny)/$", request.decide, name="decide"),
    path("requests/<int:request_id>/ask/", request.ask, name="ask"),
    path("requests/<int:request_id>/questions/<int:question_id>/", request.answer, name="answer"),
    path("requests/<int:request_id>/resend/", request.resend, name="resend"),
    path("requests/<int:request_id>/cancel/", request.cancel, name="cancel"),
    path("my-roles/eligible/<int:grant_id>/renew/", renew.renew_eligibility, name="renew_eligibility"),
    path("my-roles/active/<int:grant_id>/renew/", renew.renew_assignment, name="renew_assignment"),
    path("renewals/<int:renewal_id>/", renewal.renewal, name="renewal"),
    path("renewals/<int:renewal_id>/grant/", renewal.grant_renewal, name="grant_renewal"),
    path("renewals/<int:renewal_id>/deny/", renewal.deny_renewal, name="deny_renewal"),
    path("renewals/<int:renewal_id>/cancel/", renewal.cancel_renewal, name="cancel_renewal"),
    path("approvals/", approvals.approvals, name="approvals"),
    re_path(r"^approvals/(?P<verb>approve|deny)/$", approvals.decide_many, name="decide_many"),
]

"""Pages about people and getting in."""

from django.urls import path

from accounts.views import add_device, invitation, people, security, sign_in, verify

urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("verify/", verify.verify, name="verify"),
    path("security/", security.security, name="security"),
    path("security/add-device/", add_device.add_device, name="add_device"),
    path("security/recovery-codes/", security.recovery_codes, name="recovery_codes"),
    path("invitation/<str:secret>/", invitation.accept_invitation, name="accept_invitation"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/enrolment-code/", people.issue_enrolment_code, name="issue_enrolment_code"),
]

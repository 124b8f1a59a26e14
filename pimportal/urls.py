"""Every address of the portal."""

from django.conf import settings
from django.urls import include, path

from pimportal.views import access_check, errors, health, home, mailbox, metrics, teams_admin_center

urlpatterns = [
    path("", home.home, name="home"),
    path("", include("accounts.urls")),
    path("", include("requests_app.urls")),
    path("", include("reviews.urls")),
    path("", include("roles.urls")),
    path("", include("audit.urls")),
    path("access/check/", access_check.access_check, name="access_check"),
    path("healthz/", health.healthz, name="healthz"),
    path("readyz/", health.readyz, name="readyz"),
    path("health/", health.health, name="health"),
    path("metrics/", metrics.metrics, name="metrics"),
]
if settings.DEMO:
    urlpatterns += [
        path("mailbox/", mailbox.mailbox, name="mailbox"),
        path("mailbox/<int:email_id>/", mailbox.email, name="mailbox_email"),
        path("mailbox/<int:email_id>/html/", mailbox.email_html, name="mailbox_html"),
        path("demo/teams-admin-center/", teams_admin_center.teams_admin_center, name="teams_admin_center"),
    ]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error

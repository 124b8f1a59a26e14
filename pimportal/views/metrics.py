"""Figures for Prometheus, to whom the settings allow it. No names of people."""

from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from accounts.middleware import client_ip
from pimportal import metrics as figures

TEXT = "text/plain; version=0.0.4; charset=utf-8"


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The portal's figures as Prometheus reads them. Whoever is not allowed finds nothing here."""
    if not (_has_token(request) or _comes_from_inside(request)):
        raise Http404
    return HttpResponse(figures.text(request.act.at), content_type=TEXT)  # type: ignore[attr-defined]


def _has_token(request: HttpRequest) -> bool:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and kind.lower() == "bearer" and constant_time_compare(token.strip(), wanted)


def _comes_from_inside(request: HttpRequest) -> bool:
    ip = client_ip(request)
    return ip is not None and any(ip_address(ip) in network for network in settings.METRICS_NETWORKS)

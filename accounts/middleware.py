"""Makes the act of each request, and keeps half-known people out of what has power."""

import ipaddress
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from accounts.act import Act, Proof
from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]

PROOF = "proof"
# Pages a person with powers reaches before showing a second factor in this session.
BEFORE_PROOF = frozenset({"verify", "sign_in", "sign_out", "add_device", "accept_invitation", "healthz", "readyz"})


def client_ip(request: HttpRequest) -> str | None:
    """The address of the person. Behind N proxies of our own, the Nth from the end of what they say."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    said = forwarded[-proxies] if 0 < proxies <= len(forwarded) else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(said.strip().split("%")[0]))
    except ValueError:
        return None


def proof_of(request: HttpRequest) -> Proof | None:
    """The second factor shown in this session, if any."""
    noted = request.session.get(PROOF)
    return Proof(noted["method"], noted["device"], datetime.fromisoformat(noted["at"])) if noted else None


def remember_proof(request: HttpRequest, proof: Proof) -> None:
    """Keep a shown second factor in the session, under a new session key."""
    request.session[PROOF] = {"method": proof.method, "device": proof.device, "at": proof.at.isoformat()}
    request.session.cycle_key()


class ActMiddleware:
    """Reads the clock, once, and shows times in the person's zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = request.user if isinstance(request.user, User) else None
        request.act = Act(  # type: ignore[attr-defined]
            actor, timezone.now(), client_ip(request), proof_of(request) if actor else None
        )
        with timezone.override(ZoneInfo(actor.time_zone) if actor else timezone.get_default_timezone()):
            return self.get_response(request)


class PowerNeedsProofMiddleware:
    """Whoever holds powers over the portal shows a second factor once in each session.

    A stolen password alone opens nothing that manages or reads others' access.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Lead to the step-up page, and back afterwards."""
        user = request.user
        if not isinstance(user, User) or request.act.proof:  # type: ignore[attr-defined]
            return None
        match = request.resolver_match
        if (match and match.url_name in BEFORE_PROOF) or not getattr(view, "login_required", True):
            return None
        if not user.get_all_permissions():
            return None
        target = request.get_full_path() if request.method != "POST" else "/"
        return redirect_to_login(target, resolve_url("verify"))

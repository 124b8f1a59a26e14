"""Makes the act of each request, and keeps half-known people out of what has power."""

import ipaddress
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils import timezone

from accounts.act import Act, Proof
from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
Page = Callable[..., HttpResponseBase]
View = TypeVar("View", bound=Page)

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


# --- what was typed, kept across signing in and the second factor

DRAFTS = "drafts of forms"
MOST_DRAFTS = 5
"""Forms of one session: of more, the oldest is forgotten."""
LONGEST_DRAFT = 50_000
"""Characters, as a browser sends them. Nobody has to be signed in for this, so it is not much."""


def keeps_typed(view: View) -> View:
    """Mark a view: what is sent to it while the session has ended stands in its form again after signing in."""
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


def keep_typed(request: HttpRequest) -> None:
    """Keep what was sent for when the page with this address is opened again."""
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    if len(text := typed.urlencode()) <= LONGEST_DRAFT:
        others = {path: kept for path, kept in request.session.get(DRAFTS, {}).items() if path != _here(request)}
        request.session[DRAFTS] = dict([*others.items(), (_here(request), text)][-MOST_DRAFTS:])


def kept_typed(request: HttpRequest) -> QueryDict | None:
    """What was sent to this page and could not be taken; None if nothing was."""
    text = request.session.get(DRAFTS, {}).get(_here(request))
    return None if text is None else QueryDict(text)


def forget_typed(request: HttpRequest) -> None:
    """It was taken."""
    if _here(request) in (drafts := request.session.get(DRAFTS, {})):
        request.session[DRAFTS] = {path: text for path, text in drafts.items() if path != _here(request)}


def _here(request: HttpRequest) -> str:
    return request.get_full_path()


def _is_to_keep(request: HttpRequest, view: object) -> bool:
    return request.method == "POST" and getattr(view, "keeps_typed", False)


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page but those marked asks for sign-in; some keep what was typed meanwhile."""

    def handle_no_permission(self, request: HttpRequest, view_func: Page) -> HttpResponseRedirect:
        """Lead to the page for signing in, and back."""
        if _is_to_keep(request, view_func):
            keep_typed(request)
        return super().handle_no_permission(request, view_func)


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
        if _is_to_keep(request, view):
            keep_typed(request)
            target = request.get_full_path()
        return redirect_to_login(target, resolve_url("verify"))

"""What was typed on a page, kept in the session across the step-up; and what was typed last, offered again."""

from typing import Any

from accounts.act import PortalRequest
from requests_app.queries import offers

DRAFTS = "drafts"
MOST_DRAFTS = 10
"""Pages of one session: of more, the oldest is forgotten."""


def keep(request: PortalRequest, *, of: str = "", typed: dict[str, Any] | None = None) -> None:
    """What was sent, for when the page with this address is opened again; this page, if none is named."""
    kept = request.session.get(DRAFTS, {})
    kept.pop(of or request.get_full_path(), None)
    kept[of or request.get_full_path()] = _as_typed(request) if typed is None else typed
    request.session[DRAFTS] = dict(list(kept.items())[-MOST_DRAFTS:])


def kept(request: PortalRequest) -> dict[str, Any]:
    """What was typed on this page before."""
    return dict(request.session.get(DRAFTS, {}).get(request.get_full_path(), {}))


def kept_or_last(request: PortalRequest) -> dict[str, Any]:
    """What was typed on this page before; else the reason and the ticket of the request named in the address."""
    if draft := kept(request):
        return draft
    last = offers.again(request.user, request.GET.get("again", ""))
    if last is None:
        return {}
    return {name: getattr(last, name) for name in ("justification", "ticket_number", "ticket_system")}


def drop(request: PortalRequest, *, of: str = "") -> None:
    """It was sent."""
    drafts = request.session.get(DRAFTS, {})
    if drafts.pop(of or request.get_full_path(), None) is not None:
        request.session[DRAFTS] = drafts


def _as_typed(request: PortalRequest) -> dict[str, Any]:
    return {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}

"""What was typed, kept in the session across the step-up, and what was typed last, offered again."""

from typing import Any

from accounts.act import PortalRequest
from requests_app.forms.typed import as_typed
from requests_app.queries import offers

DRAFT = "activation draft"


def keep(request: PortalRequest) -> None:
    """What was sent, for when this page is opened again."""
    request.session[DRAFT] = {"path": request.get_full_path(), "typed": as_typed(request.POST)}


def kept(request: PortalRequest) -> dict[str, Any]:
    """What was typed on this page before; else the reason and the ticket of the request named in the address."""
    draft = request.session.get(DRAFT)
    if draft and draft["path"] == request.get_full_path():
        return dict(draft["typed"])
    last = offers.again(request.user, request.GET.get("again", ""))
    if last is None:
        return {}
    return {name: getattr(last, name) for name in ("justification", "ticket_number", "ticket_system")}


def drop(request: PortalRequest) -> None:
    """It was sent."""
    request.session.pop(DRAFT, None)

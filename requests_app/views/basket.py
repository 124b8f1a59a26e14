"""Activating several roles at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from accounts.models import User
from accounts.views.security import to_verify
from kernel.refusal import Refusal
from requests_app.forms.basket import BasketForm, Pick
from requests_app.operations import baskets
from requests_app.queries import offers
from requests_app.queries.standing import foreseen_of_each, lacks_any_proof, stages_of
from requests_app.views import drafts, picks
from roles.models import Eligibility
from roles.queries import access

REFUSED = "refused basket"
"""In the session: what was refused of the basket sent last."""


@dataclass(frozen=True)
class Shown:
    """One line as the page shows it."""

    pick: Pick
    stages: list[tuple[int, list[User]]]
    gives: list[str]
    refusals: Sequence[Refusal]


@require_http_methods(["GET", "HEAD", "POST"])
def basket(request: PortalRequest) -> HttpResponse:
    """One form, one second factor, one press; then an outcome for each role."""
    chosen = _chosen(request)
    if not chosen:
        status = 400 if request.method == "POST" else 200
        return render(request, "requests_app/basket.html", {"lines": []}, status=status)
    form = BasketForm(request.POST or None, picks=chosen, at=request.act.at, initial=drafts.kept_or_last(request))
    is_valid = form.is_valid()
    if request.method == "POST" and _missing_proof(request, form):
        drafts.keep(request)
        return redirect(to_verify(request.get_full_path()))
    if not is_valid:
        return _show(request, form, {}, status=400 if form.errors else 200)
    basket_id = _basket_id(form.cleaned_data["form_key"], chosen)
    outcomes = baskets.send(request.act, form.lines(), basket=basket_id)
    refused = {one.line.eligibility.pk: one.refusals for one in outcomes if one.refusals}
    if len(refused) == len(outcomes):
        is_conflict = all(any(each.is_conflict for each in refusals) for refusals in refused.values())
        return _show(request, form, refused, status=409 if is_conflict else 400)
    _remember(request, basket_id, outcomes)
    return redirect("basket_outcome", basket_id)


def _chosen(request: PortalRequest) -> list[Pick]:
    picked = picks.picked(request)
    below = access.below_each({one.scope for one in picked}) if picked else {}
    return [Pick(one, [one.scope, *below[one.scope_id]]) for one in picked]


def _basket_id(form_key: UUID, chosen: Sequence[Pick]) -> UUID:
    return baskets.basket_of(form_key, [pick.eligibility for pick in chosen])


def _missing_proof(request: PortalRequest, form: BasketForm) -> bool:
    """Whether any role asks for a second factor that was not shown for this basket."""
    basket_id = _basket_id(form.key, form.picks) if form.key else None
    return lacks_any_proof([pick.terms for pick in form.picks], request.act, basket_id)


def _remember(request: PortalRequest, basket_id: UUID, outcomes: Sequence[baskets.Outcome]) -> None:
    """What was refused is in no table; what was typed is kept so that it can be corrected and sent again."""
    refused = [
        {
            "name": f"{one.line.eligibility.role} on {one.line.on or one.line.eligibility.scope}",
            "sentences": [refusal.sentence for refusal in one.refusals],
        }
        for one in outcomes
        if one.refusals
    ]
    drafts.drop(request)
    if refused:
        drafts.keep(request)
    request.session[REFUSED] = {"basket": str(basket_id), "lines": refused, "path": request.get_full_path()}


def _show(
    request: PortalRequest, form: BasketForm, refused: dict[int, tuple[Refusal, ...]], *, status: int
) -> HttpResponse:
    lines = _lines(request, form.picks, refused)
    page: dict[str, Any] = {
        "form": form,
        "lines": lines,
        "picks": picks.query(_eligibilities(form)),
        "missing_proof": _missing_proof(request, form),
        "verify_url": to_verify(request.get_full_path()),
        "nothing_left": all(line.refusals for line in lines) and not refused,
        "was_refused": bool(refused),
        "last": offers.last_typed(request.user, [one.role for one in _eligibilities(form)]),
    }
    return render(request, "requests_app/basket.html", page, status=status)


def _lines(request: PortalRequest, shown: Sequence[Pick], refused: dict[int, tuple[Refusal, ...]]) -> list[Shown]:
    act, wanted = request.act, [(pick.eligibility, pick.places) for pick in shown]
    eligibilities = [eligibility for eligibility, _places in wanted]
    stages, gives = stages_of(eligibilities, act.at), offers.gives_each(eligibilities, at=act.at)
    found = {**foreseen_of_each(act, wanted, stages), **refused}
    return [
        Shown(
            pick,
            [(panel.quorum, panel.for_(act.person)) for panel in stages[pick.eligibility.pk]],
            gives[pick.eligibility.pk],
            found[pick.eligibility.pk],
        )
        for pick in shown
    ]


def _eligibilities(form: BasketForm) -> list[Eligibility]:
    return [pick.eligibility for pick in form.picks]

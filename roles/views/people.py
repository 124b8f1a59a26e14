"""What an administrator does to a person and what they hold."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.act import PortalRequest
from accounts.models import User
from accounts.operations import people
from kernel.powers import Power
from kernel.refusal import Refused
from roles.operations import departures

manages_people = permission_required(Power.PEOPLE_MANAGE, raise_exception=True)

VERBS = {
    "disable": (departures.disable, "{} is disabled. Whatever they held has ended."),
    "enable": (people.enable, "{} is enabled."),
    "invite-again": (people.invite_again, "{} is invited again. The older link no longer works."),
}


@require_POST
@manages_people
def change_person(request: PortalRequest, user_id: int, verb: str) -> HttpResponse:
    """Disable, enable, or invite again."""
    found = get_object_or_404(User, pk=user_id)
    operation, sentence = VERBS[verb]
    try:
        operation(request.act, found)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence.format(found.name))
    return redirect("person", found.pk)

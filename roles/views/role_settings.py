"""The settings of a role: three tabs, each a form of its own."""

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused, refuse_if_any, show_on
from roles.documents import changes
from roles.forms.notices import NotificationForm
from roles.forms.part import PartForm
from roles.forms.settings import ActivationForm, AssignmentForm
from roles.models import Role
from roles.operations import settings
from roles.queries import lists, preview

manages_settings = permission_required(Power.SETTINGS_MANAGE, raise_exception=True)

TABS = (("activation", "Activation"), ("assignment", "Assignment"), ("notification", "Notification"))
FORMS: Mapping[str, type[PartForm]] = {
    "activation": ActivationForm,
    "assignment": AssignmentForm,
    "notification": NotificationForm,
}


def tab_of(request: PortalRequest) -> str:
    """The tab asked for; the first one where there is no such tab."""
    tab = request.GET.get("tab", "")
    return tab if tab in FORMS else TABS[0][0]


@require_http_methods(["GET", "HEAD", "POST"])
@manages_settings
def role_settings(request: PortalRequest, role_id: int) -> HttpResponse:
    """Edit one tab: check what it would mean, or save it."""
    found, tab = get_object_or_404(lists.roles_list(""), pk=role_id), tab_of(request)
    now, version = found.policy.settings(), found.policy.version
    form = FORMS[tab](request.POST or None, now=now, version=version)
    page = {"form": form, "role": found, "tab": tab, "tabs": TABS}
    wanted = form.wanted(now) if form.is_valid() else now
    if form.is_valid():
        try:
            if "check" not in request.POST:
                changed = settings.change(request.act, found, wanted, version=form.cleaned_data["version"])
                messages.success(request, _sentence(found, len(changed)))
                return redirect(f"{reverse('role', args=[found.pk])}?tab={tab}")
            refuse_if_any(settings.check(request.act, found, wanted))
            page["checked"] = True
        except Refused as refused:
            show_on(form, refused)
    page |= {"changes": changes(now, wanted), "wanted": wanted}
    page |= {"recipients": preview.recipients(wanted, request.act.at)} if tab == "notification" else {}
    page |= preview.approval(found, wanted, request.act.at) if tab == "activation" else {}
    return render(request, "roles/role_settings.html", page, status=400 if form.errors else 200)


def _sentence(found: Role, count: int) -> str:
    if not count:
        return "Nothing was changed: the settings were so already."
    return f"The settings of {found.name} are saved: {count} {'change' if count == 1 else 'changes'}."

"""Groups: for who manages people, and for who owns some."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.act import PortalRequest
from accounts.models import Group, User
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles.forms.groups import AddPersonForm, GroupForm
from roles.operations import departures
from roles.operations import groups as operations
from roles.queries import groups as queries

manages_people = permission_required(Power.PEOPLE_MANAGE, raise_exception=True)
manages_roles = permission_required(Power.ROLES_MANAGE, raise_exception=True)
View = Callable[..., HttpResponse]


def looks_after_groups(view: View) -> View:
    """Only for who manages people, or owns a group; which one, each page asks."""

    @wraps(view)
    def gate(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.get_all_permissions() & {Power.PEOPLE_MANAGE, Power.GROUPS_OWN}:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return gate


def _found(request: PortalRequest, group_id: int) -> Group:
    return get_object_or_404(queries.visible(request.user, request.act.at), pk=group_id)


@require_http_methods(["GET", "HEAD", "POST"])
@looks_after_groups
def groups(request: PortalRequest) -> HttpResponse:
    """Every group, and a form for a new one; for an owner, their own."""
    may_make = request.user.has_perm(Power.PEOPLE_MANAGE)
    if request.method == "POST" and not may_make:
        raise PermissionDenied
    form = GroupForm(request.POST or None)
    if form.is_valid():
        try:
            made = operations.make(request.act, **form.cleaned_data)
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{made.name} is made. Add its members now.")
            return redirect("group", made.pk)
    at = request.act.at
    found = queries.page_of(queries.visible(request.user, at), at, request.GET.get("page"))
    page = {"form": form, "page": found, "may_make": may_make}
    return render(request, "roles/groups.html", page, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@looks_after_groups
def group(request: PortalRequest, group_id: int) -> HttpResponse:
    """One group: who is in it, who owns it, what it holds; and a form to add somebody."""
    found = _found(request, group_id)
    manages = request.user.has_perm(Power.PEOPLE_MANAGE)
    form = AddPersonForm(request.POST or None, may_name_owners=manages)
    if form.is_valid():
        person, as_owner = form.person(), form.as_owner()
        try:
            (operations.add_owner if as_owner else operations.add_member)(request.act, found, person)
        except Refused as refused:
            show_on(form, refused)
        else:
            now = f"{person.name} is in {found.name}. What the group holds, they hold from now on."
            owns = f"{person.name} owns {found.name}, and says from now on who is in it."
            messages.success(request, owns if as_owner else now)
            return redirect("group", found.pk)
    page = {"form": form, "manages": manages, **_shown(request, found, manages=manages)}
    return render(request, "roles/group.html", page, status=400 if form.errors else 200)


def _shown(request: PortalRequest, found: Group, *, manages: bool) -> dict[str, Any]:
    at = request.act.at
    return {
        "group": found,
        "page": queries.added(found, request.GET.get("page")),
        "for_a_time": queries.for_a_time(found, at),
        "owners": found.owners.all(),
        "owners_by_role": queries.owners_by_role(found, at),
        "holdings": queries.holdings(found, at),
        "approves": queries.approves(found),
        "roles": queries.roles_of(found),
        "in_the_way": queries.keeps_from_deletion(found) if manages else [],
    }


def _do(request: PortalRequest, operation: Callable[[], object], sentence: str) -> None:
    try:
        operation()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, sentence)


@require_POST
@looks_after_groups
def remove_member(request: PortalRequest, group_id: int, user_id: int) -> HttpResponse:
    """Take somebody out of a group, and from what it holds."""
    found = _found(request, group_id)
    user = get_object_or_404(User, pk=user_id)
    sentence = f"{user.name} is no longer in {found.name}. What came through it has ended."
    _do(request, lambda: departures.leave_group(request.act, found, user), sentence)
    return redirect("group", found.pk)


@require_POST
@manages_people
def remove_owner(request: PortalRequest, group_id: int, user_id: int) -> HttpResponse:
    """Somebody no longer says who is in a group."""
    found = _found(request, group_id)
    user = get_object_or_404(User, pk=user_id)
    sentence = f"{user.name} no longer owns {found.name}."
    _do(request, lambda: operations.remove_owner(request.act, found, user), sentence)
    return redirect("group", found.pk)


@require_POST
@manages_people
def delete_group(request: PortalRequest, group_id: int) -> HttpResponse:
    """Take a group away."""
    found = _found(request, group_id)
    try:
        operations.delete(request.act, found)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("group", found.pk)
    messages.success(request, f"{found.name} is deleted.")
    return redirect("groups")


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def bring_under_roles(request: PortalRequest, group_id: int) -> HttpResponse:
    """Ask once more, for it cannot be undone; then give the group the roles Member and Owner."""
    found = get_object_or_404(Group, pk=group_id)
    if request.method == "POST":
        try:
            operations.bring_under_roles(request.act, found)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{found.name} is managed with roles. Make people eligible as its members now.")
        return redirect("group", found.pk)
    return render(request, "roles/bring_under_roles.html", {"group": found})

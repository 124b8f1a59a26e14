"""Groups, for administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries
from accounts.act import PortalRequest
from accounts.forms import GroupForm, MemberForm
from accounts.models import Group, User
from accounts.operations import groups as operations
from kernel.powers import Power
from kernel.refusal import Refused, show_on

manages_people = permission_required(Power.PEOPLE_MANAGE, raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_people
def groups(request: PortalRequest) -> HttpResponse:
    """Every group, and a form for a new one."""
    form = GroupForm(request.POST or None)
    if form.is_valid():
        try:
            made = operations.make(request.act, **form.cleaned_data)
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{made.name} is made. Add its members now.")
            return redirect("group", made.pk)
    page = {"form": form, "page": queries.groups(request.GET.get("page"))}
    return render(request, "accounts/groups.html", page, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_people
def group(request: PortalRequest, group_id: int) -> HttpResponse:
    """One group with its members, and a form to add one."""
    found = get_object_or_404(Group, pk=group_id)
    form = MemberForm(request.POST or None)
    if form.is_valid():
        try:
            user = form.person()
            operations.add(request.act, found, user)
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{user.name} is in {found.name}. What the group holds, they hold from now on.")
            return redirect("group", found.pk)
    page = {"form": form, "group": found, "members": found.members.all()}
    return render(request, "accounts/group.html", page, status=400 if form.errors else 200)


@require_POST
@manages_people
def remove_member(request: PortalRequest, group_id: int, user_id: int) -> HttpResponse:
    """Take somebody out of a group, and from what it holds."""
    found = get_object_or_404(Group, pk=group_id)
    user = get_object_or_404(User, pk=user_id)
    try:
        operations.remove(request.act, found, user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{user.name} is no longer in {found.name}. What came through it has ended.")
    return redirect("group", found.pk)

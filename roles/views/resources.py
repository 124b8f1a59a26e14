"""The tree of resources: shown, extended, rearranged."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.act import PortalRequest
from kernel.powers import Power
from kernel.refusal import Refused, show_on
from roles.forms.resources import TOP, AddResourceForm, PlacedForm, RenameForm
from roles.models import Assignment, Eligibility, Resource
from roles.operations import resources as operations
from roles.queries import resources as queries

reads_roles = permission_required(Power.ROLES_READ, raise_exception=True)
manages_roles = permission_required(Power.ROLES_MANAGE, raise_exception=True)
TABS = (("active", "Active here"), ("eligible", "Eligible here"))


@require_safe
@reads_roles
def resources(request: PortalRequest) -> HttpResponse:
    """Everything one can have a role on, as a tree."""
    return render(request, "roles/resources.html", {"rows": queries.rows(request.act.at)})


@require_safe
@reads_roles
def resource(request: PortalRequest, resource_id: int) -> HttpResponse:
    """One resource: where it is, its roles, what is below, and who holds what on it."""
    found = get_object_or_404(Resource.objects.select_related("group"), pk=resource_id)
    tree, at = queries.Tree(), request.act.at
    line = tree.line(found)
    tab = "eligible" if request.GET.get("tab") == "eligible" else "active"
    number = request.GET.get("page")
    eligible, active = Eligibility.objects.in_force(at), Assignment.objects.in_force(at)
    page = {
        "resource": found,
        "above": line[:0:-1],
        "below": [(one, min(depth, queries.DEEPEST)) for one, depth in tree.branch(found)],
        "roles": found.roles.order_by("retired_at", "name"),
        "page": queries.holding(eligible, line, number) if tab == "eligible" else queries.holding(active, line, number),
        "tabs": TABS,
        "tab": tab,
        "manages_people": request.user.has_perm(Power.PEOPLE_MANAGE),
        "in_the_way": queries.keeps_from_deletion(found) if request.user.has_perm(Power.ROLES_MANAGE) else [],
    }
    return render(request, "roles/resource.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def add_resource(request: PortalRequest) -> HttpResponse:
    """A new resource, below another one or at the top."""
    initial = {"parent": request.GET.get("below", TOP)}
    form = AddResourceForm(request.POST or None, tree=queries.Tree(), initial=initial)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            made = operations.add(request.act, name=typed["name"], kind=typed["kind"], parent=form.place())
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"{made.name} is added. Add its roles now.")
            return redirect("resource", made.pk)
    return render(request, "roles/add_resource.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def rename_resource(request: PortalRequest, resource_id: int) -> HttpResponse:
    """Another name for a resource."""
    found = get_object_or_404(Resource, pk=resource_id)
    form = RenameForm(request.POST or None, initial={"name": found.name})
    if form.is_valid():
        try:
            renamed = operations.rename(request.act, found, name=form.cleaned_data["name"])
        except Refused as refused:
            show_on(form, refused)
        else:
            messages.success(request, f"It is called {renamed.name} from now on.")
            return redirect("resource", found.pk)
    page = {"form": form, "resource": found}
    return render(request, "roles/rename_resource.html", page, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@manages_roles
def move_resource(request: PortalRequest, resource_id: int) -> HttpResponse:
    """Choose a new place, read what that changes, then move."""
    tree = queries.Tree()
    found = get_object_or_404(Resource, pk=resource_id)
    sent = request.POST if request.method == "POST" else request.GET if "parent" in request.GET else None
    form = PlacedForm(sent, tree=tree, moved=found, initial={"parent": found.parent_id or TOP})
    page: dict[str, object] = {"form": form, "resource": found}
    if form.is_valid():
        place = form.place()
        try:
            if request.method == "POST":
                operations.move(request.act, found, to=place)
                messages.success(request, f"{found.name} is now {f'below {place.name}' if place else 'at the top'}.")
                return redirect("resource", found.pk)
            page |= {"place": place, "consequence": queries.consequence(tree, found, place, request.act.at)}
            page["refusals"] = operations.may_move(request.act, tree, found, place)
        except Refused as refused:
            show_on(form, refused)
    return render(request, "roles/move_resource.html", page, status=400 if form.errors else 200)


@require_POST
@manages_roles
def delete_resource(request: PortalRequest, resource_id: int) -> HttpResponse:
    """Take an empty resource away."""
    found = get_object_or_404(Resource, pk=resource_id)
    try:
        operations.delete(request.act, found)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("resource", found.pk)
    messages.success(request, f"{found.name} is deleted.")
    return redirect("resources")

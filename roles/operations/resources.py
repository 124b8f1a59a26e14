"""The tree of resources: added, renamed, moved, deleted."""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles.events import ResourceAdded, ResourceDeleted, ResourceMoved, ResourceRenamed
from roles.log import about_resource
from roles.models import Resource
from roles.queries.access import lacks
from roles.queries.resources import Tree, keeps_from_deletion, left_behind

THE_TOP = "the top"


@transaction.atomic
def add(act: Act, *, name: str, kind: str, parent: Resource | None) -> Resource:
    """A new resource, without roles. What is granted above it holds here at once."""
    refuse_if_any(lacks(act, Power.ROLES_MANAGE), _kind(kind), _no_group(parent))
    try:
        with transaction.atomic():
            resource = Resource.objects.create(name=name.strip(), kind=kind, parent=parent)
    except IntegrityError as error:
        raise Refused(_taken(name)) from error
    record(act, ResourceAdded(below=parent.name if parent else THE_TOP), about=about_resource(resource))
    return resource


def _kind(kind: str) -> list[Refusal]:
    if kind != Resource.Kind.GROUP:
        return []
    return [Refusal("kind", "A group becomes a resource on its own page: Groups, then Manage with roles.", "kind")]


def _no_group(parent: Resource | None) -> list[Refusal]:
    if parent is None or parent.kind != Resource.Kind.GROUP:
        return []
    return [Refusal("parent", f"{parent} is a group. Nothing can be below it: choose another place.", "parent")]


def _taken(name: str) -> Refusal:
    return Refusal("taken", f"There is a resource called {name.strip()} already.", "name")


@transaction.atomic
def rename(act: Act, resource: Resource, *, name: str) -> Resource:
    """Call a resource otherwise. The history keeps the old name."""
    locked = Resource.objects.select_for_update().get(pk=resource.pk)
    is_group = locked.kind == Resource.Kind.GROUP
    refusals = [Refusal("group", "A group is not renamed: settings name it by its name.", "name")] if is_group else []
    refuse_if_any(lacks(act, Power.ROLES_MANAGE), refusals)
    old_name, locked.name = locked.name, name.strip()
    if locked.name == old_name:
        return locked
    try:
        with transaction.atomic():
            locked.save(update_fields=["name"])
    except IntegrityError as error:
        raise Refused(_taken(name)) from error
    record(act, ResourceRenamed(old_name=old_name), about=about_resource(locked))
    return locked


@transaction.atomic
def move(act: Act, resource: Resource, *, to: Resource | None) -> None:
    """Put a resource, with all below it, below another one or to the top. What is granted above it there holds here."""
    # The whole tree, in one order: of two moves that would make a circle together, the second sees the first.
    list(Resource.objects.select_for_update().order_by("pk"))
    tree = Tree()
    moved, parent = tree.all[resource.pk], tree.all[to.pk] if to else None
    refuse_if_any(lacks(act, Power.ROLES_MANAGE), may_move(act, tree, moved, parent))
    if moved.parent_id == (parent.pk if parent else None):
        return
    old_parent = tree.all[moved.parent_id].name if moved.parent_id else THE_TOP
    moved.parent = parent
    moved.save(update_fields=["parent"])
    event = ResourceMoved(old_parent=old_parent, new_parent=parent.name if parent else THE_TOP)
    record(act, event, about=about_resource(moved))


def may_move(act: Act, tree: Tree, moved: Resource, to: Resource | None) -> list[Refusal]:
    """Why a resource cannot be put there."""
    if to and moved in tree.line(to):
        sentence = f"{to} is {moved} itself, or below it. Nothing can be below itself: choose another place."
        return [Refusal("circle", sentence, "parent")]
    return [*_no_group(to), *left_behind(tree, moved, to, act.at)]


@transaction.atomic
def delete(act: Act, resource: Resource) -> None:
    """Take away a resource that is empty and on which nothing was ever held."""
    refuse_if_any(lacks(act, Power.ROLES_MANAGE))
    locked = Resource.objects.select_for_update().filter(pk=resource.pk).first()
    if locked is None:
        raise Refused(Refusal("gone", f"{resource} is deleted already."))
    refuse_if_any(keeps_from_deletion(locked))
    told = about_resource(locked)
    try:
        locked.delete()
    except ProtectedError as error:
        # Requests live on the floor above: the database knows of them.
        sentence = f"Somebody asked for a role on {resource}, so it stays: who asked for what must remain readable."
        raise Refused(Refusal("held", sentence)) from error
    record(act, ResourceDeleted(), about=told)

"""Roles of one's own: added, edited, retired, deleted. They never carry powers over the portal."""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles.events import RoleAdded, RoleDeleted, RoleEdited, RoleRetired
from roles.log import about_role
from roles.models import Assignment, Eligibility, Resource, Role, RolePolicy
from roles.operations.grants import take_away
from roles.queries.access import lacks
from roles.queries.resources import has_history
from roles.terms import DEFAULTS

RETIRED = Refusal("retired", "This role was retired. That cannot be undone: add another role instead.")
HAS_HISTORY = Refusal("history", "Something happened with this role, so it is retired, never deleted.")


@transaction.atomic
def add(act: Act, resource: Resource, *, name: str, description: str = "", is_privileged: bool = False) -> Role:
    """A new role on a resource, with default settings. Nobody holds it yet."""
    refuse_if_any(lacks(act, Power.ROLES_MANAGE))
    try:
        with transaction.atomic():
            role = Role.objects.create(
                resource=resource, name=name.strip(), description=description.strip(), is_privileged=is_privileged
            )
    except IntegrityError as error:
        raise Refused(_taken(name, resource)) from error
    policy = RolePolicy(role=role)
    policy.take(DEFAULTS)
    policy.save()
    record(act, RoleAdded(), about=about_role(role))
    return role


def _taken(name: str, resource: Resource) -> Refusal:
    return Refusal("taken", f"There is a role called {name.strip()} on {resource} already.", "name")


def not_ones_own(role: Role) -> list[Refusal]:
    """Built-in roles, and Member and Owner of a group, stay as they are."""
    if role.template_id:
        return [Refusal("built_in", f"{role} is a built-in role. It stays as it is; its settings can be changed.")]
    if role.membership:
        return [Refusal("membership", f"{role} belongs to the group. It stays as it is; its settings can be changed.")]
    return []


def _locked(role: Role) -> Role:
    """The role, read afresh, its settings locked as assigning locks them."""
    RolePolicy.objects.select_for_update().filter(role=role).first()
    found = Role.objects.select_related("resource").filter(pk=role.pk).first()
    if found is None:
        raise Refused(Refusal("gone", f"{role} is deleted already."))
    return found


@transaction.atomic
def edit(act: Act, role: Role, *, name: str, description: str, is_privileged: bool) -> Role:
    """Call or describe a role otherwise. Who holds it goes on holding it."""
    locked = _locked(role)
    refuse_if_any(lacks(act, Power.ROLES_MANAGE), not_ones_own(locked), [RETIRED] if locked.retired_at else [])
    wanted = {"name": name.strip(), "description": description.strip(), "is_privileged": is_privileged}
    changes = [
        {"what": what.replace("_", " "), "old": str(getattr(locked, what)), "new": str(value)}
        for what, value in wanted.items()
        if getattr(locked, what) != value
    ]
    if not changes:
        return locked
    for what, value in wanted.items():
        setattr(locked, what, value)
    try:
        with transaction.atomic():
            locked.save(update_fields=list(wanted))
    except IntegrityError as error:
        raise Refused(_taken(name, locked.resource)) from error
    record(act, RoleEdited(changes=changes), about=about_role(locked))
    return locked


@transaction.atomic
def retire(act: Act, role: Role, *, because: str) -> None:
    """Nobody can get or activate the role any more, and whoever has it loses it now. What was stays readable."""
    locked = _locked(role)
    unsaid = [] if because.strip() else [Refusal("because", "Say why you retire it.", "because")]
    refuse_if_any(lacks(act, Power.ROLES_MANAGE), not_ones_own(locked), [RETIRED] if locked.retired_at else [], unsaid)
    locked.retired_at = act.at
    locked.save(update_fields=["retired_at"])
    record(act, RoleRetired(because=because.strip()), about=about_role(locked))
    for model in (Eligibility, Assignment):
        # An eligibility takes with it what was activated from it; so what is left of those is read afterwards.
        standing = model.objects.not_over(act.at).filter(role=locked).order_by("pk")
        for grant in standing.select_for_update(of=("self",)).select_related("role", "scope", "user", "group"):
            take_away(act, grant, because=f"the role was retired: {because.strip()}")


@transaction.atomic
def delete(act: Act, role: Role) -> None:
    """Take away a role with which nothing ever happened."""
    locked = _locked(role)
    refuse_if_any(lacks(act, Power.ROLES_MANAGE), not_ones_own(locked), [HAS_HISTORY] if has_history(locked) else [])
    told = about_role(locked)
    try:
        locked.delete()
    except ProtectedError as error:
        raise Refused(HAS_HISTORY) from error
    record(act, RoleDeleted(), about=told)

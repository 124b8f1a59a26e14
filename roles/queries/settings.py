"""What the pages about settings show: versions, templates, what a template would change, two sides compared."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Group, User
from roles.documents import changes, lines
from roles.models import Resource, Role, SettingsTemplate, SettingsVersion
from roles.queries.lists import roles_list
from roles.terms import DEFAULTS, GROUP_DEFAULTS, ApproverKind, Named, Settings


def label(role: Role) -> str:
    """A role by a name nothing else has: with its resource, if that is not the directory."""
    if role.resource.kind == Resource.Kind.DIRECTORY:
        return role.name
    return f"{role.name} ({role.resource.name})"


def by_label(roles: Iterable[Role]) -> list[Role]:
    """In the order of their names, capital or not: databases do not agree on it."""
    return sorted(roles, key=lambda role: label(role).casefold())


def defaults_of(role: Role) -> Settings:
    """The settings a role comes with."""
    return GROUP_DEFAULTS if role.membership else DEFAULTS


# --- versions


@dataclass(frozen=True)
class VersionRow:
    """One version, and what was changed to make it; nothing for the one the role came with."""

    version: SettingsVersion
    changes: list[dict[str, str]]
    is_first: bool


def versions_of(role: Role) -> QuerySet[SettingsVersion]:
    """Every version of a role's settings, newest first."""
    return SettingsVersion.objects.filter(policy__role=role)


def version_rows(shown: Iterable[SettingsVersion]) -> list[VersionRow]:
    """Some versions of one role with no gap between them, newest first, each with what it changed."""
    newest_first = list(shown)
    if not newest_first:
        return []
    last = newest_first[-1]
    before = SettingsVersion.objects.filter(policy=last.policy_id, number__lt=last.number).first()
    earlier = [*newest_first[1:], before]
    return [
        VersionRow(one, changes(old.settings(), one.settings()) if old else [], old is None)
        for one, old in zip(newest_first, earlier, strict=True)
    ]


# --- templates


def templates_list() -> QuerySet[SettingsTemplate]:
    """Every template by name."""
    return SettingsTemplate.objects.select_related("changed_by")


@dataclass(frozen=True)
class PreviewRow:
    """What a template would change in one role."""

    role: Role
    label: str
    changes: list[dict[str, str]]


def roles_in_use(text: str) -> QuerySet[Role]:
    """Roles that can still be set, by name, with their settings."""
    return roles_list(text).filter(retired_at=None)


def roles_to_choose(text: str, chosen: set[str]) -> list[Role]:
    """Roles that fit a search, and those that were chosen before it."""
    roles = Role.objects.in_use().select_related("resource")
    kept = [int(said) for said in chosen if said.isdecimal() and said.isascii() and len(said) < 10]
    found = Q(name__icontains=text) | Q(resource__name__icontains=text) | Q(pk__in=kept)
    return by_label(roles.filter(found) if text else roles)


def preview(template: SettingsTemplate, roles: Iterable[Role]) -> list[PreviewRow]:
    """What the template would change in each of these roles, old and new in words."""
    wanted = template.settings()
    return [PreviewRow(role, label(role), changes(role.policy.settings(), wanted)) for role in by_label(roles)]


def unknown(settings: Settings) -> list[str]:
    """Sentences about those named in settings who are not here, at most two queries."""
    named = {one for stage in settings.approval.stages for one in stage.approvers} | set(settings.approval.escalation)
    emails, groups = _names(named, ApproverKind.USER), _names(named, ApproverKind.GROUP)
    here = set(User.objects.enabled().filter(email__in=emails).values_list("email", flat=True)) if emails else set()
    known = set(Group.objects.filter(name__in=groups).values_list("name", flat=True)) if groups else set()
    return [
        *(f"Nobody here has the email {email}." for email in sorted(emails - here)),
        *(f"No group here is called {name}." for name in sorted(groups - known)),
    ]


def _names(named: set[Named], kind: ApproverKind) -> set[str]:
    return {one.name for one in named if one.kind is kind}


# --- two sides compared


@dataclass(frozen=True)
class Side:
    """Settings to be compared with others, and what they are called."""

    name: str
    settings: Settings


@dataclass(frozen=True)
class ComparedRow:
    """One setting, on the left and on the right."""

    what: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        """Whether the two sides are set otherwise."""
        return self.left != self.right


def side(said: str) -> Side | None:
    """What is called so in an address: `defaults`, `group-defaults`, `role-7`, `template-7` or `version-7`."""
    if said == "defaults":
        return Side("Defaults of roles", DEFAULTS)
    if said == "group-defaults":
        return Side("Defaults of groups", GROUP_DEFAULTS)
    kind, _, number = said.partition("-")
    if not (number.isdecimal() and number.isascii() and len(number) < 10):
        return None
    return _stored_side(kind, int(number))


def _stored_side(kind: str, number: int) -> Side | None:
    if kind == "role" and (role := roles_list("").filter(pk=number).first()):
        return Side(label(role), role.policy.settings())
    if kind == "template" and (template := SettingsTemplate.objects.filter(pk=number).first()):
        return Side(f"Template {template.name}", template.settings())
    if kind == "version":
        versions = SettingsVersion.objects.select_related("policy__role__resource")
        if version := versions.filter(pk=number).first():
            return Side(f"{label(version.policy.role)}, version {version.number}", version.settings())
    return None


def sides() -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything that can be chosen to be compared, in groups, each as it stands in an address and in words."""
    defaults = [("defaults", "Defaults of roles"), ("group-defaults", "Defaults of groups")]
    templates = [(f"template-{one.pk}", one.name) for one in SettingsTemplate.objects.all()]
    roles = [(f"role-{role.pk}", label(role)) for role in by_label(Role.objects.select_related("resource"))]
    return [("Defaults", defaults), ("Templates", templates), ("Roles", roles)]


def compared(left: Settings, right: Settings) -> list[ComparedRow]:
    """Every setting of both sides, in words."""
    theirs = lines(right)
    return [ComparedRow(what, word, theirs[what]) for what, word in lines(left).items()]

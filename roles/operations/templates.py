"""Templates of settings: keep them under a name, apply them to many roles at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction

from accounts.act import Act
from audit.log import record
from kernel.powers import Power
from kernel.refusal import Refusal, Refused, refuse_if_any
from roles.documents import changes, settings_to
from roles.events import TemplateApplied, TemplateMade, TemplateRemoved, TemplateReplaced
from roles.models import Role, RolePolicy, SettingsTemplate
from roles.operations import settings
from roles.policy import assess_settings, assess_template
from roles.queries.access import lacks
from roles.queries.settings import label
from roles.terms import Settings

Changes = list[dict[str, str]]


@dataclass(frozen=True)
class Seen:
    """A template as somebody looked at it."""

    number: int
    version: int


@transaction.atomic
def save(
    act: Act, wanted: Settings, *, name: str, description: str = "", replaces: Seen | None = None
) -> SettingsTemplate:
    """Keep settings under a name; instead of a template of that name only by somebody who looked at it."""
    name, description = name.strip(), description.strip()
    known = SettingsTemplate.objects.select_for_update().filter(name__iexact=name).first()
    refuse_if_any(
        lacks(act, Power.SETTINGS_MANAGE),
        assess_template(name, description),
        assess_settings(wanted),
        _in_the_way(known, replaces),
    )
    template = known or SettingsTemplate(name=name, version=0)
    before = template.settings() if known else None
    template.description, template.document = description, settings_to(wanted)
    template.version += 1
    template.changed_at, template.changed_by = act.at, act.actor
    _write(template)
    if before:
        record(act, TemplateReplaced(template=template.name, changes=changes(before, wanted)))
    else:
        record(act, TemplateMade(template=template.name))
    return template


def _write(template: SettingsTemplate) -> None:
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        # Somebody else has made one of this name since we looked for it.
        raise Refused(_taken(template.name)) from error


def _in_the_way(known: SettingsTemplate | None, replaces: Seen | None) -> list[Refusal]:
    if known is None:
        return []
    if replaces is None or replaces.number != known.pk:
        return [_taken(known.name)]
    return _changed_meanwhile(known, replaces.version)


def _taken(name: str) -> Refusal:
    return Refusal("taken", f"There is a template called {name}. Replace it, or choose another name.", "name")


def _changed_meanwhile(template: SettingsTemplate, version: int) -> list[Refusal]:
    if template.version == version:
        return []
    editor = template.changed_by.name if template.changed_by else "The portal"
    sentence = f"{editor} changed the template {template.name} while you were looking at it. Look at it again."
    return [Refusal("template_version", sentence)]


@transaction.atomic
def remove(act: Act, template: SettingsTemplate, *, version: int) -> None:
    """Take a template away. The roles it was applied to keep their settings."""
    found = _locked(template)
    refuse_if_any(lacks(act, Power.SETTINGS_MANAGE), _changed_meanwhile(found, version))
    found.delete()
    record(act, TemplateRemoved(template=found.name, settings=found.document))


def _locked(template: SettingsTemplate) -> SettingsTemplate:
    found = SettingsTemplate.objects.select_for_update(of=("self",)).select_related("changed_by")
    known = found.filter(pk=template.pk).first()
    if known is None:
        raise Refused(Refusal("gone", f"The template {template.name} was removed meanwhile. Choose another one."))
    return known


@transaction.atomic
def apply(act: Act, template: SettingsTemplate, versions: Mapping[int, int], *, version: int) -> dict[Role, Changes]:
    """Set all these roles as the template says, or none of them.

    `versions` holds, by the number of the role, the version of its settings that was looked at; `version` is that of
    the template. Returns what changed in each role, old and new in words.
    """
    found = _locked(template)
    refuse_if_any(lacks(act, Power.SETTINGS_MANAGE), _changed_meanwhile(found, version), _none_chosen(versions))
    changed: dict[Role, Changes] = {}
    refusals: list[Refusal] = []
    for role in _locked_roles(versions):
        try:
            changed[role] = _apply(act, found, role, version=versions[role.pk])
        except Refused as refused:
            refusals += [_of_role(role, refusal) for refusal in refused.refusals]
    refuse_if_any(refusals)
    if names := sorted(label(role) for role in changed if changed[role]):
        record(act, TemplateApplied(template=found.name, roles=names))
    return changed


def _none_chosen(versions: Mapping[int, int]) -> list[Refusal]:
    return [] if versions else [Refusal("no_roles", "Choose at least one role.")]


def _locked_roles(versions: Mapping[int, int]) -> list[Role]:
    """The roles, their settings locked in one order, so that two who apply at once do not wait for each other."""
    policies = RolePolicy.objects.select_for_update(of=("self",)).filter(role__in=list(versions)).order_by("pk")
    return [policy.role for policy in policies.select_related("role__resource")]


def _apply(act: Act, template: SettingsTemplate, role: Role, *, version: int) -> Changes:
    if role.retired_at:
        raise Refused(Refusal("retired", "It is retired. Leave it out."))
    return settings.change(act, role, template.settings(), version=version, because=f"Template {template.name}")


def _of_role(role: Role, refusal: Refusal) -> Refusal:
    return replace(refusal, field=None, sentence=f"{label(role)}: {refusal.sentence}")

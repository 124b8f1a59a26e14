"""What is to be reviewed, roles or a group, beside how: as it is typed."""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q

from accounts.models import Group
from reviews.forms.plan import PlanForm
from roles.forms.fields import RoleChoices
from roles.models import Role

INCOMPLETE = "This page was sent incompletely. Open it again and send it once more."
ROLES = Role.objects.in_use().select_related("resource").order_by("-is_privileged", "name", "pk")
Subject = Role | Group


class GroupChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the groups, or none."""

    def clean(self, value: Any) -> Any:
        """A number too large for the database is nobody's."""
        try:
            return super().clean(value)
        except OverflowError as error:
            raise forms.ValidationError("Choose from those listed.") from error


class AddReviewForm(PlanForm):
    """And what it is about: roles, or a group."""

    roles = RoleChoices(ROLES, required=False)
    group = GroupChoice(
        Group.objects.all(),
        required=False,
        empty_label="No group: the roles ticked above",
        label="Or a group",
        help_text="Then its members are reviewed: those added, and those eligible or active for a time.",
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("form_key"):
            self.initial["form_key"] = uuid4()

    def show_only(self, text: str, chosen: list[str]) -> None:
        """Offer those roles whose name contains the text, and those that are ticked already."""
        ticked = [int(number) for number in chosen if number.isdecimal() and len(number) < 10]
        named = Q(name__icontains=text) | Q(resource__name__icontains=text)
        self.fields["roles"].queryset = ROLES.filter(named | Q(pk__in=ticked))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Roles, or a group, not both."""
        typed = super().clean()
        if "form_key" not in typed:
            self.add_error(None, INCOMPLETE)
        if "roles" in typed and "group" in typed:
            if typed["roles"] and typed["group"]:
                self.add_error("group", "Review roles or a group. For both, set up two reviews.")
            elif not typed["roles"] and not typed["group"]:
                self.add_error("roles", "Tick at least one role, or choose a group.")
        return typed

    def role_boxes(self) -> list[tuple[str, list[forms.boundfield.BoundWidget]]]:
        """The boxes in parts: those ticked already, then privileged roles, then the others."""
        parts: dict[str, list[forms.boundfield.BoundWidget]] = {"Ticked": [], "Privileged": [], "Others": []}
        for box in self["roles"]:
            others = "Privileged" if box.data["value"].instance.is_privileged else "Others"
            parts["Ticked" if box.data["selected"] else others].append(box)
        return [(title, boxes) for title, boxes in parts.items() if boxes]

    def subjects(self) -> list[Subject]:
        """What is to be reviewed."""
        group: Group | None = self.cleaned_data["group"]
        return [group] if group else list(self.cleaned_data["roles"])

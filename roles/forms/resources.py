"""Resources and roles of one's own, as they are typed."""

from typing import Any

from django import forms

from roles.models import Resource
from roles.queries.resources import Tree

TOP = "top"
KINDS = [choice for choice in Resource.Kind.choices if choice[0] != Resource.Kind.GROUP]


class PlaceField(forms.ChoiceField):
    """A place in the tree: below a resource, or at the top."""

    def __init__(self, **kwargs: Any) -> None:
        listed = {
            "invalid_choice": "Choose a place from those listed.",
            "required": "Choose a place from those listed.",
        }
        super().__init__(error_messages=listed, **kwargs)

    def offer(self, tree: Tree, moved: Resource | None = None) -> None:
        """The places where a new resource, or this one, can be."""
        places = [(str(one.pk), "\u2003" * (depth + 1) + one.name) for one, depth in tree.can_take(moved)]
        self.choices = [(TOP, "At the top"), *places]


class PlacedForm(forms.Form):
    """A form that asks for a place in the tree."""

    parent = PlaceField(label="Below")

    def __init__(self, *args: Any, tree: Tree, moved: Resource | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tree = tree
        field = self.fields["parent"]
        assert isinstance(field, PlaceField)  # noqa: S101
        field.offer(tree, moved)

    def place(self) -> Resource | None:
        """The resource chosen; None for the top."""
        chosen: str = self.cleaned_data["parent"]
        return None if chosen == TOP else self.tree.all[int(chosen)]


class AddResourceForm(PlacedForm):
    """A new resource."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=KINDS, initial=Resource.Kind.APPLICATION)
    field_order = ("name", "kind", "parent")


class RenameForm(forms.Form):
    """Another name."""

    name = forms.CharField(max_length=120)


class RoleForm(forms.Form):
    """A role of one's own. It gives nothing in the portal itself."""

    name = forms.CharField(max_length=120)
    description = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="What one can do with it."
    )
    is_privileged = forms.BooleanField(
        label="Privileged: marked in lists, for roles that could do great harm", required=False
    )


class RetireForm(forms.Form):
    """Why a role is no longer given."""

    because = forms.CharField(label="Reason", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

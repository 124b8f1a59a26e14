"""Of whom, of which role, and of which moment somebody wants to know who could do what."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import User
from audit.forms import MomentField
from roles.forms.fields import RoleChoice
from roles.models import Role
from roles.queries import principals


class PastForm(forms.Form):
    """A role or a person or both, and a moment that is past."""

    role = RoleChoice(
        Role.objects.select_related("resource"),
        required=False,
        empty_label="Every role",
        error_messages={"invalid_choice": "There is no such role. Choose from the list."},
    )
    person = forms.CharField(required=False, max_length=300, help_text="Email, or the whole name")
    moment = MomentField(error_messages={"required": "Choose a moment."})

    def __init__(self, data: QueryDict, *, at: datetime, zone: str) -> None:
        # Without a moment nothing is asked yet: a link may offer of whom.
        super().__init__(data if "moment" in data else None, initial=data.dict())
        self.at = at
        self.fields["moment"].help_text = f"In {zone}"

    def clean_person(self) -> User | None:
        """The one person meant."""
        said = self.cleaned_data["person"].strip()
        if not said:
            return None
        meant = principals.who([said])[said]
        if isinstance(meant, str):
            raise forms.ValidationError(meant)
        if not isinstance(meant, User):
            raise forms.ValidationError(f"{meant.name} is a group. Name a person, or choose a role.")
        return meant

    def clean_moment(self) -> datetime:
        """A moment that is past."""
        moment: datetime = self.cleaned_data["moment"]
        if moment > self.at:
            raise forms.ValidationError("That is still to come. Choose a moment in the past.")
        return moment

    def clean(self) -> dict[str, Any]:
        """At least one of the two."""
        chosen = self.cleaned_data
        if not self.errors and not chosen["role"] and not chosen["person"]:
            self.add_error("role", "Choose a role, name a person, or both.")
        return chosen

"""Groups and who is in them, as it is typed."""

from typing import Any

from django import forms

from accounts.models import User


class GroupForm(forms.Form):
    """A new group."""

    name = forms.CharField(max_length=120)
    description = forms.CharField(max_length=300, required=False)


class AddPersonForm(forms.Form):
    """Somebody to add to a group; as an owner, where one may name those."""

    MEMBER, OWNER = "member", "owner"

    email = forms.EmailField(label="Email of the person to add", max_length=254)
    place = forms.ChoiceField(
        label="As",
        required=False,
        widget=forms.RadioSelect,
        initial=MEMBER,
        choices=[
            (MEMBER, "Member: holds what the group holds"),
            (OWNER, "Owner: says who is in the group, and is not in it for that"),
        ],
    )

    def __init__(self, *args: Any, may_name_owners: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_name_owners:
            del self.fields["place"]

    def clean_email(self) -> str:
        """Somebody has to have it."""
        typed: str = self.cleaned_data["email"]
        if not User.objects.enabled().filter(email=typed.lower()).exists():
            raise forms.ValidationError("Nobody enabled has this email. Check it, or invite them first.")
        return typed

    def person(self) -> User:
        """Who has it."""
        return User.objects.get_by_natural_key(self.cleaned_data["email"])

    def as_owner(self) -> bool:
        """Whether they shall look after the group, rather than be in it."""
        return self.cleaned_data.get("place") == self.OWNER

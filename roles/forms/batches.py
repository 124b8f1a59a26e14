"""Who gets what, many at once, as it is typed."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Group, User
from roles.forms.fields import RoleChoices
from roles.forms.grants import KINDS, PeriodForm
from roles.models import Eligibility, Role
from roles.operations.batches import MOST_PAIRS
from roles.policy import GrantAsk, Kind
from roles.queries import principals
from roles.queries.giving import Wish


class BatchForm(PeriodForm):
    """Many people and groups, one period. What they get, each kind of batch says in `wishes`."""

    members = forms.CharField(
        label="People and groups",
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="One on each line: an email address, a full name, or the name of a group.",
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean_members(self) -> list[User | Group]:
        """Everybody named, each once."""
        said = list(dict.fromkeys(line.strip() for line in self.cleaned_data["members"].splitlines() if line.strip()))
        if len(said) > MOST_PAIRS:
            raise forms.ValidationError(f"Those are {len(said)} lines. Name at most {MOST_PAIRS}.")
        meant = principals.who(said).values()
        if errors := [one for one in meant if isinstance(one, str)]:
            raise forms.ValidationError(errors)
        return list({(type(one), one.pk): one for one in meant if not isinstance(one, str)}.values())

    def clean(self) -> dict[str, Any]:
        """No more at once than can be looked over."""
        typed = super().clean()
        if not self.errors and len(wishes := self.wishes()) > MOST_PAIRS:
            sentence = f"That is {len(wishes)} assignments. Assign at most {MOST_PAIRS} at once."
            self.add_error("members", sentence)
        return typed

    def wishes(self) -> list[Wish]:
        """What is to be given to whom, once everything typed is valid."""
        raise NotImplementedError

    @property
    def wanted(self) -> GrantAsk:
        """The period, and why."""
        return self.ask(self.at)


class AssignManyForm(BatchForm):
    """Many people and groups, and many roles."""

    roles = RoleChoices(
        Role.objects.in_use().select_related("resource", "policy"),
        error_messages={"required": "Tick at least one role."},
    )
    kind = forms.ChoiceField(
        label="Assignment type", widget=forms.RadioSelect, initial=Kind.ELIGIBLE.value, choices=KINDS
    )

    field_order = ("members", "roles", "kind", "start_at", "permanent", "end_at", "justification")

    def show_only(self, text: str, chosen: list[str]) -> None:
        """Offer those roles whose name contains the text, and those that are ticked already."""
        ticked = [int(number) for number in chosen if number.isdecimal() and len(number) < 10]
        named = Q(name__icontains=text) | Q(resource__name__icontains=text)
        found = Role.objects.in_use().select_related("resource").filter(named | Q(pk__in=ticked))
        self.fields["roles"].queryset = found  # type: ignore[attr-defined]

    def wishes(self) -> list[Wish]:
        """Each role for each of them, where the role belongs."""
        typed = self.cleaned_data
        kind = Kind(typed["kind"])
        return [
            Wish(role, member, role.resource, kind, self.wanted)
            for member in typed["members"]
            for role in typed["roles"]
        ]


class ColleagueForm(BatchForm):
    """The same that a colleague may activate, for others."""

    colleague = forms.EmailField(
        label="Same as this colleague",
        max_length=254,
        help_text="Their email address. What they are eligible for themselves now is given, not what groups give them.",
    )

    field_order = ("colleague", "members", "start_at", "permanent", "end_at", "justification")

    def clean_colleague(self) -> list[Eligibility]:
        """What the colleague may activate: each role and scope once."""
        email = self.cleaned_data["colleague"].lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            raise forms.ValidationError("Nobody has this email. Check how it is written.")
        theirs = Eligibility.objects.in_force(self.at).filter(user=user)
        named = theirs.select_related("role__policy", "role__resource", "scope").order_by("role__name", "pk")
        found = {(grant.role_id, grant.scope_id): grant for grant in named}
        if not found:
            raise forms.ValidationError(f"{user} is not eligible for anything, other than through groups.")
        return list(found.values())

    def wishes(self) -> list[Wish]:
        """Each of the colleague's eligibilities for each of them, in the period chosen."""
        typed = self.cleaned_data
        return [
            Wish(grant.role, member, grant.scope, Kind.ELIGIBLE, self.wanted)
            for member in typed["members"]
            for grant in typed["colleague"]
        ]

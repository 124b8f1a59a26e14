"""Which assignments somebody wants to see."""

from typing import Any

from django import forms

from roles.forms.fields import RoleChoice
from roles.models import Resource, Role
from roles.queries.assignments import SORTS, Filters

MEMBERS = (("", "People and groups"), ("person", "People"), ("group", "Groups"))
TIMES = (("", "Every period"), ("permanent", "Permanent"), ("bound", "Time-bound"))
HOW = (("", "Assigned and activated"), ("assigned", "Assigned"), ("activated", "Activated"))
DAYS = (("", "Any time"), ("7", "Within 7 days"), ("14", "Within 14 days"), ("30", "Within 30 days"))
ORDERS = (
    ("member", "Member, A to Z"),
    ("-member", "Member, Z to A"),
    ("role", "Role, A to Z"),
    ("-role", "Role, Z to A"),
    ("scope", "Scope, A to Z"),
    ("-scope", "Scope, Z to A"),
    ("start", "Start, earliest first"),
    ("-start", "Start, latest first"),
    ("end", "End, earliest first"),
    ("-end", "End, latest first"),
)


class GrantFilterForm(forms.Form):
    """Filters and order of the page of assignments."""

    q = forms.CharField(label="Person, group or role", required=False, max_length=200)
    role = RoleChoice(Role.objects.select_related("resource"), required=False, empty_label="Every role")
    scope = forms.ModelChoiceField(Resource.objects.all(), required=False, empty_label="Every scope")
    member = forms.ChoiceField(required=False, choices=MEMBERS)
    time = forms.ChoiceField(label="Period", required=False, choices=TIMES)
    how = forms.ChoiceField(label="How", required=False, choices=HOW)
    days = forms.ChoiceField(label="Ends", required=False, choices=DAYS)
    sort = forms.ChoiceField(label="Sorted by", required=False, choices=ORDERS)

    def __init__(self, data: Any, *, tab: str) -> None:
        sort = "-end" if tab == "expired" else "end"
        given = {name: data[name].replace("\x00", "") for name in self.base_fields if data.get(name)}
        super().__init__({"sort": sort, **given})
        if tab != "active":
            del self.fields["how"]
        if tab == "expired":
            del self.fields["time"], self.fields["days"]

    @property
    def narrows(self) -> bool:
        """Whether more than a text is looked for."""
        return any(self.data.get(name) for name in self.fields if name not in ("q", "sort"))

    def filters(self) -> Filters:
        """What was chosen, once the form is valid."""
        chosen = self.cleaned_data
        return Filters(
            text=chosen["q"],
            role=chosen["role"],
            scope=chosen["scope"],
            member=chosen["member"],
            time=chosen.get("time", ""),
            how=chosen.get("how", ""),
            days=int(chosen["days"]) if chosen.get("days") else None,
            sort=chosen["sort"],
        )

    def heads(self) -> list[tuple[str, str, str]]:
        """The heads of the table: label, the order a click on it gives, and the order as it is now."""
        now = self.data["sort"]
        labels = {"member": "Member", "role": "Role", "scope": "On", "start": "Start", "end": "End"}
        directions = {True: "descending", False: "ascending"}
        return [
            (
                labels[name],
                f"-{name}" if now == name else name,
                directions[now.startswith("-")] if now.removeprefix("-") == name else "",
            )
            for name in SORTS
        ]

"""Who reviews in a stage, changed."""

from typing import Any

from django import forms

from reviews.models import ReviewStage, StageReviewer
from reviews.operations.reviewers import Change
from reviews.queries.named import meant
from reviews.terms import Reviewers
from roles.forms.fields import KnownChoices, PrincipalsField
from roles.terms import MANAGER

HOW = "One on each line: an email, a full name, or a group’s name."
NO_NAME = "“manager” is a way to choose reviewers, not a name. Name people or groups."


class NamedField(PrincipalsField):
    """People and groups, but nobody's manager."""

    def clean(self, value: Any) -> Any:
        """Everybody meant, once."""
        named = super().clean(value)
        if MANAGER in named:
            raise forms.ValidationError(NO_NAME)
        return named


class NamedChoices(KnownChoices):
    """Some of those who are named, as boxes to tick."""

    def label_from_instance(self, obj: StageReviewer) -> str:
        """Who it is."""
        return f"{obj}, group" if obj.group_id else f"{obj}, {obj.user.email if obj.user else ''}"


class ReviewersForm(forms.Form):
    """Somebody to add, somebody to remove. Who was named by name can go; fallback reviewers stay."""

    add = NamedField(or_manager=False, label="Add reviewers", help_text=HOW)
    fall_back_on = NamedField(
        or_manager=False, label="Add fallback reviewers", help_text="They review what nobody else can. " + HOW
    )
    remove = NamedChoices(
        label="Remove",
        required=False,
        queryset=StageReviewer.objects.none(),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def __init__(self, data: Any, *, stage: ReviewStage) -> None:
        super().__init__(data)
        named = stage.named.filter(is_fallback=False).select_related("user", "group")
        if stage.reviewers != Reviewers.CHOSEN:
            del self.fields["add"]
        if stage.reviewers == Reviewers.CHOSEN and named:
            self.fields["remove"].queryset = named  # type: ignore[attr-defined]
        else:
            del self.fields["remove"]

    def wanted(self) -> Change:
        """What was asked for, once the form is valid."""
        chosen = self.cleaned_data
        gone = [one.user or one.group for one in chosen.get("remove", ())]
        return Change(meant(chosen.get("add", ())), meant(chosen["fall_back_on"]), [one for one in gone if one])

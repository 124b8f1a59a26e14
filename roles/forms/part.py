"""One tab of the settings of a role: a form that sets its part and leaves the rest as it stands."""

from abc import abstractmethod
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms

from roles.terms import Settings


def whole_number(label: str, least: int, most: int, sentence: str, **kwargs: Any) -> forms.IntegerField:
    """A number between two bounds; one sentence for whatever is wrong with it."""
    words = dict.fromkeys(("min_value", "max_value", "invalid"), sentence)
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=words, **kwargs)


def yes(label: str, help_text: str = "") -> forms.BooleanField:
    """A box to tick."""
    return forms.BooleanField(label=label, required=False, help_text=help_text)


class PartForm(forms.Form):
    """One tab of the settings of a role."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, now: Settings, version: int) -> None:
        super().__init__(data, initial={**self.initial_of(now), "version": version})
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(*self.parts(), "version")

    def clean(self) -> None:
        """A hidden field cannot show what is wrong with it."""
        if "version" not in self.cleaned_data:
            self.add_error(None, "This page was sent incompletely. Open it again and send it once more.")

    @abstractmethod
    def parts(self) -> list[Any]:
        """The fieldsets of the tab."""

    @abstractmethod
    def initial_of(self, now: Settings) -> dict[str, Any]:
        """The form as the settings stand."""

    @abstractmethod
    def wanted(self, now: Settings) -> Settings:
        """The settings as they stand, but as typed here."""
